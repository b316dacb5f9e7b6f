// The tree as a flat list of visible rows: a group (site, hypervisor, tag), the hosts in it, their VMs; by tag the VMs stand
// in the group itself. Pure, so that keys and filter are easy to reason about.
import { HYPERVISORS, type Host, type Hypervisor, type Vm } from '#lib/model/fleet.ts';
import type { VmId } from '#lib/model/ids.ts';
import { compareNames } from '#lib/model/names.ts';
import type { Percent } from '#lib/model/units.ts';

export const GROUPINGS = ['site', 'hypervisor', 'tag'] as const;
export type Grouping = (typeof GROUPINGS)[number];

/** What a group stands for; null: what has none (no site yet, no tag, a hypervisor not heard of yet). */
export type Group =
  | { readonly by: 'site' | 'tag'; readonly name: string | null }
  | { readonly by: 'hypervisor'; readonly name: Hypervisor | null };

type Common = {
  /** Of this row alone: a VM of two tags has two rows. */
  readonly key: string;
  /** Of what is shown: a group's key, a host's or VM's id. */
  readonly id: string;
  readonly level: 1 | 2 | 3;
  /** Null: it holds nothing. */
  readonly open: boolean | null;
};
export type TreeRow = Common &
  (
    | { readonly kind: 'group'; readonly group: Group; readonly count: number }
    | { readonly kind: 'host'; readonly host: Host; readonly cpu: Percent | null }
    | { readonly kind: 'vm'; readonly host: Host; readonly vm: Vm }
  );

/** Above this many VMs, hosts and tags start folded, but for the host of what is looked at. */
export const MANY = 80;

export type TreeInput = {
  /** In the order they are shown. */
  readonly hosts: readonly Host[];
  readonly grouping: Grouping;
  /** What the operator folded or unfolded, by row key; absent: as usual. */
  readonly folds: ReadonlyMap<string, boolean>;
  /** Null: everything is shown; else only what matches, unfolded. */
  readonly keep: null | { readonly host: (host: Host) => boolean; readonly vm: (host: Host, vm: Vm) => boolean };
  /** Id of what is shown beside the tree. */
  readonly current?: string | null;
};

export const groupKey = ({ by, name }: Group): string => `${by}:${name ?? ''}`;
export const siteKey = (site: string): string => groupKey({ by: 'site', name: site === '' ? null : site });

const byName = (a: Vm, b: Vm): number => compareNames(a.name, b.name);
/** Names in the order people count; null last. */
const nullLast = (a: string | null, b: string | null): number =>
  a === null || b === null ? Number(a === null) - Number(b === null) : compareNames(a, b);

/** Costs what is shown: of a folded host no VM is looked at, unless there is a filter. */
export function treeRows(input: TreeInput): TreeRow[] {
  const many = input.hosts.reduce((sum, host) => sum + host.vms.size, 0) > MANY;
  return input.grouping === 'tag' ? byTag(input, many) : byPlace(input, input.grouping, many);
}

function byPlace(
  { hosts, folds, keep, current = null }: TreeInput,
  by: 'site' | 'hypervisor',
  many: boolean
): TreeRow[] {
  const groups = new Map<string | null, { group: Group; hosts: Host[] }>();
  const add = (group: Group, host: Host): void => {
    const members = groups.get(group.name);
    if (members) members.hosts.push(host);
    else groups.set(group.name, { group, hosts: [host] });
  };
  for (const host of hosts) {
    if (by === 'site') add({ by, name: host.site === '' ? null : host.site }, host);
    else add({ by, name: host.facts?.hypervisor ?? null }, host);
  }
  const order = [...groups.values()];
  if (by === 'hypervisor') {
    const place = ({ group }: { group: Group }): number =>
      HYPERVISORS.findIndex((hypervisor) => hypervisor === group.name) +
      (group.name === null ? HYPERVISORS.length + 1 : 0);
    order.sort((a, b) => place(a) - place(b));
  }
  return order.flatMap(({ group, hosts: members }) => {
    const key = groupKey(group);
    const open = keep !== null || (folds.get(key) ?? true);
    let count = 0;
    const rows: TreeRow[] = [];
    for (const host of members) {
      const kept = keep === null ? null : [...host.vms.values()].filter((vm) => keep.vm(host, vm));
      if (kept?.length === 0 && keep?.host(host) === false) continue;
      count += 1;
      if (!open) continue;
      const unfolded = keep !== null || (folds.get(host.id) ?? (!many || host.vms.has(current as VmId)));
      rows.push(hostRow(host, host.vms.size === 0 ? null : unfolded));
      if (!unfolded) continue;
      const vms = kept ?? [...host.vms.values()];
      for (const vm of vms.sort(byName))
        rows.push({ kind: 'vm', key: `${host.id}/${vm.id}`, id: vm.id, level: 3, open: null, host, vm });
    }
    return count === 0 ? [] : [{ kind: 'group', key, id: key, level: 1, open, group, count }, ...rows];
  });
}

const hostRows = new WeakMap<Host, TreeRow>();

/** The very same row while the host is the same: of a thousand, those that changed are drawn again. */
function hostRow(host: Host, open: boolean | null): TreeRow {
  const before = hostRows.get(host);
  if (before?.open === open) return before;
  const cpu = host.link === 'online' ? (host.load?.cpu ?? null) : null;
  const row: TreeRow = { kind: 'host', key: host.id, id: host.id, level: 2, open, host, cpu };
  hostRows.set(host, row);
  return row;
}

function byTag({ hosts, folds, keep }: TreeInput, many: boolean): TreeRow[] {
  const groups = new Map<string | null, { host: Host; vm: Vm }[]>();
  for (const host of hosts) {
    for (const vm of host.vms.values()) {
      if (keep !== null && !keep.vm(host, vm)) continue;
      const tags = vm.tags;
      for (const tag of tags.length === 0 ? [null] : tags) {
        const members = groups.get(tag);
        if (members) members.push({ host, vm });
        else groups.set(tag, [{ host, vm }]);
      }
    }
  }
  return [...groups]
    .sort(([a], [b]) => nullLast(a, b))
    .flatMap(([name, members]) => {
      const group: Group = { by: 'tag', name };
      const key = groupKey(group);
      const open = keep !== null || (folds.get(key) ?? !many);
      const rows = open
        ? members
            .sort((a, b) => byName(a.vm, b.vm))
            .map(({ host, vm }): TreeRow => ({
              kind: 'vm',
              key: `${key}/${host.id}/${vm.id}`,
              id: vm.id,
              level: 2,
              open: null,
              host,
              vm
            }))
        : [];
      return [{ kind: 'group' as const, key, id: key, level: 1 as const, open, group, count: members.length }, ...rows];
    });
}
