import { expect, test } from 'vitest';
import { briefOfRun } from './brief.ts';
import type { Answer } from './plan.ts';
import type { PlannedStep } from './planned-step.ts';
import { newRun } from './progress.ts';

const step = (kind: PlannedStep['kind'], vm: string, begins: number, takes: number, mib = 0): PlannedStep => ({
  ...{ kind, vm, name: vm, from: 'a', fromName: 'a', host: 'b', hostName: 'b', vcpus: 1, memory: 1, wasVcpus: 0 },
  ...{ wasMemory: 0, share: null, mib, detour: false, begins, takes, after: [] }
});
const move = (vm: string) => ({ vm, name: vm, from: 'a', to: 'b', toName: 'b', vcpus: 1, memory: 1 });
const answer: Answer = {
  ...{ scheduler: 's', title: '', state: 'done', fault: null, note: '', refused: 0, refusal: null, took: 1 },
  ...{ moves: [move('v'), move('w')], shares: [] },
  samples: [
    { at: 0, cost: 12, moves: 0 },
    { at: 1, cost: 8, moves: 2 }
  ]
};

test('an approved plan is told by its own steps: what they copy, when the last one ends, each VM once', () => {
  // v goes by a detour.
  const steps = [step('move', 'v', 0, 4, 30), step('move', 'w', 4, 3, 20), step('move', 'v', 4, 2, 30)];
  const brief = briefOfRun(newRun(steps, 0), answer);
  expect(brief).toEqual({
    ...{ cost: { before: 12, after: 8 }, moves: 2, placed: 0, shares: 0, mib: 80, seconds: 7, on: null }
  });
});

test('of a part nobody knows the cost', () => {
  expect(briefOfRun(newRun([step('move', 'v', 0, 4, 30)], 0), answer)).toMatchObject({ cost: null, moves: 1, mib: 30 });
});
