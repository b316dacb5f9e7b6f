import { expect, it } from 'vitest';
import { realClock } from './clock.ts';

it('whoever slept on the real clock never wakes before its instant', async () => {
  const early: number[] = [];
  const sleeper = async (): Promise<void> => {
    for (let round = 0; round < 60; round++) {
      const at = realClock.now() + 3;
      await realClock.sleep(3);
      if (realClock.now() < at) early.push(at - realClock.now());
    }
  };
  await Promise.all([sleeper(), sleeper(), sleeper(), sleeper()]);
  expect(early).toEqual([]);
});
