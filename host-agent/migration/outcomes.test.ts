import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { scratch } from '../../tests/support/agent-lab.ts';
import { Outcomes } from './outcomes.ts';
import { hashOf } from './token.ts';

const DAY = 86_400_000;
const [ONE, OTHER] = [hashOf('one'), hashOf('other')];
let directory: string;
let path: string;
beforeEach(async () => {
  directory = await scratch();
  path = join(directory, 'ended.json');
});
afterEach(() => rm(directory, { recursive: true }));

test('the next run of the agent knows what became of a VM, for the host that brought it alone', async () => {
  const before = new Outcomes(path, () => 0);
  await before.read();
  await Promise.all([
    before.add({ hash: ONE, from: 'a', state: 'arrived' }),
    before.add({ hash: OTHER, from: 'b', state: 'absent' })
  ]);
  const now = new Outcomes(path, () => 0);
  await now.read();
  expect([now.of(ONE, 'a'), now.of(OTHER, 'b'), now.of(ONE, 'b')]).toEqual(['arrived', 'absent', null]);
});

test('what is older than a month is forgotten with the next one', async () => {
  let at = 0;
  const outcomes = new Outcomes(path, () => at);
  await outcomes.add({ hash: ONE, from: 'a', state: 'arrived' });
  at = 30 * DAY;
  await outcomes.add({ hash: OTHER, from: 'a', state: 'arrived' });
  expect([outcomes.of(ONE, 'a'), outcomes.of(OTHER, 'a')]).toEqual([null, 'arrived']);
});

test('what is there and cannot be read is not taken for nothing', async () => {
  await mkdir(path);
  await expect(new Outcomes(path, () => 0).read()).rejects.toMatchObject({ code: 'EISDIR' });
});
