import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyColumns } from '../../../../tests/support/any-columns.ts';
import { someColumns } from '../../../../tests/support/some-columns.ts';
import { HOST_MAINTENANCE, HOST_ONLINE, MEMORY, VM_MOVABLE, VM_NEW, WIDTH } from '../../plugin/columns.ts';
import type { Columns } from '../../plugin/columns.ts';
import { FleetView } from '../../plugin/fleet-view.ts';
import type { Intent, Proposal } from '../../plugin/scheduler.ts';
import { DEFAULT_WEIGHTS } from '../../plugin/weights.ts';
import { checkMoves, placementAfter } from '../check-moves.ts';
import { check } from '../check.ts';
import { costTerms, totalOf } from '../cost/terms.ts';
import { evaluate } from '../evaluate.ts';
import type { Problem } from '../problem.ts';
import { search } from '../search/plan-search.ts';
import { problemOf } from './problem-of-columns.ts';

const KINDS = ['place', 'rebalance', 'evacuate'] as const;
/** A clock that goes on a millisecond with each look at it. */
const intentOf = (columns: Columns, kind: Intent['kind'], leave: readonly number[] = [], budget = 40): Intent => {
  let now = 0;
  return {
    kind,
    place: Array.from(columns.vmFlags.keys()).filter(
      (vm) => (columns.vmFlags[vm]! & VM_NEW) !== 0 && columns.vmHost[vm]! < 0
    ),
    leave,
    weights: { ...DEFAULT_WEIGHTS, power: 3 },
    config: {},
    budget,
    elapsed: () => now++,
    random: () => 0.5,
    seed: 7
  };
};
/** A VM is new, or it is on a host: never both, never neither. And what is new may be moved. */
const sane = (columns: Columns): Columns => ({
  ...columns,
  vmFlags: columns.vmFlags.map((flags, vm) => (columns.vmHost[vm]! < 0 ? VM_NEW | VM_MOVABLE : flags & ~VM_NEW))
});
/** Memory that is given out beyond what there is counts as room for the search, and so in its balance; else costs can be compared. */
const nothingIsOver = ({ hosts, capacity, base }: Columns, problem: Problem): boolean =>
  Array.from({ length: hosts }, (_, host) => host * WIDTH + MEMORY).every(
    (at) => capacity[at]! - base[at]! === problem.capacity[at]!
  );
const cases = fc.record({
  columns: anyColumns({ hosts: 5, vms: 9 }).map(sane),
  kind: fc.constantFrom(...KINDS),
  leave: fc.uniqueArray(fc.nat(4), { maxLength: 2 })
});

describe('a fleet as a problem', () => {
  it('begins with an assignment that keeps every rule, of the search and of the oracle', () => {
    fc.assert(
      fc.property(cases, ({ columns, kind, leave }) => {
        const intent = intentOf(
          columns,
          kind,
          leave.filter((host) => host < columns.hosts)
        );
        const { problem, from } = problemOf(new FleetView(columns), intent);
        expect(check(problem, from)).toEqual([]);
        const [first] = search(new FleetView(columns), intent);
        expect(checkMoves(columns, first?.moves ?? [])).toEqual([]);
      })
    );
  });

  it('costs what the terms say: both see the same difference between two placements', () => {
    fc.assert(
      fc.property(cases, ({ columns, kind }) => {
        // Whose group is disturbed most, the search counts otherwise where VMs are new or rules broken.
        const plain = intentOf(columns, kind);
        const intent = { ...plain, weights: { ...plain.weights, disturbance: 0 } };
        const { problem, from, vms } = problemOf(new FleetView(columns), intent);
        fc.pre(nothingIsOver(columns, problem));
        const terms = (moves: Proposal['moves']): number =>
          totalOf(costTerms(columns, intent.weights, placementAfter(columns, moves)));
        const proposals = [...search(new FleetView(columns), intent)];
        const [first, last] = [proposals[0]!, proposals.at(-1)!];
        const to = from.slice();
        const at = placementAfter(columns, last.moves);
        for (const [index, vm] of vms.entries()) to[index] = at[vm]!;
        expect(evaluate(problem, to).total - evaluate(problem, from).total).toBeCloseTo(
          terms(last.moves) - terms(first.moves),
          6
        );
      })
    );
  });

  it('proposes only what the oracle lets be, each for less than the one before', () => {
    fc.assert(
      fc.property(cases, ({ columns, kind, leave }) => {
        const intent = intentOf(
          columns,
          kind,
          leave.filter((host) => host < columns.hosts),
          400
        );
        const { problem } = problemOf(new FleetView(columns), intent);
        const comparable = columns.rules.length === 0 && nothingIsOver(columns, problem);
        let before = Infinity;
        for (const { moves } of search(new FleetView(columns), intent)) {
          expect(checkMoves(columns, moves)).toEqual([]);
          const cost = totalOf(costTerms(columns, intent.weights, placementAfter(columns, moves)));
          if (comparable) expect(cost).toBeLessThanOrEqual(before + 1e-6);
          before = cost;
        }
      })
    );
  });

  it('empties hosts in maintenance and those to be left, as far as there is room', () => {
    const columns = someColumns(
      [{ flags: HOST_ONLINE | HOST_MAINTENANCE }, {}, { room: [9, 5] }],
      [
        { on: 0, needs: [1, 4] },
        { on: 1, needs: [1, 3] },
        { on: 1, needs: [1, 9] }
      ]
    );
    const moves = [...search(new FleetView(columns), intentOf(columns, 'evacuate', [1]))].at(-1)!.moves;
    expect(moves).toEqual([{ vm: 0, host: 2 }]);
    expect(problemOf(new FleetView(columns), intentOf(columns, 'evacuate', [1])).stuck).toEqual([2, 1]);
  });

  it('takes load from a busy host also when no host has CPU to spare', () => {
    const full = { room: [9, 20, 9, 100], safe: [9, 20, 9, 70] };
    const needs = (cpu: number): readonly number[] => [1, 1, 0, cpu];
    const columns = someColumns(
      [full, full],
      [
        { on: 0, needs: needs(120) },
        { on: 0, needs: needs(60) },
        { on: 1, needs: needs(60) }
      ]
    );
    const moves = [...search(new FleetView(columns), intentOf(columns, 'rebalance'))].at(-1)!.moves;
    expect(moves).toEqual([{ vm: 1, host: 1 }]);
  });

  it('moves nothing but new VMs when it is to place', () => {
    const columns = someColumns(
      [{ room: [9, 20], safe: [9, 1] }, { room: [9, 20] }],
      [
        { on: 0, needs: [1, 5] },
        { on: -1, needs: [1, 5] }
      ]
    );
    const moves = [...search(new FleetView(columns), intentOf(columns, 'place'))].at(-1)!.moves;
    expect(moves).toEqual([{ vm: 1, host: 1 }]);
  });
});
