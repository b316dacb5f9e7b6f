// The tree as a flat list of visible rows: site, its hosts, their VMs. Pure, so that keys and filter are easy to reason about.
import type { Host, Vm } from '#lib/model/fleet.ts';
import type { VmId } from '#lib/model/ids.ts';
import type { Percent } from '#lib/model/units.ts';

export type TreeRow =
  | {
      readonly kind: 'site';
      readonly key: string;
      readonly level: 1;
      readonly open: boolean;
      readonly site: string;
      readonly hosts: number;
    }
  | {
      readonly kind: 'host';
      readonly key: string;
      readonly level: 2;
      readonly open: boolean | null;
      readonly host: Host;
      readonly cpu: Percent | null;
    }
  | {
      readonly kind: 'vm';
      readonly key: string;
      readonly level: 3;
      readonly open: null;
      readonly host: Host;
      readonly vm: Vm;
    };

/** Above this many VMs, hosts start folded; above this many hosts, sites. What is looked at is unfolded all the same. */
export const MANY = 80;
export const MANY_HOSTS = 100;

export type TreeInput = {
  /** In the order they are shown. */
  readonly hosts: readonly Host[];
  /** What the operator folded or unfolded, by row key; absent: as usual. */
  readonly folds: ReadonlyMap<string, boolean>;
  /** Null: everything is shown; else only what matches, unfolded. */
  readonly keep: null | { readonly host: (host: Host) => boolean; readonly vm: (host: Host, vm: Vm) => boolean };
  /** Key of the row whose view is shown. */
  readonly current?: string | null;
};

export const siteKey = (site: string): string => `site:${site}`;

const NUMERIC = new Intl.Collator(undefined, { numeric: true });
const byName = (a: Vm, b: Vm): number => NUMERIC.compare(a.name, b.name);

/** Costs what is shown: of a folded host no VM is looked at, unless there is a filter. */
export function treeRows({ hosts, folds, keep, current = null }: TreeInput): TreeRow[] {
  const total = hosts.reduce((sum, host) => sum + host.vms.size, 0);
  const rows: TreeRow[] = [];
  for (const [site, own] of Map.groupBy(hosts, (host) => host.site)) {
    const leads = (host: Host): boolean => current !== null && host.vms.has(current as VmId);
    const siteOpen =
      keep !== null ||
      (folds.get(siteKey(site)) ??
        (hosts.length <= MANY_HOSTS || own.some((host) => host.id === current || leads(host))));
    const members: TreeRow[] = [];
    let shown = 0;
    for (const host of own) {
      const kept = keep === null ? null : [...host.vms.values()].filter((vm) => keep.vm(host, vm));
      if (keep !== null && kept?.length === 0 && !keep.host(host)) continue;
      shown += 1;
      if (!siteOpen) continue;
      const open = keep !== null || (folds.get(host.id) ?? (total <= MANY || leads(host)));
      members.push({
        kind: 'host',
        key: host.id,
        level: 2,
        open: host.vms.size === 0 ? null : open,
        host,
        cpu: host.link === 'online' ? (host.load?.cpu ?? null) : null
      });
      if (!open) continue;
      const vms = (kept ?? [...host.vms.values()]).sort(byName);
      for (const vm of vms) members.push({ kind: 'vm', key: vm.id, level: 3, open: null, host, vm });
    }
    if (shown === 0) continue;
    rows.push({ kind: 'site', key: siteKey(site), level: 1, open: siteOpen, site, hosts: shown }, ...members);
  }
  return rows;
}
