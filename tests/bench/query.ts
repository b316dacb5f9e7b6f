// What filtering 20,000 VMs costs: the query language, against the filter that came before it (every word of the query in
// the joined words of the VM, joined anew for every VM). Both search the same fleet in turns.
import type { Host, Vm } from '../../src/lib/model/fleet.ts';
import { bytesPerSecond, millis, percent } from '../../src/lib/model/units.ts';
import { compileQuery } from '../../src/lib/query/compile.ts';
import { aHost } from '../support/a-fleet.ts';
import { aVm } from '../support/fake-host.ts';
import { rounded, series, verdict } from './report.ts';
import type { Result } from './report.ts';

const HOSTS = 1000;
const PER_HOST = 20;
const ROUNDS = 60;
const WORDS = 'web north';
const FIELDS = 'site:north state:running cpu>80 tag:db name~web';

export function query(): Promise<Result> {
  const fleet = Array.from({ length: HOSTS }, (_, n) => someHost(n));
  const rows = fleet.flatMap((host) => [...host.vms.values()].map((vm) => ({ host, vm })));
  const times = { words: [] as number[], fields: [] as number[], first: [] as number[], naive: [] as number[] };
  const hits = { words: 0, fields: 0, naive: 0 };
  const timed = (into: number[], filter: () => number): number => {
    const began = performance.now();
    const found = filter();
    into.push(performance.now() - began);
    return found;
  };
  const by = (text: string) => () => {
    const { vm } = compileQuery(text, () => 0);
    return rows.filter((row) => vm(row.host, row.vm)).length;
  };
  // The first search after a whole new fleet has come in makes the words.
  timed(times.first, by(WORDS));
  for (let round = 0; round < ROUNDS; round++) {
    hits.words = timed(times.words, by(WORDS));
    hits.naive = timed(times.naive, () => rows.filter((row) => naive(WORDS, row.host, row.vm)).length);
    hits.fields = timed(times.fields, by(FIELDS));
  }
  if (hits.words !== hits.naive || hits.words === 0 || hits.fields === 0) throw new Error(JSON.stringify(hits));
  const words = series(`“${WORDS}”`, 'ms', times.words);
  const fields = series(`“${FIELDS}”`, 'ms', times.fields);
  const before = series(`“${WORDS}”, the filter before`, 'ms', times.naive);
  return Promise.resolve({
    figures: [
      words,
      fields,
      before,
      { name: 'the first search of a new fleet', unit: 'ms', value: rounded(times.first[0] ?? NaN) }
    ],
    verdicts: [
      verdict('words, p50', words.p50, 'ms', { atMost: 30 }),
      verdict('fields, p50', fields.p50, 'ms', { atMost: 30 }),
      verdict('words / the filter before, p50', words.p50 / before.p50, 'x', { atMost: 1 })
    ],
    notes: [`${rows.length} VMs on ${HOSTS} hosts; ${hits.words} and ${hits.fields} found`]
  });
}

function someHost(n: number): Host {
  const vms = Array.from({ length: PER_HOST }, (_, m) => {
    const vm = aVm(n * PER_HOST + m, {
      name: `${m % 3 === 0 ? 'web' : 'db'}-${n}-${m}`,
      description: 'a note of some length'
    });
    return Object.assign(vm, { tags: m % 2 === 0 ? ['db', 'gold'] : [] });
  });
  const loads = vms.map((vm, m) => ({
    vm: vm.id,
    at: millis(0),
    cpu: percent((n * 7 + m * 13) % 101),
    memoryUsed: null,
    diskRead: bytesPerSecond(m),
    diskWrite: null,
    netReceive: null,
    netTransmit: null
  }));
  const vmLoads = new Map(loads.map((load) => [load.vm, load]));
  return aHost(`host-${n}`, vms, { site: n % 2 === 0 ? 'north' : 'south', vmLoads });
}

function naive(text: string, host: Host, vm: Vm): boolean {
  const words = text.toLowerCase().split(/\s+/);
  const own = [vm.name, vm.id, vm.state, vm.description, host.name, host.id, host.site];
  const facts = [host.facts?.accelerator ?? '', host.facts?.hypervisor ?? ''];
  const all = [...own, ...facts, ...vm.nics.flatMap((nic) => nic.addresses)].join('\n').toLowerCase();
  return words.every((word) => all.includes(word));
}
