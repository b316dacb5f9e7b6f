import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { Incumbent } from './incumbent.ts';
import { Random } from './random.ts';

test('the best is what was marked last, however many moves ago', () => {
  // More than it remembers one by one (16,384), and fewer.
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 40_000 }),
      fc.integer({ min: 0, max: 40_000 }),
      fc.nat(),
      (before, after, seed) => {
        const random = new Random(seed);
        const now = new Int32Array(50);
        const incumbent = new Incumbent(now);
        const wander = (moves: number): void => {
          for (let i = 0; i < moves; i++) {
            const vm = random.below(50);
            incumbent.leaves(vm, now[vm]!);
            now[vm] = random.below(10);
          }
        };
        wander(before);
        incumbent.mark();
        const marked = now.slice();
        wander(after);
        expect(incumbent.best()).toEqual(marked);
        expect(incumbent.best()).toEqual(marked);
      }
    ),
    { numRuns: 30 }
  );
});
