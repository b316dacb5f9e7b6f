// What is compared of plans for the same fleet, whoever made them.
import type { Columns } from '../../plugin/columns.ts';
import { MEMORY, VCPUS, VM_NEW, WIDTH } from '../../plugin/columns.ts';
import type { Move, Share } from '../../plugin/scheduler.ts';
import type { Weights } from '../../plugin/weights.ts';
import { placementAfter } from '../check-moves.ts';
import { LOADS, costTerms, totalOf } from '../cost/terms.ts';
import { differenceOf } from '../review/difference.ts';
import type { Difference } from '../review/difference.ts';
import { isStart } from '../steps/occupancy.ts';
import type { Before } from '../steps/occupancy.ts';
import { withShares } from '../shares.ts';
import { DEFAULT_ORDER, order } from '../steps/order.ts';
import type { Ordered } from '../steps/order.ts';

/** The host that is fuller than all others, of the resource that is fullest; `share`: of its capacity. */
export type Fullest = { readonly host: number; readonly resource: (typeof LOADS)[number][0]; readonly share: number };
export type Figures = {
  readonly difference: Difference;
  readonly ordered: Ordered;
  readonly cost: number;
  /** VMs that get another share of the CPUs. */
  readonly shares: number;
  readonly fullest: Fullest | null;
  /** New VMs for which there is no host. */
  readonly unplaced: number;
  /** VMs still on hosts that were to be emptied. */
  readonly staying: number;
};

/** What a plan changes beside moves: sizes before it, and the columns as they are then. */
export type Growth = { readonly before: Before; readonly was: Columns };

export function costAfter(
  columns: Columns,
  weights: Weights,
  moves: readonly Move[],
  before: Before = new Map(),
  shares: readonly Share[] = []
): number {
  const resizes = resourcesOf(columns, before) + shares.length;
  return totalOf(costTerms(withShares(columns, shares), weights, placementAfter(columns, moves), resizes));
}

/** @param leave hosts to be emptied. @param moves, shares that `checkMoves` and `checkShares` let be */
export function figuresOf(
  columns: Columns,
  weights: Weights,
  leave: readonly number[],
  moves: readonly Move[],
  { before, was }: Growth = { before: new Map(), was: columns },
  shares: readonly Share[] = []
): Figures {
  const resizes = resourcesOf(columns, before) + shares.length;
  const difference = differenceOf(withShares(columns, shares), weights, moves, resizes, was);
  const after = placementAfter(columns, moves);
  const count = (test: (vm: number) => boolean): number => after.reduce((sum, _, vm) => sum + (test(vm) ? 1 : 0), 0);
  return {
    difference,
    ordered: order(columns, moves, before, DEFAULT_ORDER, shares),
    shares: shares.length,
    cost: totalOf(difference.after),
    fullest: fullestOf(columns, difference),
    unplaced: count((vm) => after[vm]! < 0 && (columns.vmFlags[vm]! & VM_NEW) !== 0),
    staying: count((vm) => leave.includes(after[vm]!))
  };
}

function fullestOf({ hosts, capacity }: Columns, difference: Difference): Fullest | null {
  let found: Fullest | null = null;
  for (let host = 0; host < hosts; host++) {
    for (const [resource, r] of LOADS) {
      const most = capacity[host * WIDTH + r]!;
      const share = most === 0 ? 0 : difference.hosts[host]!.after[r]! / most;
      if (found === null || share > found.share) found = { host, resource, share };
    }
  }
  return found;
}

/** How many resources of running VMs are changed. */
function resourcesOf({ demand }: Columns, before: Before): number {
  const changed = (vm: number, r: number, was: number): number => (demand[vm * WIDTH + r] === was ? 0 : 1);
  return [...before]
    .filter(([, was]) => !isStart(was))
    .reduce((sum, [vm, { vcpus, memory }]) => sum + changed(vm, VCPUS, vcpus) + changed(vm, MEMORY, memory), 0);
}
