import fc from 'fast-check';
import { expect, it } from 'vitest';
import { LONGEST_DOWNTIME, maxDowntime } from './downtime.ts';

it('asks for the shortest downtime until some passes have not sufficed', () => {
  expect([null, 1, 2, 3, 4, 5, 6, 7, 8].map(maxDowntime)).toEqual([30, 30, 30, 30, 60, 120, 240, 300, 300]);
});

it('never asks for less than before, nor for more than QEMU takes by itself', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 100_000 }), (pass) => {
      expect(maxDowntime(pass)).toBeGreaterThanOrEqual(30);
      expect(maxDowntime(pass + 1)).toBeGreaterThanOrEqual(maxDowntime(pass));
      expect(maxDowntime(pass)).toBeLessThanOrEqual(LONGEST_DOWNTIME);
    })
  );
});
