// What the rebalance loop sees of a fleet: what the placement costs, how unevenly hosts are used, and what a plan would save. Pure.
import { costTerms, Holdings, totalOf } from '../cost/terms.ts';
import { withShares } from '../shares.ts';
import { differenceOf } from '../review/difference.ts';
import { CPU, HOST_MAINTENANCE, HOST_ONLINE, MEMORY, WIDTH } from '../../plugin/columns.ts';
import type { Columns } from '../../plugin/columns.ts';
import type { Move, Share } from '../../plugin/scheduler.ts';
import type { Weights } from '../../plugin/weights.ts';
import { SharedPlans, yielding } from '../search/yielding.ts';
import type { Proposal } from './decide.ts';

/** Between the host that is used most and the one used least, in percent of a host. */
export type Spread = { readonly cpu: number; readonly memory: number };

export const costNow = (columns: Columns, weights: Weights): number =>
  totalOf(costTerms(columns, weights, columns.vmHost));

/**
 * What the loop is alarmed by: the cost, and what shares of the CPUs alone would save. Caps that could be taken back cost no more than
 * when they were needed, and would never be looked at.
 */
export function imbalanceNow(columns: Columns, weights: Weights): number {
  const cost = costNow(columns, weights);
  const vms = yielding(columns);
  return vms.length === 0 ? cost : 2 * cost - new SharedPlans(columns, weights, vms).with([]).cost;
}

/** Hosts that VMs can move between, by index. */
export const openHosts = ({ hostFlags }: Columns): readonly number[] =>
  [...hostFlags.keys()].filter((host) => (hostFlags[host]! & (HOST_ONLINE | HOST_MAINTENANCE)) === HOST_ONLINE);

export function spreadOf(columns: Columns): Spread {
  const { used } = new Holdings(columns, columns.vmHost);
  const hosts = openHosts(columns);
  const between = (resource: number): number => {
    const shares = hosts.flatMap((host) => {
      const of = columns.capacity[host * WIDTH + resource]!;
      return of === 0 ? [] : [used[host * WIDTH + resource]! / of];
    });
    return shares.length === 0 ? 0 : Math.round(100 * (Math.max(...shares) - Math.min(...shares)));
  };
  return { cpu: between(CPU), memory: between(MEMORY) };
}

/** @param moves, shares that `checkMoves` and `checkShares` let be */
export function proposalOf(
  columns: Columns,
  weights: Weights,
  moves: readonly Move[],
  shares: readonly Share[] = []
): Proposal {
  const { after, gain, moved } = differenceOf(withShares(columns, shares), weights, moves, shares.length, columns);
  const costs = after.move + after.copy + after.disturbance + after.resize;
  return { moves: moved.length, shares: shares.length, saves: gain + costs, costs };
}
