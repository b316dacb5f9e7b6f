import { expect, test } from 'vitest';
import { columnsOf } from '../../../tests/support/a-columns.ts';
import { DEFAULT_WEIGHTS } from '../plugin/weights.ts';
import type { Proposal, Scheduler } from '../plugin/scheduler.ts';
import { readAnswer } from './answers.ts';
import { ConsoleCapture } from './console-capture.ts';
import type { Answer, Asked } from './messages.ts';
import { loadOf, packed } from './parcel.ts';
import { Runtime } from './runtime.ts';

const manifest = { id: 'x', version: '1.0.0', api: 1, title: 'X', description: 'Of a test.' };
const terms = { config: {}, weights: DEFAULT_WEIGHTS, seed: 7 };
const columns = columnsOf(3, 6);

/** Loads it and asks one thing. @param step milliseconds the clock takes for each look at it */
async function asked(scheduler: Partial<Scheduler>, ask: Asked, step = 1): Promise<Answer[]> {
  const answers: Answer[] = [];
  let now = 0;
  const runtime = new Runtime({
    post: (answer) => answers.push(structuredClone(answer)),
    now: () => (now += step),
    load: () => Promise.resolve({ manifest, ...scheduler }),
    console: new ConsoleCapture()
  });
  await runtime.answer({ ask: 'load', source: '' });
  const load = loadOf(columns);
  await runtime.answer({ ask: 'fleet', parcel: packed(load, new ArrayBuffer(load.bytes)) });
  await runtime.answer(ask);
  expect(answers[0]).toMatchObject({ is: 'loaded', manifest: JSON.stringify(manifest) });
  return answers.slice(2);
}
const rank = (...vms: number[]): Asked => ({ ask: 'rank', vms: Int32Array.from(vms), ...terms });
const proposing = (budget: number): Asked => ({
  ask: 'propose',
  kind: 'rebalance',
  place: [],
  leave: [],
  budget,
  ...terms
});

test('VMs are ranked one after another: each sees where those before it went', async () => {
  const score: Scheduler['score'] = (_, host, fleet) => 100 - 20 * (fleet.running[host] ?? 0);
  const [answer] = await asked({ filter: (_, host) => host !== 1 || 'not the second', score }, rank(0, 3, 1));
  expect(answer).toMatchObject({ is: 'ranked', reasons: ['not the second'] });
  // 0 and 3 are on host 0 with two running; 0 moves to 2, so 3 stays at 0.
  expect(answer).toMatchObject({ scores: Float32Array.of(60, NaN, 60, 60, NaN, 60, 60, NaN, 60) });
  expect(answer).toMatchObject({ chosen: Int32Array.of(0, 0, 0), why: Uint16Array.of(0, 1, 0, 0, 1, 0, 0, 1, 0) });
});

test('a VM that no host takes is given none', async () => {
  const [answer] = await asked({ filter: (_, host) => `not ${host}` }, rank(0));
  expect(answer).toMatchObject({ chosen: Int32Array.of(-1), reasons: ['not 0', 'not 1', 'not 2'] });
});

test('of more reasons than can be told apart the rest is one', async () => {
  const vms = Array.from({ length: 100 }, (_, at) => at % 6);
  let calls = 0;
  const [answer] = await asked({ filter: () => `reason ${calls++}` }, rank(...vms));
  const read = readAnswer(answer, { ask: 'rank', asked: Int32Array.from(vms), vms: 6, hosts: 3 });
  expect(read.is === 'ranked' && read.reasons).toHaveLength(200);
  expect(read.is === 'ranked' && read.reasons.at(-1)).toContain('another reason');
});

test('the same seed gives the same random numbers, and every call begins with the fleet as it was handed over', async () => {
  const score: Scheduler['score'] = (vm, host, fleet, intent) =>
    intent.random() * 99 + (fleet.placedOn[vm] === host ? 1 : 0);
  expect(await asked({ score }, rank(0, 1, 2))).toEqual(await asked({ score }, rank(0, 1, 2)));
});

test('proposals come at most each 100 ms, the last in any case, and end with the budget', async () => {
  function* plans(): Generator<Proposal> {
    for (let host = 0; ; host = (host + 1) % 3) yield { moves: [{ vm: 0, host }], note: `to ${host}` };
  }
  const answers = await asked({ propose: plans }, proposing(1000), 20);
  const notes = answers.flatMap((answer) => (answer.is === 'proposal' ? [answer.note] : []));
  expect(notes).toHaveLength(11);
  expect(answers.at(-1)).toMatchObject({ is: 'done' });
});

test('a plan that is no generator is one proposal', async () => {
  const answers = await asked({ propose: () => ({ moves: [] }) }, proposing(10));
  expect(answers).toMatchObject([{ is: 'proposal', note: '' }, { is: 'done' }]);
});

test('shares go with the moves of a plan, and one that cannot be is named', async () => {
  const shared = (...shares: unknown[]) =>
    asked({ propose: () => ({ moves: [], shares: shares as never }) }, proposing(10));
  const [answer] = await shared({ vm: 1, weight: 256, cap: 150 }, { vm: 2, weight: 1, cap: null });
  expect(answer).toMatchObject({ is: 'proposal', shares: Int32Array.of(1, 256, 150, 2, 1, 0) });
  for (const [share, reason] of [
    [{ vm: -1, weight: 256, cap: null }, 'proposes a share of VM -1: there are 6, counted from 0'],
    [{ vm: 1, weight: 0, cap: null }, 'proposes a share of weight 0: it is 1 to 65535'],
    [{ vm: 1, weight: 256, cap: 0.5 }, 'proposes a share of cap 0.5: it is 1 to 409600'],
    [{ vm: 1, weight: 256 }, 'proposes a share of cap undefined: it is 1 to 409600']
  ] as const)
    expect(await shared(share)).toMatchObject([{ is: 'failed', reason }]);
  const [none] = await asked({ propose: () => ({ moves: [], shares: 'all' as never }) }, proposing(10));
  expect(none).toMatchObject({ is: 'failed', reason: 'propose answered with shares that are no list' });
});

test('what goes wrong is said in words, with what was written to the console', async () => {
  const propose = (): Proposal => ({ moves: 'none' as never });
  const [answer] = await asked({ propose }, proposing(10));
  expect(answer).toEqual({
    is: 'failed',
    reason: 'propose answered without a list of moves',
    said: { lines: [], dropped: 0 }
  });
});

test('a scheduler that proposes nothing places by its score', async () => {
  expect(await asked({}, proposing(10))).toMatchObject([{ is: 'proposal' }, { is: 'done' }]);
});

test('the console is two hundred lines of five hundred characters, and a count', () => {
  const capture = new ConsoleCapture();
  const realm: { console: unknown } = { console: null };
  capture.install(realm);
  const { log, nothing } = realm.console as Record<string, (...values: unknown[]) => void>;
  for (let line = 0; line < 250; line++) log?.('x'.repeat(600), { line }, 1n);
  nothing?.('dropped');
  const { lines, dropped } = capture.take();
  expect([lines.length, lines[0]?.length, dropped]).toEqual([200, 500, 50]);
  log?.('a', [1, { b: 2 }], new TypeError('c'), {
    toJSON: () => {
      throw new Error('d');
    }
  });
  expect(capture.take()).toEqual({ lines: ['a [1,{"b":2}] TypeError: c (cannot be shown)'], dropped: 0 });
});
