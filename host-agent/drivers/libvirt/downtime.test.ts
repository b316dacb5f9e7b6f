import fc from 'fast-check';
import { expect, it } from 'vitest';
import { downtimeOf, QEMU_DOWNTIME } from './downtime.ts';

const ordinary = downtimeOf(null, false);
const passes = fc.integer({ min: 1, max: 100_000 });

it('asks for the shortest downtime until some passes have not sufficed', () => {
  expect([null, 1, 2, 3, 4, 5, 6, 7, 8].map(ordinary)).toEqual([30, 30, 30, 30, 60, 120, 240, 300, 300]);
});

it('has memory sent once, and then the rest, where what is written during further passes is lost', () => {
  expect([null, 1, 2, 3, 9].map(downtimeOf(null, true))).toEqual([2_000, 2_000, 60_000, 60_000, 60_000]);
});

it('asks for what the operator asks for, whatever the guest writes', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 60_000 }), fc.boolean(), passes, (ms, loses, pass) => {
      expect(downtimeOf(ms, loses)(pass)).toBe(ms);
    })
  );
});

it('never asks for less than before, nor for more than QEMU takes by itself', () => {
  fc.assert(
    fc.property(passes, (pass) => {
      const now = ordinary(pass);
      expect(now).toBeGreaterThanOrEqual(30);
      expect(ordinary(pass + 1)).toBeGreaterThanOrEqual(now);
      expect(now).toBeLessThanOrEqual(QEMU_DOWNTIME);
    })
  );
});
