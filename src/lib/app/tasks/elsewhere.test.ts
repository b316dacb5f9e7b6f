import { expect, test } from 'vitest';
import { en } from '#lib/messages/en.ts';
import type { Activity, Host, Progress, Role } from '#lib/model/fleet.ts';
import { commandId, operatorKey, type CommandId } from '#lib/model/ids.ts';
import { millis } from '#lib/model/units.ts';
import { aHost } from '../../../../tests/support/a-fleet.ts';
import { aVm } from '../../../../tests/support/fake-host.ts';
import { Elsewhere } from './elsewhere.ts';
import { aboutTask, type Desk } from './desk.ts';
import type { Task } from './task.ts';

const VM = aVm(1, { name: 'web-1' });
const ME = operatorKey(`B${'A'.repeat(86)}`);
const ADA = operatorKey(`B${'A'.repeat(85)}E`);
const id = (n: number): CommandId => commandId(`11111111-2222-4333-8444-55555555555${n}`);
const running = (n: number, more: Partial<Activity> = {}): Activity => ({
  number: n,
  command: id(n),
  op: 'vm.migrate',
  operator: ADA,
  operatorLabel: 'Ada',
  vm: VM.id,
  summary: `Move web-1 to n${n}`,
  status: 'running',
  startedAt: millis(1_000 * n),
  endedAt: null,
  reason: null,
  note: null,
  ...more
});
const far = (n: number): readonly [CommandId, Progress] => [
  id(n),
  { command: id(n), stage: 'copying', percent: null, remaining: null, rate: null, pass: null }
];
const host = (activity: readonly Activity[], told: readonly number[] = [], more: Partial<Host> = {}): Host =>
  aHost('n1', [VM], { activity, progress: new Map(told.map(far)), ...more });
const titles = (list: readonly Task[]): readonly string[] => list.map(({ title }) => title(en));

test('what runs and was not given here is listed, newest first, and no longer when it has ended', () => {
  const elsewhere = new Elsewhere();
  const two = [running(2), running(1)];
  expect(titles(elsewhere.of([host(two, [1, 2])], [], 0))).toEqual(['Move web-1 to n2', 'Move web-1 to n1']);
  const ended = [{ ...running(2), status: 'done' as const, endedAt: millis(9_000) }, running(1)];
  const rest = elsewhere.of([host(ended, [1])], [], 0);
  expect(titles(rest)).toEqual(['Move web-1 to n1']);
  expect(rest[0]).toMatchObject({ vm: VM.id, journal: 1, status: 'running', by: { label: 'Ada' } });
  expect(elsewhere.of([host([], [])], [], 0)).toEqual([]);
});

test('what this tab gave, and what a host without a link did last, is not', () => {
  const here = host([running(1), running(2)], [1, 2]);
  const own = [{ command: id(1) } as Task];
  expect(titles(new Elsewhere().of([here], own, 0))).toEqual(['Move web-1 to n2']);
  expect(new Elsewhere().of([{ ...here, link: 'offline' }], [], 0)).toEqual([]);
});

test('one that tells no progress is listed once it has been seen to run for a second', () => {
  const elsewhere = new Elsewhere();
  const fleet = [host([running(1)])];
  expect(elsewhere.of(fleet, [], 5_000)).toEqual([]);
  expect(elsewhere.of(fleet, [], 5_999)).toEqual([]);
  expect(elsewhere.of(fleet, [], 6_000)).toHaveLength(1);
});

test('the list and its tasks are the same while nothing of them has changed', () => {
  const elsewhere = new Elsewhere();
  const activity = [running(1)];
  const first = elsewhere.of([host(activity, [1])], [], 0);
  expect(elsewhere.of([host([...activity], [1])], [], 7_000)).toBe(first);
});

test('the half of a move that its target tells of stands alone only where the other is not known', () => {
  const half = { op: 'migration.arrive', summary: 'Take in web-1' };
  const target = aHost('n2', [], { activity: [running(3, half)], progress: new Map([far(3)]) });
  expect(titles(new Elsewhere().of([target], [], 0))).toEqual(['Take in web-1']);
  expect(titles(new Elsewhere().of([host([running(1)], [1]), target], [], 0))).toEqual(['Move web-1 to n1']);
  const own = [{ command: id(1), op: 'vm.migrate', status: 'running', vm: VM.id } as Task];
  expect(new Elsewhere().of([host([running(1)], [1]), target], own, 0)).toEqual([]);
});

test('its start is by the clock of this computer', () => {
  const ahead = host([running(1, { startedAt: millis(700_000) })], [1], { clockAhead: 600_000 });
  expect(new Elsewhere().of([ahead], [], 0)[0]?.startedAt).toBe(100_000);
});

test.each<[Role, 'you' | 'other', boolean]>([
  ['viewer', 'you', false],
  ['operator', 'you', true],
  ['admin', 'you', true],
  ['operator', 'other', false],
  ['admin', 'other', true]
])('as %s what is of %s can be cancelled: %s', (role, whose, may) => {
  const here = host([running(1)], [1], { role });
  const [task] = new Elsewhere().of([here], [], 0);
  const desk = {
    fleet: { host: () => here, vm: () => null },
    tasks: { cancelling: [] },
    clock: { now: 9_000 },
    operator: whose === 'you' ? ADA : ME
  } as unknown as Desk; // only these are used
  const about = task === undefined ? null : aboutTask(desk, task, null);
  expect(about?.cancel).toBe(may ? 'undo' : null);
  expect(about?.by).toEqual({ label: 'Ada', you: whose === 'you' });
  expect(about?.progress?.stage).toBe('copying');
});
