// The move itself runs on real guests in tests/conformance/migration-faults.test.ts.
import { expect, test } from 'vitest';
import type { Progress } from '../lib/model/fleet.ts';
import { commandId } from '../lib/model/ids.ts';
import { bytes, bytesPerSecond, percent } from '../lib/model/units.ts';
import { main } from './main.ts';
import { progressLine } from './migrate.ts';

const id = commandId('11111111-2222-4333-8444-555555555555');
const progress = (more: Partial<Progress>): Progress => ({
  ...{ command: id, stage: 'moving', percent: null, remaining: null, rate: null, pass: null },
  ...more
});
const said = async (...words: string[]): Promise<{ status: number; err: string }> => {
  const err: string[] = [];
  const around = { env: {}, version: '0', signal: new AbortController().signal, out: () => undefined };
  const status = await main(words, { ...around, err: (line: string) => void err.push(line) });
  return { status, err: err.join('\n') };
};

test('how far a move is takes one line', () => {
  const sent = { percent: percent(34), remaining: bytes(120 * 2 ** 20), rate: bytesPerSecond(8 * 2 ** 20) };
  expect(progressLine(progress(sent))).toBe('moving 34 %, 120 MiB to go at 8.0 MiB/s');
  expect(progressLine(progress({ stage: 'checking' }))).toBe('checking');
  expect(progressLine(progress({ stage: 'finding-out' }))).toMatch(/^unknown, checking: /);
});

test.each([
  [['migrate'], /smps migrate VM HOST/],
  [['migrate', 'web-1'], /smps migrate VM HOST/],
  [['migrate', 'web-1', 'n1', 'n2'], /smps migrate VM HOST/],
  [['migrate', 'web-1', 'n1', '--bandwidth', 'fast'], /--bandwidth must be a whole number from 1/],
  [['migrate', 'web-1', 'n1', '--downtime', '0'], /--downtime must be a whole number from 1/],
  [['ls', '--auto-converge'], /smps ls has no option --auto-converge/]
])('%j is a usage error', async (words, reason) => {
  const { status, err } = await said(...words);
  expect(status).toBe(2);
  expect(err).toMatch(reason);
});
