// What the layout of the map depends on, drawn out of the fleet: the very same object as before when nothing of it changed,
// so that a report of load does not lay out 20,000 VMs anew.
import type { Host, Vm } from '#lib/model/fleet.ts';
import type { HostId, VmId } from '#lib/model/ids.ts';
import { compareNames } from '#lib/model/names.ts';
import type { MapHost } from './layout.ts';

type Source = { readonly vms: ReadonlyMap<VmId, Vm>; readonly host: MapHost };
export type Structure = { readonly hosts: readonly MapHost[]; readonly sources: ReadonlyMap<HostId, Source> };

export const NO_STRUCTURE: Structure = { hosts: [], sources: new Map() };

/** `hosts` in the order they are to be read; VMs come in the order of their names. */
export function structureOf(hosts: readonly Host[], before: Structure): Structure {
  const sources = new Map(hosts.map((host) => [host.id, sourceOf(host, before.sources.get(host.id))]));
  const now = [...sources.values()].map(({ host }) => host);
  const same = now.length === before.hosts.length && now.every((host, at) => host === before.hosts[at]);
  return { hosts: same ? before.hosts : now, sources };
}

function sourceOf({ id, site, facts, vms }: Host, before: Source | undefined): Source {
  const memory = facts?.memory ?? null;
  const alike = before?.host.site === site && before.host.memory === memory;
  if (alike && before.vms === vms) return before;
  const sorted = [...vms.values()].sort((a, b) => compareNames(a.name, b.name));
  const own = sorted.map((vm) => ({ id: vm.id, memory: vm.memory }));
  const sameVms =
    alike &&
    own.length === before.host.vms.length &&
    own.every((vm, at) => vm.id === before.host.vms[at]?.id && vm.memory === before.host.vms[at].memory);
  return { vms, host: sameVms ? before.host : { id, site, memory, vms: own } };
}
