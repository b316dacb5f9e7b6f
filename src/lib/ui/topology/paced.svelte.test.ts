import { flushSync } from 'svelte';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Paced } from './paced.svelte.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

test('the first value is there at once, the next only when its time has come, and of several the last', () => {
  let given = $state(1);
  const { paced, end } = (() => {
    let made: Paced<number> | null = null;
    const destroy = $effect.root(() => {
      made = new Paced(
        () => given,
        () => 1000
      );
    });
    return { paced: made as unknown as Paced<number>, end: destroy };
  })();
  const set = (value: number): void => {
    given = value;
    flushSync();
  };
  expect(paced.value).toBe(1);
  set(2);
  expect(paced.value).toBe(1);
  vi.advanceTimersByTime(500);
  set(3);
  vi.advanceTimersByTime(499);
  expect(paced.value).toBe(1);
  vi.advanceTimersByTime(1);
  expect(paced.value).toBe(3);
  vi.advanceTimersByTime(5000);
  set(4);
  expect(paced.value).toBe(4);
  end();
});
