// The tree as a flat list of visible rows: site, its hosts, their VMs. Pure, so that keys and filter are easy to reason about.
import type { Host, Vm } from '#lib/model/fleet.ts';
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

/** Above this many VMs, hosts start folded. */
export const MANY = 80;

export type TreeInput = {
  /** In the order they are shown. */
  readonly hosts: readonly Host[];
  /** What the operator folded or unfolded, by row key; absent: as usual. */
  readonly folds: ReadonlyMap<string, boolean>;
  /** Null: everything is shown; else only what matches, unfolded. */
  readonly keep: null | { readonly host: (host: Host) => boolean; readonly vm: (host: Host, vm: Vm) => boolean };
};

export const siteKey = (site: string): string => `site:${site}`;

const byName = (a: Vm, b: Vm): number => a.name.localeCompare(b.name, undefined, { numeric: true });

export function treeRows({ hosts, folds, keep }: TreeInput): TreeRow[] {
  const total = hosts.reduce((sum, host) => sum + host.vms.size, 0);
  const rows: TreeRow[] = [];
  const sites = [...new Set(hosts.map((host) => host.site))];
  for (const site of sites) {
    const members: TreeRow[] = [];
    let shown = 0;
    for (const host of hosts) {
      if (host.site !== site) continue;
      const vms = [...host.vms.values()].filter((vm) => keep === null || keep.vm(host, vm)).sort(byName);
      if (keep !== null && vms.length === 0 && !keep.host(host)) continue;
      shown += 1;
      const open = keep !== null || (folds.get(host.id) ?? total <= MANY);
      members.push({
        kind: 'host',
        key: host.id,
        level: 2,
        open: host.vms.size === 0 ? null : open,
        host,
        cpu: host.link === 'online' ? (host.load?.cpu ?? null) : null
      });
      if (open) for (const vm of vms) members.push({ kind: 'vm', key: vm.id, level: 3, open: null, host, vm });
    }
    if (shown === 0) continue;
    const open = keep !== null || (folds.get(siteKey(site)) ?? true);
    rows.push({ kind: 'site', key: siteKey(site), level: 1, open, site, hosts: shown });
    if (open) rows.push(...members);
  }
  return rows;
}
