// The columns of a table of hosts: what each is called and sorts by.
import type { Host, HostLoad } from '#lib/model/fleet.ts';
import type { BytesPerSecond, Percent } from '#lib/model/units.ts';
import type { Messages } from '#lib/messages/messages.ts';
import { hostShare, type Metric } from '../topology/figures.ts';
import type { Column } from './columns.ts';

export const shareOf = (host: Host, metric: Metric): Percent | null =>
  host.link === 'online' ? hostShare(host, metric) : null;
const sum = (host: Host, a: keyof HostLoad, b: keyof HostLoad): BytesPerSecond | null => {
  const load = host.link === 'online' ? host.load : null;
  if (load === null || (load[a] === null && load[b] === null)) return null;
  return ((load[a] ?? 0) + (load[b] ?? 0)) as BytesPerSecond;
};
export const hostDiskOf = (host: Host): BytesPerSecond | null => sum(host, 'diskRead', 'diskWrite');
export const hostNetOf = (host: Host): BytesPerSecond | null => sum(host, 'netReceive', 'netTransmit');

export const hostColumns = ({ table: { column } }: Messages): readonly Column<Host>[] => [
  { id: 'name', label: column.name, key: (host) => host.name, width: 112, shown: 'always' },
  { id: 'state', label: column.link, key: (host) => host.link, width: 140, fresh: true, shown: 'wide' },
  { id: 'site', label: column.site, key: (host) => (host.site === '' ? null : host.site), width: 96, shown: 'always' },
  {
    id: 'kind',
    label: column.hypervisor,
    key: (host) => host.facts?.hypervisor ?? null,
    width: 188,
    shown: 'wide'
  },
  { id: 'cpu', label: column.cpu, key: (host) => shareOf(host, 'cpu'), width: 105, narrow: 56, shown: 'always' },
  { id: 'used', label: column.used, key: (host) => shareOf(host, 'memory'), width: 118, shown: 'wide' },
  { id: 'cpus', label: column.cpus, key: (host) => host.facts?.cpus ?? null, width: 68, number: true, shown: 'wide' },
  {
    id: 'memory',
    label: column.memory,
    key: (host) => host.facts?.memory ?? null,
    width: 88,
    number: true,
    shown: 'wide'
  },
  {
    id: 'vms',
    label: column.vms,
    key: (host) => (host.facts === null ? null : host.vms.size),
    width: 60,
    number: true,
    shown: 'wide'
  },
  { id: 'disk', label: column.disk, key: hostDiskOf, width: 88, number: true, shown: 'wide' },
  { id: 'net', label: column.net, key: hostNetOf, width: 95, number: true, shown: 'wide' },
  {
    id: 'version',
    label: column.version,
    key: (host) => host.facts?.hypervisorVersion ?? null,
    width: 150,
    shown: 'chosen'
  },
  { id: 'id', label: column.id, key: (host) => host.id, width: 150, shown: 'chosen' }
];
