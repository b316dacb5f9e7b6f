// What the rebalance loop sees of a fleet: what the placement costs, how unevenly hosts are used, and what a plan would save. Pure.
import { costTerms, Holdings, totalOf } from '../cost/terms.ts';
import { differenceOf } from '../review/difference.ts';
import { CPU, HOST_MAINTENANCE, HOST_ONLINE, MEMORY, WIDTH } from '../../plugin/columns.ts';
import type { Columns } from '../../plugin/columns.ts';
import type { Move } from '../../plugin/scheduler.ts';
import type { Weights } from '../../plugin/weights.ts';
import type { Proposal } from './decide.ts';

/** Between the host that is used most and the one used least, in percent of a host. */
export type Spread = { readonly cpu: number; readonly memory: number };

export const costNow = (columns: Columns, weights: Weights): number =>
  totalOf(costTerms(columns, weights, columns.vmHost));

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

/** @param moves that `checkMoves` lets be */
export function proposalOf(columns: Columns, weights: Weights, moves: readonly Move[]): Proposal {
  const { after, gain, moved } = differenceOf(columns, weights, moves);
  const costs = after.move + after.copy + after.disturbance;
  return { moves: moved.length, saves: gain + costs, costs };
}
