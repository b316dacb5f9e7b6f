import { expect, test } from 'vitest';
import { openOnce } from './open-once.ts';

test('it is opened when first asked for, and all get the same', async () => {
  let times = 0;
  const get = openOnce(() => Promise.resolve({ time: ++times }));
  expect(times).toBe(0);
  const [one, other] = await Promise.all([get(), get()]);
  expect([one === other, await get(), times]).toEqual([true, { time: 1 }, 1]);
});

test('what could not be opened is told to all who wait, and tried anew by the next who asks', async () => {
  let times = 0;
  const get = openOnce(() => (++times === 1 ? Promise.reject(new Error('no way')) : Promise.resolve(times)));
  const waiting = await Promise.allSettled([get(), get()]);
  expect([waiting.map(({ status }) => status), times]).toEqual([['rejected', 'rejected'], 1]);
  expect([await get(), await get(), times]).toEqual([2, 2, 2]);
});
