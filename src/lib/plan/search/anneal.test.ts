import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { problems, withNewVms } from '../../../../tests/support/a-problem.ts';
import { check } from '../check.ts';
import { evaluate, lowerBound } from '../evaluate.ts';
import type { Assignment, Problem } from '../problem.ts';
import { anneal } from './anneal.ts';
import type { Better } from './anneal.ts';

const searched = (problem: Problem, seed: number, proposals: number, from = problem.home): readonly Better[] => [
  ...anneal(problem, { seed, from, progress: (made) => made / proposals })
];

/** The least cost of all assignments that keep every rule and what is fixed, by trying them all. */
function leastCost(problem: Problem, from = problem.home): number {
  const assignment: Assignment = from.slice();
  let least = Infinity;
  const place = (vm: number): void => {
    if (vm === problem.vms) {
      const { total } = evaluate(problem, assignment);
      if (total < least && check(problem, assignment).length === 0) least = total;
      return;
    }
    if (problem.fixed[vm] === 1) {
      place(vm + 1);
      return;
    }
    for (let host = 0; host < problem.hosts; host++) {
      assignment[vm] = host;
      place(vm + 1);
    }
  };
  place(0);
  return least;
}

describe('anneal', () => {
  test('answers only what keeps every rule, at the cost it says, each better than the one before', () => {
    fc.assert(
      fc.property(problems({ hosts: 8, vms: 30 }), fc.nat(), (problem, seed) => {
        let before = evaluate(problem, problem.home).total;
        for (const { cost, assignment } of searched(problem, seed, 30_000)) {
          expect(check(problem, assignment)).toEqual([]);
          expect(evaluate(problem, assignment).total).toBe(cost);
          expect(cost).toBeLessThan(before);
          expect(cost).toBeGreaterThanOrEqual(lowerBound(problem));
          before = cost;
        }
      }),
      { numRuns: 60 }
    );
  });

  /** The same problems every time: rules are never broken on the way, and a few plans cannot be reached by moves and exchanges that keep them. */
  const small = fc.sample(problems({ hosts: 3, vms: 6 }), { seed: 7, numRuns: 120 });
  const MISSED_AT_MOST = 2;

  test('finds the least cost there is where all assignments can be tried', () => {
    const missed = small.filter((problem) => {
      const found = searched(problem, 1, 60_000).at(-1)?.cost ?? evaluate(problem, problem.home).total;
      return found !== leastCost(problem);
    });
    expect(missed.length).toBeLessThanOrEqual(MISSED_AT_MOST);
  });

  test('VMs that are new, at home nowhere, are placed as cheaply as can be, and nothing else goes there', () => {
    const missed = small.filter((old, n) => {
      const { problem, from } = withNewVms(old, (vm) => ((n >>> (vm % 3)) & 1) === 1);
      const begun = evaluate(problem, from).total;
      expect(Number.isFinite(begun)).toBe(true);
      expect(lowerBound(problem)).toBe(lowerBound(old));
      const answer = searched(problem, 1, 60_000, from).at(-1) ?? { cost: begun, assignment: from };
      expect(check(problem, answer.assignment)).toEqual([]);
      return answer.cost !== leastCost(problem, from);
    });
    expect(missed.length).toBeLessThanOrEqual(MISSED_AT_MOST);
  });

  test('what is fixed stays where the search begins', () => {
    fc.assert(
      fc.property(problems({ hosts: 8, vms: 30 }), fc.nat(), (free, seed) => {
        const problem = { ...free, fixed: free.fixed.map((_, vm) => vm % 2) };
        const from = searched(free, seed, 10_000).at(-1)?.assignment ?? free.home;
        const answer = searched(problem, seed, 20_000, from).at(-1)?.assignment ?? from;
        expect(answer.filter((_, vm) => vm % 2 === 1)).toEqual(from.filter((_, vm) => vm % 2 === 1));
      }),
      { numRuns: 20 }
    );
  });

  test('is the same for the same seed and number of proposals', () => {
    fc.assert(
      fc.property(problems({ hosts: 6, vms: 20 }), fc.nat(), (problem, seed) => {
        expect(searched(problem, seed, 10_000)).toEqual(searched(problem, seed, 10_000));
      }),
      { numRuns: 20 }
    );
  });

  test('ends when the budget is used up all at once, be it during the descent or after', () => {
    fc.assert(
      fc.property(problems({ hosts: 6, vms: 20 }), fc.integer({ min: 1, max: 9 }), (problem, asked) => {
        let calls = 0;
        const progress = (): number => {
          if (calls++ > asked + 9) throw new Error('it does not end');
          return calls < asked ? 0.02 * calls : 3;
        };
        const found = [...anneal(problem, { seed: 1, from: problem.home, progress })];
        expect(found.every(({ assignment }) => check(problem, assignment).length === 0)).toBe(true);
      }),
      { numRuns: 30 }
    );
  });

  test('does not change the assignment it begins with', () => {
    fc.assert(
      fc.property(problems({ hosts: 6, vms: 20 }), (problem) => {
        const home = problem.home.slice();
        searched(problem, 1, 10_000);
        expect(problem.home).toEqual(home);
      }),
      { numRuns: 20 }
    );
  });
});
