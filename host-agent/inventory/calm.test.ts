import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { Calm } from './calm.ts';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

/** Whether background work that arrives now still waits after `ms`. */
async function waits(calm: Calm, ms: number): Promise<boolean> {
  let waiting = true;
  void calm.wait().then(() => (waiting = false));
  await vi.advanceTimersByTimeAsync(ms);
  return waiting;
}

it('keeps nothing waiting where nothing is being changed', async () => {
  expect(await waits(new Calm(), 0)).toBe(false);
});

it('lets background work go on a moment after the last of several changes', async () => {
  const calm = new Calm();
  const changes = [Promise.withResolvers<null>(), Promise.withResolvers<null>()];
  const done = changes.map(({ promise }) => calm.during(() => promise));
  expect(await waits(calm, 100)).toBe(true);
  changes[0]?.resolve(null);
  expect(await waits(calm, 300)).toBe(true);
  changes[1]?.resolve(null);
  expect(await waits(calm, 100)).toBe(true);
  expect(await waits(calm, 100)).toBe(false);
  await Promise.all(done);
});

it('counts a change that follows another as more of it, and one that breaks as over', async () => {
  const calm = new Calm();
  await calm.during(() => Promise.resolve());
  expect(await waits(calm, 150)).toBe(true);
  await expect(calm.during(() => Promise.reject(new Error('broken')))).rejects.toThrow('broken');
  expect(await waits(calm, 150)).toBe(true);
  expect(await waits(calm, 50)).toBe(false);
});

it('keeps background work waiting for a second at most', async () => {
  const calm = new Calm();
  void calm.during(() => new Promise(() => undefined));
  expect(await waits(calm, 999)).toBe(true);
  expect(await waits(calm, 1_000)).toBe(false);
});
