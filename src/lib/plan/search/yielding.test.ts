import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { someColumns } from '../../../../tests/support/some-columns.ts';
import { CPU, HOST_ONLINE, HOST_SHARES, MEMORY, VM_MOVABLE, VM_RUNNING, WIDTH } from '../../plugin/columns.ts';
import type { Columns } from '../../plugin/columns.ts';
import { FleetView } from '../../plugin/fleet-view.ts';
import type { Proposal } from '../../plugin/scheduler.ts';
import { DEFAULT_WEIGHTS } from '../../plugin/weights.ts';
import { checkMoves, placementAfter } from '../check-moves.ts';
import { checkShares } from '../check-shares.ts';
import { costTerms, totalOf } from '../cost/terms.ts';
import { costAfter } from '../made/figures.ts';
import { withShares } from '../shares.ts';
import { aFleet } from '../testkit/index.ts';
import { search } from './plan-search.ts';
import { SharedPlans, yielding } from './yielding.ts';

const ABLE = HOST_ONLINE | HOST_SHARES;
const HOST = { room: [99, 1e6, 1e6, 8_000], safe: [99, 1e6, 1e6, 5_600], flags: ABLE };
const PINNED = VM_RUNNING;
/** Nothing but load and what is done about it. */
const WEIGHTS = { ...DEFAULT_WEIGHTS, balance: 0 };
const shares = (columns: Columns, weights = WEIGHTS) =>
  new SharedPlans(columns, weights, yielding(columns)).with([]).shares;
function proposed(columns: Columns, weights = WEIGHTS): Proposal[] {
  let now = 0;
  const intent = { kind: 'rebalance', place: [], leave: [], config: {}, budget: 100, seed: 1 } as const;
  const clock = { elapsed: () => now++, random: () => 0.5 };
  return [...search(new FleetView(columns), { ...intent, ...clock, weights })];
}
/** Busy VMs of four CPUs. */
const busy = (share: readonly number[], more: object = {}) => ({
  on: 0,
  needs: [4, 1, 0, Math.min(share[3]!, share[1]! * 10 || Infinity)],
  flags: PINNED,
  share,
  ...more
});

