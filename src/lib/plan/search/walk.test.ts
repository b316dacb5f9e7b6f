import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { problems, withNewVms } from '../../../../tests/support/a-problem.ts';
import { check } from '../check.ts';
import { evaluate, usage } from '../evaluate.ts';
import { Random } from './random.ts';
import { Walk } from './walk.ts';

test('after any walk, what was kept by differences is what is summed up anew', () => {
  fc.assert(
    fc.property(problems({ hosts: 8, vms: 30 }), fc.nat(), fc.boolean(), (old, seed, strict) => {
      const random = new Random(seed);
      const { problem, from } = withNewVms(old, (vm) => ((seed >>> vm) & 3) === 3);
      const walk = new Walk(problem, from, random);
      walk.strict = strict;
      walk.rows.price.fill(1 + random.below(9));
      walk.rows.refreshAll();
      walk.temperature = random.below(20);
      for (let i = 0; i < 400; i++) {
        if (random.next() < 0.5) walk.tryExchange(random.below(problem.vms), random.below(problem.vms));
        else walk.tryMove(random.below(problem.vms), random.below(problem.hosts));
      }
      const { assignment, rows } = walk;
      expect(walk.cost).toBe(evaluate(problem, assignment).total);
      expect(rows.above).toEqual(usage(problem, assignment).map((amount, at) => amount - problem.safety[at]!));
      // Services keep their rules always; room may be lacking only where the walk is not strict.
      const broken = check(problem, assignment);
      expect(broken.filter(({ rule }) => rule !== 'capacity' && rule !== 'transient')).toEqual([]);
      expect(rows.overall).toBe(broken.length);
      if (strict) expect(broken).toEqual([]);
      expect(check(problem, walk.best())).toEqual([]);
      expect(evaluate(problem, walk.best()).total).toBe(walk.bestCost);
    }),
    { numRuns: 200 }
  );
});

test('it returns to an assignment as if it had never left', () => {
  fc.assert(
    fc.property(problems({ hosts: 8, vms: 30 }), fc.nat(), (problem, seed) => {
      const random = new Random(seed);
      const walk = new Walk(problem, problem.home, random);
      walk.temperature = 100;
      for (let i = 0; i < 200; i++) walk.tryExchange(random.below(problem.vms), random.below(problem.vms));
      walk.returnTo(problem.home);
      expect(walk.assignment).toEqual(problem.home);
      expect(walk.cost).toBe(evaluate(problem, problem.home).total);
      for (let i = 0; i < 200; i++) walk.tryMove(random.below(problem.vms), random.below(problem.hosts));
      expect(check(problem, walk.assignment)).toEqual([]);
    })
  );
});
