// What a plan changes, before and after: of the whole, of each host and of each site. For the operator to read before anything runs.
import { RESOURCES, WIDTH } from '../../plugin/columns.ts';
import type { Columns } from '../../plugin/columns.ts';
import type { Move } from '../../plugin/scheduler.ts';
import type { Weights } from '../../plugin/weights.ts';
import { placementAfter } from '../check-moves.ts';
import { costTerms, Holdings, totalOf } from '../cost/terms.ts';
import type { Terms } from '../cost/terms.ts';

/** In use of each resource in the order of the columns, in their units. */
export type Usage = {
  readonly before: readonly number[];
  readonly after: readonly number[];
  readonly capacity: readonly number[];
};

export type Difference = {
  readonly before: Terms;
  readonly after: Terms;
  /** Points; what the plan saves, below 0 where it costs. */
  readonly gain: number;
  /** VMs that go from a host to another; without those that change nothing. */
  readonly moved: readonly Move[];
  /** New VMs that get a host. */
  readonly placed: readonly Move[];
  /** MiB that moves copy. */
  readonly mib: number;
  /** By index of the host. */
  readonly hosts: readonly (Usage & { readonly comes: number; readonly goes: number })[];
  /** By index of the site. */
  readonly sites: readonly Usage[];
  /** Hosts with a running VM. */
  readonly on: { readonly before: number; readonly after: number };
};

/**
 * @param moves that `checkMoves` lets be
 * @param resizes how many resources of VMs the plan changes in place, shares among them
 * @param was the columns as they are before the plan resizes and starts VMs, and gives them other shares
 */
export function differenceOf(
  columns: Columns,
  weights: Weights,
  moves: readonly Move[],
  resizes = 0,
  was = columns
): Difference {
  const placement = placementAfter(columns, moves);
  const [before, after] = [costTerms(was, weights, was.vmHost), costTerms(columns, weights, placement, resizes)];
  const changes = moves.filter(({ vm, host }) => columns.vmHost[vm] !== host);
  const moved = changes.filter(({ vm }) => columns.vmHost[vm]! >= 0);
  const [held, holds] = [new Holdings(was, was.vmHost), new Holdings(columns, placement)];
  const usageOf = (hosts: readonly number[]): Usage => {
    const sums = (rows: Float64Array): number[] =>
      RESOURCES.map((_, r) => hosts.reduce((sum, host) => sum + rows[host * WIDTH + r]!, 0));
    return { before: sums(held.used), after: sums(holds.used), capacity: sums(columns.capacity) };
  };
  const comes = new Int32Array(columns.hosts);
  const goes = new Int32Array(columns.hosts);
  for (const { vm, host } of changes) {
    comes[host]!++;
    if (columns.vmHost[vm]! >= 0) goes[columns.vmHost[vm]!]!++;
  }
  const hosts = Array.from({ length: columns.hosts }, (_, host) => host);
  const running = (counts: Int32Array): number => counts.reduce((on, count) => on + (count > 0 ? 1 : 0), 0);
  return {
    before,
    after,
    gain: totalOf(before) - totalOf(after),
    moved,
    placed: changes.filter(({ vm }) => columns.vmHost[vm]! < 0),
    mib: moved.reduce((sum, { vm }) => sum + columns.moveMib[vm]!, 0),
    hosts: hosts.map((host) => ({ ...usageOf([host]), comes: comes[host]!, goes: goes[host]! })),
    sites: columns.siteName.map((_, site) => usageOf(hosts.filter((host) => columns.hostSite[host] === site))),
    on: { before: running(held.running), after: running(holds.running) }
  };
}
