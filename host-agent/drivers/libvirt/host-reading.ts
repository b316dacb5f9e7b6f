// What a host as a whole has used up: its own /proc, libvirt's node statistics, or on Xen the sum of its domains.
import { readFile } from 'node:fs/promises';
import { performance } from 'node:perf_hooks';
import { kibToMib } from '../../../src/lib/model/units.ts';
import type { Mib } from '../../../src/lib/model/units.ts';
import type { Counters } from './counters.ts';
import { figure } from './domstats.ts';
import type { LibvirtHost } from './host.ts';
import { parseFreecell } from './host-memory.ts';
import { parseNodeinfo } from './nodeinfo.ts';
import type { XlDomain } from './xl.ts';

/** Counters at one instant; null where there is none. Times in nanoseconds, amounts in bytes. */
export type Reading = {
  readonly at: number;
  readonly cpu: number | null;
  readonly diskRead: number | null;
  readonly diskWrite: number | null;
  readonly netReceive: number | null;
  readonly netTransmit: number | null;
};

export type HostReading = Omit<Reading, 'cpu'> & {
  /** CPU time used, in any unit, by whoever is counted apart: on Xen each domain, else the host under the one key `host`. */
  readonly busy: ReadonlyMap<string, number>;
  /** CPU time there was to use, in the same unit; null when unknown. */
  readonly all: number | null;
  readonly memoryUsed: Mib | null;
};

const NO_DEVICES = { diskRead: null, diskWrite: null, netReceive: null, netTransmit: null } as const;

/**
 * A Xen host. libvirt has no node statistics there: the CPU is what its domains use, domain 0 among them, and those
 * of `xl` as far as they are known; the memory is what no domain has. Disks and network are those of domain 0,
 * known where the agent runs in it.
 */
export async function ofXen(
  host: LibvirtHost,
  { at, vms, zero }: Counters,
  past: readonly XlDomain[]
): Promise<HostReading> {
  const [[nodeinfo = '', freecell = ''], devices] = await Promise.all([
    host.virsh.read(['nodeinfo', 'freecell']),
    host.local ? ownDevices() : NO_DEVICES
  ]);
  const { cpus, memory } = parseNodeinfo(nodeinfo);
  const free = parseFreecell(freecell);
  const busy = new Map<string, number>(zero === null ? [] : [['zero', zero]]);
  for (const [id, figures] of vms) {
    const time = figure(figures, 'cpu.time');
    if (time !== null) busy.set(id, time);
  }
  // Looked at seldom: since then each has gone on as it did before.
  for (const { id, run, cpuTime, rate, at: seen } of past) {
    if (rate !== null) busy.set(`${id}/${run}`, cpuTime + rate * Math.max(0, at - seen));
  }
  return {
    at,
    busy,
    // Without domain 0's it would say that a busy host is idle.
    all: cpus === null || zero === null ? null : at * 1e6 * cpus,
    memoryUsed: memory === null || free === null ? null : kibToMib(Math.max(0, memory - free)),
    ...devices
  };
}

/** This machine, from /proc: no process is started for it. */
export async function local(): Promise<HostReading> {
  const [stat, meminfo, devices] = await Promise.all([proc('stat'), proc('meminfo'), ownDevices()]);
  const cpu = /^cpu +(.*)$/m.exec(stat)?.[1]?.split(' ').map(Number);
  // user nice system idle iowait irq softirq steal; guest time is part of user time.
  const all = cpu?.slice(0, 8).reduce((sum, value) => sum + value, 0) ?? null;
  const idle = cpu === undefined ? 0 : (cpu[3] ?? 0) + (cpu[4] ?? 0);
  const kib = (name: string): number | null => {
    const match = new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(meminfo);
    return match === null ? null : Number(match[1]);
  };
  const [total, available] = [kib('MemTotal'), kib('MemAvailable')];
  return {
    at: performance.timeOrigin + performance.now(),
    busy: all === null ? NOBODY : new Map([['host', all - idle]]),
    all,
    memoryUsed: total === null || available === null ? null : kibToMib(total - available),
    ...devices
  };
}

const NOBODY: ReadonlyMap<string, number> = new Map();
const proc = (name: string): Promise<string> => readFile(`/proc/${name}`, 'utf8').catch(() => '');

/** Disks and network of this machine. */
async function ownDevices(): Promise<Pick<Reading, keyof typeof NO_DEVICES>> {
  const [disks, nets] = await Promise.all([proc('diskstats'), proc('net/dev')]);
  const [disk, net] = [diskTotals(disks), netTotals(nets)];
  return {
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
export async function remote(host: LibvirtHost): Promise<HostReading> {
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
    busy: busy === null ? NOBODY : new Map([['host', busy]]),
    all: busy === null || idle === null ? null : busy + idle + (wait ?? 0),
    memoryUsed:
      total === null || free === null ? null : kibToMib(total - free - (kib('buffers') ?? 0) - (kib('cached') ?? 0)),
    ...NO_DEVICES
  };
}