describe('VMs that yield', () => {
  it('are capped just enough where their host is too busy, and none whose tags do not say so', () => {
    const columns = someColumns([HOST], [busy([256, 0, 200, 4_000]), busy([256, 0, 0, 3_000])]);
    const [only, ...more] = shares(columns);
    expect([only, more]).toEqual([{ vm: 0, weight: 256, cap: 260 }, []]);
    expect(withShares(columns, [only!]).demand[CPU]).toBe(2_600);
  });

  it('keep at least what their tags leave them, and their weight', () => {
    const columns = someColumns([HOST], [busy([512, 0, 300, 4_000]), busy([256, 0, 0, 4_000])]);
    expect(shares(columns)).toEqual([{ vm: 0, weight: 512, cap: 300 }]);
  });

  it('are capped less, or no more, when there is room again', () => {
    const roomy = (other: number) => someColumns([HOST], [busy([256, 200, 200, 4_000]), busy([256, 0, 0, other])]);
    expect(shares(roomy(4_000))).toEqual([]);
    expect(shares(roomy(2_600))).toEqual([{ vm: 0, weight: 256, cap: 300 }]);
    expect(shares(roomy(1_000))).toEqual([{ vm: 0, weight: 256, cap: null }]);
  });

  it('stay as they are on a host that cannot change shares, and where a cap costs more than the load', () => {
    const vms = [busy([256, 0, 200, 4_000]), busy([256, 0, 0, 3_000])];
    expect(shares(someColumns([{ ...HOST, flags: HOST_ONLINE }], vms))).toEqual([]);
    expect(shares(someColumns([HOST], vms), { ...WEIGHTS, withheld: 101 })).toEqual([]);
  });

  it('are moved where that costs less than a cap, and capped where it costs more', () => {
    const vms = [busy([256, 0, 200, 4_000], { flags: VM_RUNNING | VM_MOVABLE }), busy([256, 0, 0, 3_000])];
    const columns = someColumns([HOST, HOST], vms);
    expect(proposed(columns).at(-1)).toEqual({ moves: [{ vm: 0, host: 1 }], shares: [] });
    expect(proposed(columns, { ...WEIGHTS, move: 12 }).at(-1)).toEqual({
      moves: [],
      shares: [{ vm: 0, weight: 256, cap: 260 }]
    });
  });

  it('that have a cap are moved to where they need none', () => {
    const vms = [busy([256, 200, 200, 4_000], { flags: VM_RUNNING | VM_MOVABLE }), busy([256, 0, 0, 3_500])];
    expect(proposed(someColumns([HOST, HOST], vms)).at(-1)).toEqual({
      moves: [{ vm: 0, host: 1 }],
      shares: [{ vm: 0, weight: 256, cap: null }]
    });
  });

  const fleets = fc.record({
    hosts: fc.integer({ min: 1, max: 6 }),
    vms: fc.integer({ min: 0, max: 40 }),
    full: fc.constantFrom(0.6, 0.98),
    rules: fc.integer({ min: 0, max: 2 }),
    yields: fc.constantFrom(0.2, 1),
    seed: fc.integer({ min: 0, max: 1e6 })
  });

  it('never make a placement dearer, whatever it is, and each share pays for itself', () => {
    fc.assert(
      fc.property(fleets, fc.infiniteStream(fc.nat()), (shape, where) => {
        const columns = aFleet(shape);
        const moves = Array.from({ length: columns.vms }, (_, vm) => ({
          vm,
          host: (where.next().value as number) % columns.hosts
        })).filter(({ vm }) => vm % 3 === 0);
        const placement = placementAfter(columns, moves);
        const { shares: found, cost } = new SharedPlans(columns, DEFAULT_WEIGHTS, yielding(columns)).with(moves);
        expect(checkShares(columns, moves, found)).toEqual([]);
        expect(cost).toBeCloseTo(costAfter(columns, DEFAULT_WEIGHTS, moves, new Map(), found), 6);
        expect(cost).toBeLessThanOrEqual(totalOf(costTerms(columns, DEFAULT_WEIGHTS, placement)) + 1e-6);
        for (const { vm } of found) {
          const others = found.filter((one) => one.vm !== vm);
          expect(cost).toBeLessThan(costAfter(columns, DEFAULT_WEIGHTS, moves, new Map(), others) + 1e-6);
        }
      })
    );
  });

  it('are in plans that the oracle lets be, each for less than the one before', () => {
    fc.assert(
      fc.property(fleets, (shape) => {
        const columns = aFleet(shape);
        let before = Infinity;
        for (const { moves, shares: found = [] } of proposed(columns, DEFAULT_WEIGHTS)) {
          expect(checkMoves(columns, moves)).toEqual([]);
          expect(checkShares(columns, moves, found)).toEqual([]);
          const cost = costAfter(columns, DEFAULT_WEIGHTS, moves, new Map(), found);
          expect(cost).toBeLessThan(before);
          before = cost;
        }
        expect(before).toBeLessThanOrEqual(costAfter(columns, DEFAULT_WEIGHTS, []) + 1e-6);
      }),
      // The example: its cheapest placements differ by the rounding of their sums alone.
      { numRuns: 15, examples: [[{ hosts: 5, vms: 3, full: 0.98, rules: 0, yields: 0.2, seed: 793_893 }]] }
    );
  });

  it('use what a cap leaves them and no more, and nothing else of the fleet changes', () => {
    const columns = someColumns([HOST], [busy([256, 0, 200, 3_000])]);
    const after = withShares(columns, [{ vm: 0, weight: 128, cap: 250 }]);
    expect([after.demand[CPU], after.demand[MEMORY]]).toEqual([2_500, 1]);
    expect([...after.share]).toEqual([128, 250, 200, 3_000]);
    expect(columns.demand[CPU]).toBe(3_000);
    expect(withShares(after, [{ vm: 0, weight: 256, cap: null }]).demand).toEqual(columns.demand);
    expect(after.demand).toHaveLength(WIDTH);
  });
});
