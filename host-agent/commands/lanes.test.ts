import { expect, test } from 'vitest';
import { Lanes, MAX_WAITING, MAX_WAITING_TOTAL } from './lanes.ts';

/** Work that ends when it is told to. */
function held(): { work: () => Promise<void>; begun: boolean; end: (thrown?: Error) => void } {
  let finish: (thrown?: Error) => void = () => undefined;
  const gate = new Promise<void>((resolve, reject) => {
    finish = (thrown) => {
      if (thrown) reject(thrown);
      else resolve();
    };
  });
  const it = { begun: false, end: finish, work: () => ((it.begun = true), gate) };
  return it;
}
const turns = (): Promise<void> => new Promise(setImmediate);

test('work on the same key waits for its turn, also after work that failed', async () => {
  const lanes = new Lanes();
  const [a, b, c] = [held(), held(), held()];
  const runs = [lanes.run(['x'], 'a', a.work), lanes.run(['x'], 'b', b.work), lanes.run(['y'], 'c', c.work)];
  await turns();
  expect([a.begun, b.begun, c.begun]).toEqual([true, false, true]);
  a.end(new Error('broken'));
  await expect(runs[0]).rejects.toThrow('broken');
  await turns();
  expect(b.begun).toBe(true);
  b.end();
  c.end();
  await Promise.all(runs.slice(1));
});

test('work on two keys waits for both and holds both, and crossing pairs do not block each other for ever', async () => {
  const lanes = new Lanes();
  const [x, both, y] = [held(), held(), held()];
  const runs = [
    lanes.run(['x'], 'x', x.work),
    lanes.run(['x', 'y'], 'both', both.work),
    lanes.run(['y'], 'y', y.work),
    lanes.run(['y', 'x'], 'crossing', () => Promise.resolve())
  ];
  await turns();
  expect([x.begun, both.begun, y.begun]).toEqual([true, false, false]);
  x.end();
  await turns();
  expect([both.begun, y.begun]).toEqual([true, false]);
  both.end();
  y.end();
  await Promise.all(runs);
});

test('a lane takes so many and no more, and says what it is busy with', async () => {
  const lanes = new Lanes();
  const first = held();
  const runs = [lanes.run(['x'], 'Start db-1', first.work)];
  await turns();
  for (let n = 1; n < MAX_WAITING; n++) runs.push(lanes.run(['x'], 'more', () => Promise.resolve()));
  await expect(lanes.run(['x'], 'one too many', () => Promise.resolve())).rejects.toMatchObject({
    code: 'busy',
    message: expect.stringContaining('Start db-1') as string
  });
  first.end();
  await Promise.all(runs);
  await lanes.run(['x'], 'again', () => Promise.resolve());
});

test('all lanes together take so many and no more', async () => {
  const lanes = new Lanes();
  const all = held();
  const runs = Array.from({ length: MAX_WAITING_TOTAL }, (_, n) => lanes.run([`vm ${n}`], 'work', all.work));
  await expect(lanes.run(['another'], 'w', () => Promise.resolve())).rejects.toMatchObject({ code: 'busy' });
  all.end();
  await Promise.all(runs);
});

test('what leaves before its turn is never begun, lets others pass, and does not hold up those behind it', async () => {
  const lanes = new Lanes();
  const [a, b, c] = [held(), held(), held()];
  const leaving = new AbortController();
  const first = lanes.run(['x'], 'a', a.work);
  const left = lanes.run(['x', 'y'], 'b', b.work, leaving.signal);
  const last = lanes.run(['x'], 'c', c.work, new AbortController().signal);
  leaving.abort('Ada');
  await expect(left).rejects.toMatchObject({ code: 'cancelled', detail: { by: 'Ada' } });
  // The lane it would have held beside is free at once.
  expect(await lanes.run(['y'], 'd', () => Promise.resolve('d'))).toBe('d');
  a.end();
  await first;
  await turns();
  expect([b.begun, c.begun]).toEqual([false, true]);
  c.end();
  await last;
});

test('what has begun is not ended by its signal', async () => {
  const lanes = new Lanes();
  const a = held();
  const signal = new AbortController();
  const run = lanes.run(['x'], 'a', a.work, signal.signal);
  await turns();
  signal.abort('Ada');
  a.end();
  await expect(run).resolves.toBeUndefined();
});
