import { expect, test } from 'vitest';
import type { ProgressStage } from '#lib/model/fleet.ts';
import { commandId } from '#lib/model/ids.ts';
import { aHost } from '../../../../tests/support/a-fleet.ts';
import { cancellation } from './cancellation.ts';

const COMMAND = commandId('11111111-2222-4333-8444-555555555555');
const move = { command: COMMAND, op: 'vm.migrate', startedAt: 0 };
const moving = (stage: ProgressStage) =>
  aHost('n1', [], {
    progress: new Map([[COMMAND, { command: COMMAND, stage, percent: null, remaining: null, rate: null, pass: null }]])
  });

test('a move can be cancelled until it is being found out where its VM runs', () => {
  expect(cancellation(moving('copying'), move, 9_000)).toBe('undo');
  expect(cancellation(moving('finding-out'), move, 9_000)).toBeNull();
});

test('what waits its turn never begins, and what was only just sent is not known to wait', () => {
  const quick = { ...move, op: 'vm.set-notes' };
  expect(cancellation(aHost('n1'), quick, 999)).toBeNull();
  expect(cancellation(aHost('n1'), quick, 1_000)).toBe('never-begins');
  expect(cancellation(aHost('n1', [], { link: 'offline' }), move, 1_000)).toBeNull();
});
