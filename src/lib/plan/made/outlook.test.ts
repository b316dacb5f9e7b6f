import { expect, test } from 'vitest';
import type { PlannedStep } from './planned-step.ts';
import { outlook } from './outlook.ts';
import { newRun, WAITING, withProgress } from './progress.ts';
import type { Progress, Run } from './progress.ts';

const step = (kind: PlannedStep['kind'], mib: number): PlannedStep => ({
  ...{ kind, vm: 'v', name: 'v', from: 'a', fromName: 'a', host: 'b', hostName: 'b', vcpus: 1, memory: 1 },
  ...{ wasVcpus: 0, wasMemory: 0, share: null, mib, detour: false, begins: 0, takes: 2, after: [] }
});
const run = (states: readonly Progress['state'][], mib = 100): Run =>
  states.reduce(
    (all, state, at) => withProgress(all, at, { ...WAITING, state }),
    newRun(
      states.map(() => step('move', mib)),
      0
    )
  );
const look = (of: Run, part = 0, since: { mib: number; at: number } | null = { mib: 0, at: 0 }, now = 10_000) =>
  outlook(
    of,
    () => true,
    () => part,
    since,
    now
  );

test('the time left is told by what was copied since it was begun, what is under way counted in part', () => {
  expect(look(run(['done', 'waiting', 'waiting']))).toEqual({ done: 1, of: 3, share: 1 / 3, left: 20_000 });
  expect(look(run(['done', 'running', 'waiting']), 0.5)).toEqual({ done: 1, of: 3, share: 0.5, left: 10_000 });
  expect(look(run(['done', 'done', 'waiting']), 0, { mib: 100, at: 5_000 }).left).toBe(5_000);
});

test('no figure where nothing was measured', () => {
  for (const of of [run(['running', 'waiting']), run(['waiting'])]) expect(look(of).left).toBeNull();
  expect(look(run(['done', 'waiting']), 0, null).left).toBeNull();
  expect(look(run(['done', 'waiting']), 0, { mib: 0, at: 9_000 }).left).toBeNull();
  expect(look(run(['done', 'done'])).left).toBeNull();
});

test('what cannot come any more is not waited for, and never counts as done', () => {
  expect(look(run(['done', 'failed', 'stopped', 'waiting']))).toMatchObject({
    done: 1,
    of: 4,
    share: 0.25,
    left: 10_000
  });
  expect(look(run(['done', 'done', 'failed']))).toMatchObject({ done: 2, of: 3, share: 2 / 3, left: null });
  expect(look(run(['done', 'done', 'done', 'waiting'], 0))).toEqual({ done: 3, of: 4, share: 0.75, left: null });
  expect(look(run(['failed'])).share).toBe(0);
  expect(look(run(['done'])).share).toBe(1);
});
