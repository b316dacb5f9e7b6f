// The shares (0..100 %) that colour the map and fill the tables. Absent where nothing was measured: off, no link, no figure.
import { isInactive } from '#lib/model/fleet.ts';
import type { Host, HostLoad, Vm, VmLoad } from '#lib/model/fleet.ts';
import { bytesPerSecond, percent, type BytesPerSecond, type Mib, type Percent } from '#lib/model/units.ts';

export const METRICS = ['cpu', 'memory', 'disk', 'network'] as const;
export type Metric = (typeof METRICS)[number];
/** Figures that are rates. No host states what it could do at most, so 100 % is a reference: the same for all, and always. */
type RateMetric = 'disk' | 'network';
export const isRate = (metric: Metric): metric is RateMetric => metric === 'disk' || metric === 'network';

/** What 100 % stands for: a SATA disk read and written, and the busier direction of 1 Gbit/s. */
export const REFERENCE: Readonly<Record<RateMetric, BytesPerSecond>> = {
  disk: bytesPerSecond(200e6),
  network: bytesPerSecond(125e6)
};

const share = (part: number | null, whole: number): Percent | null =>
  part === null || whole <= 0 ? null : percent((part / whole) * 100);

/** Disk: read and written together. Network: the busier direction, as a link carries both at once. */
export function rate(load: HostLoad | VmLoad, metric: RateMetric): BytesPerSecond | null {
  const [a, b] = metric === 'disk' ? [load.diskRead, load.diskWrite] : [load.netReceive, load.netTransmit];
  if (a === null && b === null) return null;
  return bytesPerSecond(metric === 'disk' ? (a ?? 0) + (b ?? 0) : Math.max(a ?? 0, b ?? 0));
}

export const rateShare = (load: HostLoad | VmLoad, metric: RateMetric): Percent | null =>
  share(rate(load, metric), REFERENCE[metric]);

function shareOf(load: HostLoad | VmLoad, memory: Mib | null, metric: Metric): Percent | null {
  if (metric === 'cpu') return load.cpu;
  return metric === 'memory' ? share(load.memoryUsed, memory ?? 0) : rateShare(load, metric);
}

export const hostShare = (host: Host, metric: Metric): Percent | null =>
  host.load === null ? null : shareOf(host.load, host.facts?.memory ?? null, metric);

export function vmShare(host: Host, vm: Vm, metric: Metric): Percent | null {
  const load = host.vmLoads.get(vm.id);
  return !load || isInactive(vm) ? null : shareOf(load, vm.memory, metric);
}

/** Of several hosts together, each by its size; null when none of them has a figure. */
export function siteShare(hosts: readonly Host[], metric: 'cpu' | 'memory'): Percent | null {
  let part = 0;
  let whole = 0;
  for (const host of hosts) {
    const figure = hostShare(host, metric);
    if (figure === null || host.facts === null) continue;
    const size = metric === 'cpu' ? host.facts.cpus : host.facts.memory;
    part += (figure / 100) * size;
    whole += size;
  }
  return share(whole === 0 ? null : part, whole);
}

/** Memory promised to the VMs of a host that are not off. */
export const promised = (host: Host): number =>
  [...host.vms.values()].reduce((sum, vm) => sum + (isInactive(vm) ? 0 : vm.memory), 0);
