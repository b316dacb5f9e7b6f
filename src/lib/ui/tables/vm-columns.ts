// The columns of a table of VMs: what each is called and sorts by.
import type { Host, Vm, VmLoad } from '#lib/model/fleet.ts';
import type { BytesPerSecond } from '#lib/model/units.ts';
import type { Messages } from '#lib/messages/messages.ts';
import { vmShare } from '../topology/figures.ts';
import type { Column } from './columns.ts';

export type PlacedVm = { readonly host: Host; readonly vm: Vm };

const sum = (a: BytesPerSecond | null, b: BytesPerSecond | null): BytesPerSecond | null =>
  a === null && b === null ? null : (((a ?? 0) + (b ?? 0)) as BytesPerSecond);
const loadOf = ({ host, vm }: PlacedVm): VmLoad | null =>
  host.link === 'online' ? (host.vmLoads.get(vm.id) ?? null) : null;

export const cpuOf = ({ host, vm }: PlacedVm) => (host.link === 'online' ? vmShare(host, vm, 'cpu') : null);
export const diskOf = (row: PlacedVm): BytesPerSecond | null =>
  sum(loadOf(row)?.diskRead ?? null, loadOf(row)?.diskWrite ?? null);
export const netOf = (row: PlacedVm): BytesPerSecond | null =>
  sum(loadOf(row)?.netReceive ?? null, loadOf(row)?.netTransmit ?? null);
export const addressesOf = ({ vm }: PlacedVm): readonly string[] => vm.nics.flatMap(({ addresses }) => addresses);
/** Ms by the clock of its host, which `startedAt` is by too; only for a VM that has started. */
export const uptimeOf = ({ host, vm }: PlacedVm, now: number): number => now + host.clockAhead - (vm.startedAt ?? now);
const said = (text: string): string | null => (text === '' ? null : text);

/** @param withPlace false on a host's own page; `host`: without the site, on a site's */
export function vmColumns({ table: { column } }: Messages, withPlace: boolean | 'host'): readonly Column<PlacedVm>[] {
  const columns: readonly Column<PlacedVm>[] = [
    { id: 'name', label: column.name, key: ({ vm }) => vm.name, width: 128, narrow: 100, shown: 'always' },
    { id: 'state', label: column.state, key: ({ vm }) => vm.state, width: 92, shown: 'wide' },
    { id: 'host', label: column.host, key: ({ host }) => host.name, width: 180, narrow: 96, shown: 'always' },
    { id: 'site', label: column.site, key: ({ host }) => said(host.site), width: 96, shown: 'wide' },
    { id: 'cpu', label: column.cpu, key: cpuOf, width: 105, narrow: 56, shown: 'always' },
    { id: 'vcpus', label: column.vcpus, key: ({ vm }) => vm.vcpus, width: 70, number: true, shown: 'wide' },
    { id: 'memory', label: column.memory, key: ({ vm }) => vm.memory, width: 84, number: true, shown: 'wide' },
    { id: 'disk', label: column.disk, key: diskOf, width: 84, number: true, shown: 'wide' },
    { id: 'net', label: column.net, key: netOf, width: 88, number: true, shown: 'wide' },
    { id: 'address', label: column.address, key: (row) => addressesOf(row)[0] ?? null, width: 112, shown: 'wide' },
    { id: 'tags', label: column.tags, key: ({ vm }) => said(vm.tags.join(' ')), width: 82, shown: 'wide' },
    {
      id: 'uptime',
      label: column.uptime,
      // Started last, up the shortest.
      key: ({ host, vm }) => (vm.startedAt === null ? null : host.clockAhead - vm.startedAt),
      width: 100,
      number: true,
      shown: 'chosen'
    },
    { id: 'kind', label: column.kind, key: ({ vm }) => vm.kind, width: 70, shown: 'chosen' },
    {
      id: 'autostart',
      label: column.autostart,
      key: ({ vm: { autostart } }) => (autostart === null ? null : Number(autostart)),
      width: 90,
      shown: 'chosen'
    },
    { id: 'notes', label: column.notes, key: ({ vm }) => said(vm.description), width: 180, shown: 'chosen' },
    { id: 'id', label: column.id, key: ({ vm }) => vm.id, width: 290, shown: 'chosen' }
  ];
  return columns.filter(({ id }) => (id === 'site' ? withPlace === true : id !== 'host' || withPlace !== false));
}
