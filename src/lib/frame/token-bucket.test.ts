import fc from 'fast-check';
import { expect, test } from 'vitest';
import { TokenBucket } from './token-bucket.ts';

test('lets a burst through, then its rate', () => {
  let now = 0;
  const bucket = new TokenBucket(3, 2, () => now);
  expect([bucket.take(), bucket.take(), bucket.take(), bucket.take()]).toEqual([true, true, true, false]);
  now = 499;
  expect(bucket.take()).toBe(false);
  now = 500;
  expect([bucket.take(), bucket.take()]).toEqual([true, false]);
});

test('never lets more through than burst plus rate, whatever the clock does', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: -2_000, max: 2_000 }), { maxLength: 200 }), (steps) => {
      let now = 10_000;
      let forward = 0;
      let taken = 0;
      const bucket = new TokenBucket(5, 1, () => now);
      for (const step of steps) {
        now += step;
        forward += Math.max(0, step);
        if (bucket.take()) taken += 1;
      }
      expect(taken).toBeLessThanOrEqual(5 + forward / 1_000 + 1e-6);
    })
  );
});
