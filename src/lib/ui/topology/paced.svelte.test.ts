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
  const made: Paced<number>[] = [];
  const end = $effect.root(() => {
    made.push(
      new Paced(
        () => given,
        () => 1000
      )
    );
  });
  const shown = () => made[0]?.value;
  const set = (value: number): void => {
    given = value;
    flushSync();
  };
  expect(shown()).toBe(1);
  set(2);
  expect(shown()).toBe(1);
  vi.advanceTimersByTime(500);
  set(3);
  vi.advanceTimersByTime(499);
  expect(shown()).toBe(1);
  vi.advanceTimersByTime(1);
  expect(shown()).toBe(3);
  vi.advanceTimersByTime(5000);
  set(4);
  expect(shown()).toBe(4);
  end();
});
