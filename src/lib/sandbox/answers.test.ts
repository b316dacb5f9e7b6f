import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Misspoken, readAnswer } from './answers.ts';
import type { Expected } from './answers.ts';
import { sharesOf } from './messages.ts';
import type { Answer } from './messages.ts';

const said = { lines: ['a line'], dropped: 3 };
const rank: Expected = { ask: 'rank', asked: Int32Array.of(5), vms: 10, hosts: 3 };
const propose: Expected = { ask: 'propose', asked: new Int32Array(), vms: 10, hosts: 3 };
const ranked = {
  is: 'ranked',
  scores: Float32Array.of(0, 100, NaN),
  why: Uint16Array.of(0, 0, 1),
  reasons: ['full'],
  chosen: Int32Array.of(1),
  said
} as const;
const proposal = {
  is: 'proposal',
  vms: Int32Array.of(9, 0),
  hosts: Int32Array.of(0, 2),
  shares: Int32Array.of(3, 256, 150, 9, 1, 0),
  note: 'better'
} as const;

const GOOD: readonly (readonly [Expected, Answer])[] = [
  [rank, ranked],
  [rank, { is: 'failed', reason: 'threw “Error: no”', said }],
  [propose, proposal],
  [propose, { is: 'done', said }],
  [{ ...propose, ask: 'fleet' }, { is: 'kept' }],
  [
    { ...propose, ask: 'load' },
    { is: 'loaded', manifest: '{}', can: { filter: true, score: false, propose: true }, said }
  ]
];

test.each(GOOD)('what an honest worker answers is read as it is (%#)', (expected, answer) => {
  expect(readAnswer(structuredClone(answer), expected)).toEqual(answer);
});

test('arrays are copies of their own size, whatever buffer they came in', () => {
  const scores = new Float32Array(new ArrayBuffer(4096), 16, 3);
  const answer = readAnswer({ ...ranked, scores, why: new Uint16Array(3) }, rank);
  expect(answer.is === 'ranked' && answer.scores.buffer.byteLength).toBe(12);
});

test('nothing else is understood: any value is an answer that keeps every limit, or it is refused', () => {
  const part = fc.oneof(
    fc.anything({ withTypedArray: true, withBigInt: true, withMap: true, withSparseArray: true }),
    fc.float32Array({ maxLength: 4 }),
    fc.uint16Array({ maxLength: 4 }),
    fc.int32Array({ maxLength: 4 }),
    fc.array(fc.string({ maxLength: 300 }), { maxLength: 3 })
  );
  const lies = fc.dictionary(
    fc.constantFrom('is', 'scores', 'why', 'reasons', 'chosen', 'said', 'vms', 'hosts', 'shares', 'note'),
    part
  );
  fc.assert(
    fc.property(fc.constantFrom(...GOOD), lies, ([expected, answer], changes) => {
      let read: Answer;
      try {
        read = readAnswer({ ...answer, ...changes }, expected);
      } catch (thrown) {
        expect(thrown).toBeInstanceOf(Misspoken);
        return;
      }
      if (read.is === 'ranked') {
        expect([read.scores.length, read.why.length, read.chosen.length]).toEqual([3, 3, 1]);
        for (const score of read.scores) expect(Number.isNaN(score) || (score >= 0 && score <= 100)).toBe(true);
      } else if (read.is === 'proposal') {
        expect(new Set(read.vms).size).toBe(read.vms.length);
        for (const vm of read.vms) expect(vm >= 0 && vm < 10).toBe(true);
        for (const host of read.hosts) expect(host >= 0 && host < 3).toBe(true);
        for (const { vm, weight, cap } of sharesOf(read.shares)) {
          expect(vm >= 0 && vm < 10 && weight >= 1 && weight <= 65_535).toBe(true);
          expect(cap === null || (cap >= 1 && cap <= 409_600)).toBe(true);
        }
      }
    })
  );
});

test.each([
  ['a row that is not whole', [3, 256]],
  ['a VM that is not there', [10, 256, 0]],
  ['a VM twice', [3, 256, 0, 3, 256, 100]],
  ['no weight', [3, 0, 0]],
  ['a weight out of range', [3, 65_536, 0]],
  ['a cap below nothing', [3, 256, -1]],
  ['a cap of more CPUs than there can be', [3, 256, 409_601]]
])('shares of %s are refused', (_, rows) => {
  expect(() => readAnswer({ ...proposal, shares: Int32Array.from(rows) }, propose)).toThrow(Misspoken);
});
