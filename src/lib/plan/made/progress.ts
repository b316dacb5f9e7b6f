// What became of the steps of an approved plan, which can be run next, and why the others cannot. Pure.
import type { Fault } from '../../model/fault.ts';
import { readChange } from './changes.ts';
import type { Change } from './changes.ts';
import { keptFault, readFault } from './kept-fault.ts';
import { MOST_STEPS, readPlannedStep } from './planned-step.ts';
import type { PlannedStep } from './planned-step.ts';
import { readReason } from '../reason.ts';
import type { Reason } from '../reason.ts';
import { isList, isRecord, numberIn } from './read.ts';

/** `stopped`: the fleet has changed, so it was not run. */
export const STEP_STATES = ['waiting', 'running', 'done', 'failed', 'stopped'] as const;
export type Progress = {
  readonly state: (typeof STEP_STATES)[number];
  /** Milliseconds since 1970 of its last change; 0: never. */
  readonly at: number;
  /** Why it failed. */
  readonly fault: Fault | null;
  /** What changed, or what is missing, where it was stopped. */
  readonly change: Change | null;
  readonly lacks: Reason | null;
};
/** Progress by the index of the step. */
export type Run = { readonly steps: readonly PlannedStep[]; readonly progress: readonly Progress[] };

export const WAITING: Progress = { state: 'waiting', at: 0, fault: null, change: null, lacks: null };
export const newRun = (steps: readonly PlannedStep[]): Run => ({ steps, progress: steps.map(() => WAITING) });
export const withProgress = ({ steps, progress }: Run, at: number, now: Progress): Run => ({
  steps,
  progress: progress.map((was, index) => (index === at ? now : was))
});

/**
 * `waits`: for a step that is still to come or running. `planned`: it has to be run elsewhere. `behind-planned`, `behind-failed`: it
 * waits for one that is planned, or that was not done. `of`: that step, by index; -1 where it is itself.
 */
export type Standing = {
  readonly is:
    Exclude<Progress['state'], 'waiting'> | 'ready' | 'waits' | 'planned' | 'behind-planned' | 'behind-failed';
  readonly of: number;
};

/** @param runs whether a step is of a kind that can be run from here */
export function standings({ steps, progress }: Run, runs: (step: PlannedStep) => boolean): readonly Standing[] {
  const found: Standing[] = [];
  for (const [at, step] of steps.entries()) {
    const { state } = progress[at]!;
    found.push(state === 'waiting' ? standingOf(step, found, runs) : { is: state, of: -1 });
  }
  return found;
}

function standingOf(step: PlannedStep, found: readonly Standing[], runs: (step: PlannedStep) => boolean): Standing {
  if (!runs(step)) return { is: 'planned', of: -1 };
  const before = step.after.map((of) => ({ ...found[of]!, by: of }));
  const failed = before.find(({ is }) => is === 'failed' || is === 'stopped' || is === 'behind-failed');
  if (failed !== undefined) return { is: 'behind-failed', of: failed.is === 'behind-failed' ? failed.of : failed.by };
  const planned = before.find(({ is }) => is === 'planned' || is === 'behind-planned');
  if (planned !== undefined) return { is: 'behind-planned', of: planned.is === 'planned' ? planned.by : planned.of };
  const waits = before.find(({ is }) => is !== 'done');
  return waits === undefined ? { is: 'ready', of: -1 } : { is: 'waits', of: waits.by };
}

/**
 * Steps that can be run now, by index: in their order, no more than so many of a host with those that run.
 * @param only that one alone, if it can; null: any
 */
export function nextSteps(
  run: Run,
  runs: (step: PlannedStep) => boolean,
  perHost: number,
  only: number | null = null
): readonly number[] {
  const all = standings(run, runs);
  const busy = new Map<string, number>();
  const take = (host: string): number => {
    const count = (busy.get(host) ?? 0) + 1;
    busy.set(host, count);
    return count;
  };
  for (const [at, { is }] of all.entries()) if (is === 'running') take(run.steps[at]!.host);
  const ready = [...all.keys()].filter((at) => all[at]!.is === 'ready' && (only === null || at === only));
  return ready.filter((at) => take(run.steps[at]!.host) <= perHost);
}

/** To be tried once more: what was not done. */
export const tryAgain = ({ steps, progress }: Run): Run => ({
  steps,
  progress: progress.map((one) => (one.state === 'failed' || one.state === 'stopped' ? WAITING : one))
});

export const keptRun = ({ steps, progress }: Run): unknown => ({
  steps,
  progress: progress.map((one) => ({ ...one, fault: keptFault(one.fault) }))
});

/** Null: not what this version keeps. */
export function readRun(value: unknown): Run | null {
  if (!isRecord(value) || !isList(value.steps, MOST_STEPS) || !isList(value.progress, MOST_STEPS)) return null;
  const steps = value.steps.map(readPlannedStep).filter((step) => step !== null);
  const progress = value.progress.map(readProgress).filter((one) => one !== null);
  if (steps.length < value.steps.length || progress.length < value.progress.length) return null;
  return steps.length === progress.length ? { steps, progress } : null;
}

function readProgress(value: unknown): Progress | null {
  if (!isRecord(value)) return null;
  const { at } = value;
  const state = STEP_STATES.find((one) => one === value.state);
  const change = value.change === null ? null : readChange(value.change);
  const lacks = value.lacks === null ? null : readReason(value.lacks);
  if (state === undefined || !numberIn(at, 0, 1e15) || (lacks === null && value.lacks !== null)) return null;
  return change === undefined ? null : { state, at, lacks, change, fault: readFault(value.fault) };
}
