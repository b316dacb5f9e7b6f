// Loads: differences between two readings of counters. A counter that a VM does not have (the network of a user-mode
// interface, say) gives no figure, not a zero.
import { readFile } from 'node:fs/promises';
import { performance } from 'node:perf_hooks';
import type { HostLoad, VmLoad } from '../../../src/lib/model/fleet.ts';
import { bytesPerSecond, kibToMib, millis, percent } from '../../../src/lib/model/units.ts';
import type { BytesPerSecond, Mib, Percent } from '../../../src/lib/model/units.ts';
import type { VmId } from '../../../src/lib/model/ids.ts';
import type { Stats } from '../driver.ts';
import type { Poll } from './domains.ts';
import { column, figure, stateOf } from './domstats.ts';
import type { Figures } from './domstats.ts';
import type { LibvirtHost } from './host.ts';
import { PROBE_NAME } from './probe.ts';

/** Counters at one instant; null where there is none. Times in nanoseconds, amounts in bytes. */
type Reading = {
  readonly at: number;
  readonly cpu: number | null;
  readonly diskRead: number | null;
  readonly diskWrite: number | null;
  readonly netReceive: number | null;
  readonly netTransmit: number | null;
};
type Pair = { readonly before: Reading | null; readonly now: Reading };
type HostReading = Reading & { readonly cpuAll: number | null; readonly memoryUsed: Mib | null };

/** The list has just asked for the same figures: those serve. */
const SHARED = 1_200;

export class Loads {
  readonly #host: LibvirtHost;
  #vms = new Map<VmId, Pair>();
  #last: HostReading | null = null;

  constructor(host: LibvirtHost) {
    this.#host = host;
  }

  async read(): Promise<Stats> {
    const [poll, now] = await Promise.all([
      this.#host.domains.poll(SHARED),
      this.#host.local ? local() : remote(this.#host)
    ]);
    const at = millis(Date.now());
    const readings = new Map<VmId, Pair>();
    const vms: VmLoad[] = [];
    for (const [id, name, figures] of running(poll)) {
      const reading = readingOf(poll.at, figures);
      const last = this.#vms.get(id) ?? null;
      // The same figures once more, for two callers in a row: measured from where the first measured.
      const before = last !== null && last.now.at === reading.at ? last.before : (last?.now ?? null);
      if (PROBE_NAME.test(name)) continue;
      readings.set(id, { before, now: reading });
      const vcpus = figure(figures, 'vcpu.current') ?? 1;
      vms.push({
        vm: id,
        at,
        cpu: share(before, reading, vcpus),
        memoryUsed: memoryUsed(figures),
        ...rates(before, reading)
      });
    }
    this.#vms = readings;
    const before = this.#last;
    this.#last = now;
    const host: HostLoad = { at, cpu: hostShare(before, now), memoryUsed: now.memoryUsed, ...rates(before, now) };
    return { host, vms };
  }
}

