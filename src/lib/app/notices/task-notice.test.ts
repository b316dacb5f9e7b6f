import { expect, test } from 'vitest';
import { en } from '#lib/messages/en.ts';
import { Fault } from '#lib/model/fault.ts';
import type { CommandId, HostId } from '#lib/model/ids.ts';
import { millis } from '#lib/model/units.ts';
import { taskNotice } from './task-notice.ts';
import type { Task, TaskStatus } from '../tasks/task.ts';

const FAULTS: Partial<Record<TaskStatus, Fault>> = {
  failed: new Fault('hypervisor', { operation: 'clone', reason: 'no space' }),
  refused: new Fault('cancelled', { by: 'ada', left: '' })
};
const ended = (status: TaskStatus, took: number): Task => ({
  id: 1,
  command: '' as CommandId,
  op: 'vm.clone',
  title: () => 'Clone db-1',
  host: 'n1' as HostId,
  hostName: 'n1',
  vm: null,
  status,
  startedAt: millis(1000),
  endedAt: millis(1000 + took),
  fault: FAULTS[status] ?? null,
  effects: [],
  journal: null,
  because: null,
  open: true,
  by: null
});
const tone = (status: TaskStatus, took: number, folded: boolean) =>
  taskNotice(ended(status, took), folded)?.tone ?? null;

test('an end is told beside the tray only where the tray alone would not show it', () => {
  expect([tone('done', 100, false), tone('done', 9000, false), tone('done', 100, true)]).toEqual([null, null, null]);
  expect(tone('done', 9000, true)).toBe('good');
  expect(tone('failed', 100, false)).toBeNull();
  expect([tone('failed', 100, true), tone('failed', 9000, false), tone('failed', 9000, true)]).toEqual([
    'bad',
    'bad',
    'bad'
  ]);
  expect(taskNotice(ended('failed', 9000), false)?.say(en)).toBe('Clone db-1: failed');
});

test('room given back after a move is told only where it is left behind', () => {
  const of = (status: TaskStatus) =>
    taskNotice({ ...ended(status, 100), op: 'migration.release', fault: FAULTS.failed ?? null }, true)?.tone ?? null;
  expect([of('refused'), of('unknown'), of('failed')]).toEqual([null, null, 'bad']);
});

test('what a plan does as it should is not told, what it fails at is', () => {
  const of = (status: TaskStatus) =>
    taskNotice({ ...ended(status, 9000), because: { group: 'p', step: 0, note: '' } }, true)?.tone ?? null;
  expect([of('done'), of('failed')]).toEqual([null, 'bad']);
});

test('what the operator has cancelled is no bad news', () => {
  expect([tone('refused', 9000, false), tone('refused', 100, true)]).toEqual([null, null]);
  expect(tone('refused', 9000, true)).toBe('info');
});
