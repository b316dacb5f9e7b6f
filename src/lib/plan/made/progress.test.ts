import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Fault } from '../../model/fault.ts';
import type { PlannedStep } from './planned-step.ts';
import { keptRun, logged, newRun as approved, readRun, tell, tryAgain, WAITING, withProgress } from './progress.ts';
import type { Progress, Run } from './progress.ts';
import { nextSteps, standings } from './standing.ts';

const step = (kind: PlannedStep['kind'], after: readonly number[] = [], host = 'h0', from = ''): PlannedStep => ({
  ...{ kind, vm: 'id-0', name: 'v0', from, fromName: from, host, hostName: host },
  ...{
    vcpus: 1,
    memory: 256,
    wasVcpus: 0,
    wasMemory: 0,
    share: null,
    mib: 0,
    detour: false,
    begins: 0,
    takes: 2,
    after
  }
});
const newRun = (steps: readonly PlannedStep[]): Run => approved(steps, 1);
/** New VMs cannot be made from here in these tests. */
const runs = ({ kind }: PlannedStep): boolean => kind !== 'place';
const FAILED: Progress = {
  ...WAITING,
  state: 'failed',
  fault: new Fault('cancelled', { by: 'Ann', left: 'nothing' })
};
const state = (run: Run, at: number, to: Progress['state']): Run =>
  withProgress(run, at, to === 'failed' ? FAILED : { ...WAITING, state: to });

const HOSTS = ['h0', 'h1', 'h2', 'h3'];
const someRuns = fc
  .array(
    fc.record({
      kind: fc.constantFrom('move', 'resize', 'start', 'place'),
      after: fc.array(fc.nat(), { maxLength: 3 }),
      hosts: fc.shuffledSubarray(HOSTS, { minLength: 2 })
    }),
    { maxLength: 12 }
  )
  .map((all) =>
    newRun(
      all.map(({ kind, after, hosts: [host = '', from = ''] }, at) =>
        step(kind, at === 0 ? [] : [...new Set(after.map((n) => n % at))], host, kind === 'move' ? from : '')
      )
    )
  );
const limits = fc.record({ moves: fc.integer({ min: 1, max: 3 }), perHost: fc.integer({ min: 1, max: 2 }) });

describe('a run of steps', () => {
  test('keeps their order, the limit of moves and that of each host, runs none twice, and ends whatever fails', () => {
    fc.assert(
      fc.property(someRuns, limits, fc.infiniteStream(fc.nat()), (first, { moves, perHost }, choices) => {
        let run: Run = { ...first, options: { ...first.options, moves, perHost } };
        const begun: number[] = [];
        const ended: number[] = [];
        for (let turn = 0; turn <= 2 * run.steps.length; turn++) {
          for (const at of nextSteps(run, runs)) {
            expect(begun).not.toContain(at);
            for (const before of run.steps[at]!.after) expect(run.progress[before]!.state).toBe('done');
            begun.push(at);
            run = state(run, at, at % 4 === 3 ? 'unknown' : 'running');
          }
          const under = begun.filter((at) => !ended.includes(at));
          const steps = under.map((at) => run.steps[at]!);
          expect(steps.filter(({ kind }) => kind === 'move').length).toBeLessThanOrEqual(moves);
          for (const one of HOSTS)
            expect(steps.filter(({ host, from }) => host === one || from === one).length).toBeLessThanOrEqual(perHost);
          if (under.length === 0) break;
          const choice = choices.next().value as number;
          const end = under[choice % under.length]!;
          ended.push(end);
          run = state(run, end, choice % 3 === 0 ? 'failed' : choice % 5 === 0 ? 'stopped' : 'done');
        }
        expect(nextSteps(run, runs)).toEqual([]);
        const ends = ['done', 'failed', 'cancelled', 'stopped', 'planned', 'behind-planned', 'behind-failed'];
        for (const { is } of standings(run, runs)) expect(ends).toContain(is);
      })
    );
  });

  test('says of each that cannot run which step it waits for', () => {
    const all = newRun([
      step('place'),
      step('resize', [0]),
      step('start', [1]),
      step('start'),
      step('start', [3]),
      step('start', [4])
    ]);
    const failed = state(all, 3, 'failed');
    expect(standings(failed, runs)).toEqual([
      { is: 'planned', of: -1 },
      { is: 'behind-planned', of: 0 },
      { is: 'behind-planned', of: 0 },
      { is: 'cancelled', of: -1 },
      { is: 'behind-failed', of: 3 },
      { is: 'behind-failed', of: 3 }
    ]);
    expect(standings(state(all, 3, 'running'), runs).slice(4)).toEqual([
      { is: 'waits', of: 3 },
      { is: 'waits', of: 4 }
    ]);
    const broken = withProgress(failed, 3, { ...FAILED, fault: new Fault('not-found', { kind: 'VM', id: 'v0' }) });
    expect(standings(broken, runs)[3]).toEqual({ is: 'failed', of: -1 });
    expect(nextSteps(tryAgain(failed), runs)).toEqual([3]);
    const two = newRun([step('start'), step('start')]);
    expect(nextSteps(two, runs)).toEqual([0]);
    expect(nextSteps(two, runs, 1)).toEqual([1]);
    expect(nextSteps(state(two, 0, 'running'), runs, 1)).toEqual([]);
  });

  test('goes on behind a step that was done elsewhere', () => {
    expect(nextSteps(state(newRun([step('place'), step('resize', [0])]), 0, 'done'), runs)).toEqual([1]);
  });

  test('that was kept is read as it was, and nothing else is', () => {
    const change = { kind: 'vm-moved', vm: 'v0', host: 'h1' } as const;
    let run = state(newRun([step('start'), step('resize', [0]), step('move', [0, 1])]), 0, 'failed');
    run = withProgress(run, 1, {
      ...WAITING,
      state: 'stopped',
      at: 5,
      change,
      lacks: { kind: 'lacks', resource: 'vcpus', amount: 1, meanwhile: false }
    });
    run = tell(logged({ ...run, aborted: true }, 'aborted', 6), 0, { ...FAILED, at: 7 }, 'seen', 12);
    expect(run.log.map(({ what }) => what)).toEqual(['approved', 'aborted', 'seen']);
    expect(readRun(structuredClone(keptRun(run)))).toEqual(run);
    const { options, aborted, log, ...old } = run;
    expect(readRun(old)).toMatchObject({ options, aborted: !aborted, log: log.slice(0, 0) });
    for (const wrong of [
      { steps: run.steps, progress: [] },
      { steps: [step('start', [0])], progress: [WAITING] },
      { steps: [{ ...step('start'), kind: 'explode' }], progress: [WAITING] },
      { steps: [step('start')], progress: [{ ...WAITING, change: { kind: 'vm-gone' } }] },
      { steps: [step('start')], progress: [{ ...WAITING, state: 'odd' }] },
      { ...run, options: { ...run.options, moves: 0 } },
      { ...run, options: { ...run.options, bandwidth: 1.5 } },
      { ...run, log: [{ ...run.log[0], step: 3 }] },
      { ...run, log: [{ ...run.log[0], what: 'odd' }] }
    ])
      expect(readRun(wrong)).toBeNull();
    fc.assert(
      fc.property(fc.anything(), (value) => {
        expect(readRun(value)).toBeNull();
      })
    );
  });
});
