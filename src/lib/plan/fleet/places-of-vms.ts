// Where each VM of the problem may be: by its mask, by what hosts take VMs at all, and by the VMs it has to be near.
import type { Rule } from '../../plugin/columns.ts';
import type { FleetView } from '../../plugin/fleet-view.ts';
import type { Problem } from '../problem.ts';

/** Where each VM may be, and which are not asked. */
export function places(
  { columns, placedOn }: FleetView,
  vms: Int32Array,
  open: Uint8Array,
  movable: Uint8Array
): Pick<Problem, 'mask' | 'masks' | 'fixed'> {
  const { hosts, vmMask, masks, hostSite } = columns;
  const [near, together] = [siteOfNear(columns.rules, placedOn, hostSite), togetherOf(columns.rules)];
  const rows: Uint8Array[] = [anywhere(hosts)];
  const known = new Map<string, number>();
  const fixed = new Uint8Array(vms.length);
  const mask = Int32Array.from(vms, (vm, index) => {
    if (movable[vm] !== 1 || together.has(vm)) {
      fixed[index] = 1;
      return 0;
    }
    const site = near.get(vm) ?? -1;
    const key = `${vmMask[vm]!} ${site}`;
    let row = known.get(key);
    if (row === undefined) {
      row = rows.length;
      known.set(key, row);
      const suits = (host: number): boolean => masks[vmMask[vm]! * hosts + host] === 1;
      rows.push(
        Uint8Array.from({ length: hosts + 1 }, (_, host) =>
          host < hosts && open[host] === 1 && suits(host) && (site < 0 || hostSite[host] === site) ? 1 : 0
        )
      );
    }
    return row;
  });
  const all = new Uint8Array(rows.length * (hosts + 1));
  for (const [row, one] of rows.entries()) all.set(one, row * (hosts + 1));
  return { mask, masks: all, fixed };
}

function anywhere(hosts: number): Uint8Array {
  const row = new Uint8Array(hosts + 1).fill(1);
  row[hosts] = 0;
  return row;
}

/** VMs that have to be at one site stay at the one where they are: a move alone cannot take them elsewhere. */
function siteOfNear(rules: readonly Rule[], placedOn: Int32Array, hostSite: Int32Array): ReadonlyMap<number, number> {
  const site = new Map<number, number>();
  for (const { kind, vms } of rules) {
    if (kind !== 'near') continue;
    for (const vm of vms) if (placedOn[vm]! >= 0) site.set(vm, hostSite[placedOn[vm]!]!);
  }
  return site;
}

/** VMs that have to be on one host: the search moves one at a time, and so leaves them. */
const togetherOf = (rules: readonly Rule[]): ReadonlySet<number> =>
  new Set(rules.flatMap(({ kind, vms }) => (kind === 'together' ? [...vms] : [])));
