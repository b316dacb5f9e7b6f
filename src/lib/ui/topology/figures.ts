// The shares (0..100 %) that colour the map and fill the tables. Absent where nothing was measured: off, no link, no figure.
import type { Host, Vm } from '#lib/model/fleet.ts';
import { percent, type Percent } from '#lib/model/units.ts';

export const METRICS = ['cpu', 'memory'] as const;
export type Metric = (typeof METRICS)[number];
export const METRIC_WORD: Readonly<Record<Metric, string>> = { cpu: 'CPU', memory: 'Memory' };

const share = (part: number | null, whole: number): Percent | null =>
  part === null || whole <= 0 ? null : percent((part / whole) * 100);

export function hostShare(host: Host, metric: Metric): Percent | null {
  if (host.load === null) return null;
  return metric === 'cpu' ? host.load.cpu : share(host.load.memoryUsed, host.facts?.memory ?? 0);
}

export function vmShare(host: Host, vm: Vm, metric: Metric): Percent | null {
  const load = host.vmLoads.get(vm.id);
  if (!load || vm.state === 'off' || vm.state === 'crashed') return null;
  return metric === 'cpu' ? load.cpu : share(load.memoryUsed, vm.memory);
}

/** Of several hosts together, each by its size; null when none of them has a figure. */
export function siteShare(hosts: readonly Host[], metric: Metric): Percent | null {
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
  [...host.vms.values()].reduce((sum, vm) => sum + (vm.state === 'off' || vm.state === 'crashed' ? 0 : vm.memory), 0);
