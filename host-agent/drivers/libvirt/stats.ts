// Loads: differences between two readings of counters. A counter that a VM does not have (the network of a user-mode
// interface, say) gives no figure, not a zero.
import type { VmLoad } from '../../../src/lib/model/fleet.ts';
import { bytesPerSecond, kibToMib, millis, percent } from '../../../src/lib/model/units.ts';
import type { BytesPerSecond, Mib, Percent } from '../../../src/lib/model/units.ts';
import type { VmId } from '../../../src/lib/model/ids.ts';
import type { Stats } from '../driver.ts';
import { CounterReader } from './counters.ts';
import { column, figure, stateOf } from './domstats.ts';
import type { Figures } from './domstats.ts';
import type { LibvirtHost } from './host.ts';
import { local, ofXen, remote } from './host-reading.ts';
import type { HostReading, Reading } from './host-reading.ts';
import type { Poll } from './poll.ts';
import { PROBE_NAME } from './probe.ts';
import type { XlDomain } from './xl.ts';

type Pair = { readonly before: Reading | null; readonly now: Reading };

/** The list has just asked for the same figures: those serve. */
const SHARED = 1_200;

/** The counters of one round, whatever they were asked with. */
type Round = {
  readonly at: number;
  readonly running: Iterable<readonly [VmId, Figures]>;
  readonly host: HostReading;
  /** Domains past libvirt. */
  readonly past: readonly XlDomain[];
};

export class Loads {
  readonly #host: LibvirtHost;
  readonly #counters: CounterReader;
  #vms = new Map<VmId, Pair>();
  #last: { readonly before: HostReading | null; readonly now: HostReading } | null = null;

  constructor(host: LibvirtHost) {
    this.#host = host;
    this.#counters = new CounterReader(host);
  }

  async read(): Promise<Stats> {
    const round = this.#host.xen ? await this.#ofXen() : await this.#ofDomstats();
    const at = millis(Date.now());
    const readings = new Map<VmId, Pair>();
    const vms: VmLoad[] = [];
    for (const [id, figures] of round.running) {
      const now = readingOf(round.at, figures);
      const last = this.#vms.get(id) ?? null;
      // The same figures once more, for two callers in a row: measured from where the first measured.
      const before = last !== null && last.now.at === now.at ? last.before : (last?.now ?? null);
      readings.set(id, { before, now });
      const vcpus = figure(figures, 'vcpu.current') ?? 1;
      vms.push({ vm: id, at, cpu: share(before, now, vcpus), memoryUsed: memoryUsed(figures), ...rates(before, now) });
    }
    this.#vms = readings;
    vms.push(...round.past.map((domain) => ({ ...loadOf(domain), at })));
    const last = this.#last;
    const now = round.host;
    const before = last !== null && last.now.at === now.at ? last.before : (last?.now ?? null);
    this.#last = { before, now };
    return { host: { at, cpu: hostShare(before, now), memoryUsed: now.memoryUsed, ...rates(before, now) }, vms };
  }

  async #ofDomstats(): Promise<Round> {
    const [poll, host] = await Promise.all([
      this.#host.domains.poll(SHARED),
      this.#host.local ? local() : remote(this.#host)
    ]);
    return { at: poll.at, running: running(poll), host, past: [] };
  }

  async #ofXen(): Promise<Round> {
    const counters = await this.#counters.read();
    const past = [...(await this.#host.pastLibvirt()).values()];
    const last = this.#last?.now ?? null;
    const host = last !== null && last.at === counters.at ? last : await ofXen(this.#host, counters, past);
    return { at: counters.at, running: counters.vms, host, past };
  }
}

/** What xl tells of it: its CPU time. */
function loadOf({ id, rate, vcpus }: XlDomain): Omit<VmLoad, 'at'> {
  const nothing = { memoryUsed: null, diskRead: null, diskWrite: null, netReceive: null, netTransmit: null };
  return { vm: id, cpu: rate === null ? null : percent((100 * rate) / (1e6 * Math.max(1, vcpus))), ...nothing };
}

function* running(poll: Poll): Generator<[VmId, Figures]> {
  for (const [id, name] of poll.names) {
    const figures = poll.figures.get(name);
    const state = stateOf(figure(figures ?? null, 'state.state'), null);
    const is = state !== 'off' && state !== 'crashed' && !PROBE_NAME.test(name);
    if (figures !== undefined && is) yield [id, figures];
  }
}

function readingOf(at: number, figures: Figures): Reading {
  const sum = (group: 'block' | 'net', name: string): number | null => {
    const known = column(figures, group, name).flatMap((value) => (value === null ? [] : Number(value)));
    return known.length === 0 ? null : known.reduce((total, value) => total + value, 0);
  };
  return {
    at,
    cpu: figure(figures, 'cpu.time'),
    diskRead: sum('block', 'rd.bytes'),
    diskWrite: sum('block', 'wr.bytes'),
    netReceive: sum('net', 'rx.bytes'),
    netTransmit: sum('net', 'tx.bytes')
  };
}

type Rate = 'diskRead' | 'diskWrite' | 'netReceive' | 'netTransmit';
type Devices = Pick<Reading, Rate | 'at'>;

function rates(before: Devices | null, now: Devices): Record<Rate, BytesPerSecond | null> {
  const rate = (name: Rate): BytesPerSecond | null => {
    const [from, to] = [before?.[name] ?? null, now[name]];
    const seconds = before === null ? 0 : (now.at - before.at) / 1000;
    return from === null || to === null || seconds <= 0 ? null : bytesPerSecond((to - from) / seconds);
  };
  return {
    diskRead: rate('diskRead'),
    diskWrite: rate('diskWrite'),
    netReceive: rate('netReceive'),
    netTransmit: rate('netTransmit')
  };
}

function share(before: Reading | null, now: Reading, vcpus: number): Percent | null {
  if (before === null || before.cpu === null || now.cpu === null || now.at <= before.at) return null;
  return percent((100 * (now.cpu - before.cpu)) / ((now.at - before.at) * 1e6 * Math.max(1, vcpus)));
}

function hostShare(before: HostReading | null, now: HostReading): Percent | null {
  if (before === null) return null;
  const total = (reading: HostReading, of: ReadonlySet<string>): number =>
    [...reading.busy].reduce((sum, [key, busy]) => sum + (of.has(key) ? busy : 0), 0);
  // Of a domain that came or went meanwhile it is not known when.
  const both = new Set([...now.busy.keys()].filter((key) => before.busy.has(key)));
  const all = (now.all ?? 0) - (before.all ?? 0);
  return all <= 0 || both.size === 0 ? null : percent((100 * (total(now, both) - total(before, both))) / all);
}

/** What the guest uses, without what it could give up at once; null when its balloon driver does not say. */
function memoryUsed(figures: Figures): Mib | null {
  const available = figure(figures, 'balloon.available');
  const free = figure(figures, 'balloon.usable') ?? figure(figures, 'balloon.unused');
  return available === null || free === null ? null : kibToMib(Math.max(0, available - free));
}
