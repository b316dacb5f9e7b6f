import { expect, test } from 'vitest';
import { en } from '#lib/messages/en.ts';
import type { Messages } from '#lib/messages/messages.ts';
import { zh } from '#lib/messages/zh.ts';
import { Fault } from '#lib/model/fault.ts';
import { millis } from '#lib/model/units.ts';
import type { Plan } from '#lib/plan/made/plan.ts';
import type { PlannedStep } from '#lib/plan/made/planned-step.ts';
import { logged, newRun, tell, WAITING, type Progress, type Run } from '#lib/plan/made/progress.ts';
import { NEW_REQUEST } from '#lib/plan/made/request.ts';
import { DEFAULT_WEIGHTS } from '#lib/plugin/weights.ts';
import { aFleet } from '../../../../tests/support/a-fleet.ts';
import { planGroup } from './group.ts';
import type { TaskGroup } from '../tasks/task.ts';

const step: PlannedStep = {
  ...{ kind: 'move', vm: 'v', name: 'v', from: 'a', fromName: 'a', host: 'b', hostName: 'b', vcpus: 1, memory: 1 },
  ...{ wasVcpus: 0, wasMemory: 0, share: null, mib: 1, detour: false, begins: 0, takes: 2, after: [] }
};
const DONE: Progress = { ...WAITING, state: 'done' };
const FAR = { done: 1, of: 2, share: 0.5, left: millis(60_000) };
const begun = tell(logged(newRun([step, step], 0), 'run', 1), 0, DONE);
const ended = (fault: Fault): Run => logged(tell(begun, 1, { ...WAITING, state: 'failed', fault }), 'ended', 2);
const CANCELLED = new Fault('cancelled', { by: 'ada', left: '' });
const LOST = new Fault('not-found', { kind: 'VM', id: 'v' });

function groupOf(run: Run, running: boolean): TaskGroup {
  const plan: Plan = {
    ...{ id: '0123456789abcdef', at: 0, request: NEW_REQUEST, weights: DEFAULT_WEIGHTS, answers: [], chosen: null },
    ...{ approved: ['v'], run, emptying: [] }
  };
  return planGroup(aFleet(), plan, running, FAR, { mib: 0, at: 0 });
}
function shown(run: Run, running = false, m: Messages = en): [string, string] {
  const { status, words } = groupOf(run, running);
  return [status, words(m)];
}

test.each([
  ['that runs tells how long it still takes', begun, true, 'running', '1 of 2 done, about 1\u00a0min left'],
  ['that is paused', logged(begun, 'paused', 2), false, 'paused', 'paused: 1 of 2 done'],
  ['that was aborted', { ...ended(CANCELLED), aborted: true }, false, 'aborted', 'aborted: 1 of 2 done'],
  ['one move of which was cancelled', ended(CANCELLED), false, 'paused', '1 of 2 done'],
  ['a step of which failed', ended(LOST), false, 'failed', '1 of 2 done'],
  ['that is through', logged(tell(begun, 1, DONE), 'ended', 2), false, 'done', '1 of 2 done']
])('a plan %s', (_, run, running, status, words) => {
  expect(shown(run, running)).toEqual([status, words]);
});

test('so it does in Chinese', () => {
  expect(shown(logged(begun, 'paused', 2), false, zh)).toEqual(['paused', '已暂停：已完成 1/2']);
});

test('what has still to begin is told while it runs, and no more once it is aborted', () => {
  const move = { vm: 'v', from: 'a', to: 'b' };
  expect(groupOf(begun, true).toCome).toEqual([move]);
  expect(groupOf(begun, false).toCome).toEqual([]);
  expect(groupOf({ ...begun, aborted: true }, true).toCome).toEqual([]);
  expect(groupOf(tell(begun, 1, { ...WAITING, state: 'running' }), true).toCome).toEqual([]);
});