function* running(poll: Poll): Generator<[VmId, string, Figures]> {
  for (const [id, name] of poll.names) {
    const figures = poll.figures.get(name);
    const state = stateOf(figure(figures ?? null, 'state.state'), null);
    if (figures !== undefined && state !== 'off' && state !== 'crashed') yield [id, name, figures];
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

function rates(before: Reading | null, now: Reading): Record<Rate, BytesPerSecond | null> {
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
  if (before === null || before.cpu === null || now.cpu === null) return null;
  const all = (now.cpuAll ?? 0) - (before.cpuAll ?? 0);
  return all <= 0 ? null : percent((100 * (now.cpu - before.cpu)) / all);
}

/** What the guest uses, without what it could give up at once; null when its balloon driver does not say. */
function memoryUsed(figures: Figures): Mib | null {
  const available = figure(figures, 'balloon.available');
  const free = figure(figures, 'balloon.usable') ?? figure(figures, 'balloon.unused');
  return available === null || free === null ? null : kibToMib(Math.max(0, available - free));
}

/** This machine, from /proc: no process is started for it. */
async function local(): Promise<HostReading> {
  const [stat, meminfo, disks, nets] = await Promise.all(
    ['stat', 'meminfo', 'diskstats', 'net/dev'].map((name) => readFile(`/proc/${name}`, 'utf8').catch(() => ''))
  );
  const cpu = /^cpu +(.*)$/m
    .exec(stat ?? '')?.[1]
    ?.split(' ')
    .map(Number);
  // user nice system idle iowait irq softirq steal; guest time is part of user time.
  const all = cpu?.slice(0, 8).reduce((sum, value) => sum + value, 0) ?? null;
  const idle = cpu === undefined ? 0 : (cpu[3] ?? 0) + (cpu[4] ?? 0);
  const kib = (name: string): number | null => {
    const match = new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(meminfo ?? '');
    return match === null ? null : Number(match[1]);
  };
  const [total, available] = [kib('MemTotal'), kib('MemAvailable')];
  const disk = diskTotals(disks ?? '');
  const net = netTotals(nets ?? '');
  return {
    at: performance.timeOrigin + performance.now(),
    cpu: all === null ? null : all - idle,
    cpuAll: all,
    memoryUsed: total === null || available === null ? null : kibToMib(total - available),
    diskRead: disk?.[0] ?? null,
    diskWrite: disk?.[1] ?? null,
    netReceive: net?.[0] ?? null,
    netTransmit: net?.[1] ?? null
  };
}

/** Bytes read and written by whole physical disks; partitions, loops and mapped devices would count twice. */
export function diskTotals(text: string): readonly [number, number] | null {
  const disks = text.split('\n').flatMap((line) => {
    const fields = line.trim().split(/\s+/);
    const whole = /^(?:[shv]d[a-z]+|xvd[a-z]+|nvme\d+n\d+|mmcblk\d+)$/.test(fields[2] ?? '');
    return whole ? [[Number(fields[5]) * 512, Number(fields[9]) * 512] as const] : [];
  });
  return disks.length === 0 ? null : disks.reduce((sum, each) => [sum[0] + each[0], sum[1] + each[1]] as const);
}

/** Bytes received and sent by the machine's own interfaces, without those that lead to its VMs. */
export function netTotals(text: string): readonly [number, number] | null {
  const nics = text.split('\n').flatMap((line) => {
    const [name = '', rest = ''] = line.trim().split(/:\s*/, 2);
    const fields = rest.split(/\s+/).map(Number);
    const own = rest !== '' && !/^(?:lo$|vnet|tap|virbr|br|vif|veth|docker)/.test(name);
    return own ? [[fields[0] ?? 0, fields[8] ?? 0] as const] : [];
  });
  return nics.length === 0 ? null : nics.reduce((sum, each) => [sum[0] + each[0], sum[1] + each[1]] as const);
}

/** Another machine, through libvirt: what it does not tell is absent. */
async function remote(host: LibvirtHost): Promise<HostReading> {
  const [cpu = '', memory = ''] = await host.virsh.read(['nodecpustats', 'nodememstats']);
  const time = (name: string): number | null => {
    const match = new RegExp(`^${name}\\s*:\\s+(\\d+)`, 'm').exec(cpu);
    return match === null ? null : Number(match[1]);
  };
  const kib = (name: string): number | null => {
    const match = new RegExp(`^${name}\\s*:\\s+(\\d+) KiB`, 'm').exec(memory);
    return match === null ? null : Number(match[1]);
  };
  const [user, system, idle, wait] = [time('user'), time('system'), time('idle'), time('iowait')];
  const busy = user === null || system === null ? null : user + system;
  const [total, free] = [kib('total'), kib('free')];
  return {
    at: performance.timeOrigin + performance.now(),
    cpu: busy,
    cpuAll: busy === null || idle === null ? null : busy + idle + (wait ?? 0),
    memoryUsed:
      total === null || free === null ? null : kibToMib(total - free - (kib('buffers') ?? 0) - (kib('cached') ?? 0)),
    diskRead: null,
    diskWrite: null,
    netReceive: null,
    netTransmit: null
  };
}
