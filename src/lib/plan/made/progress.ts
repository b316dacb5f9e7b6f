// What became of the steps of an approved plan, and what happened when. Pure.
import type { Fault } from '../../model/fault.ts';
import { readChange } from './changes.ts';
import type { Change } from './changes.ts';
import { keptFault, readFault } from './kept-fault.ts';
import { MOST_STEPS, readPlannedStep } from './planned-step.ts';
import type { PlannedStep } from './planned-step.ts';
import { readReason } from '../reason.ts';
import type { Reason } from '../reason.ts';
import { isList, isRecord, numberIn } from './read.ts';
import { DEFAULT_RUN, readRunOptions } from './run-options.ts';
import type { RunOptions } from './run-options.ts';

/** `stopped`: the fleet has changed, so it was not run. `unknown`: nobody knows how it ended; the fleet will show it. */
export const STEP_STATES = ['waiting', 'running', 'done', 'failed', 'stopped', 'unknown'] as const;
export type Progress = {
  readonly state: (typeof STEP_STATES)[number];
  /** Milliseconds since 1970 of its last change; 0: never. */
  readonly at: number;
  /** Why it failed, or is unknown. */
  readonly fault: Fault | null;
  /** What changed, or what is missing, where it was stopped. */
  readonly change: Change | null;
  readonly lacks: Reason | null;
};

/** `step`: as its progress says, by this browser. `seen`: so it was found on the fleet. The others are of the whole plan. */
export const LOGGED = ['approved', 'run', 'paused', 'aborted', 'ended', 'step', 'seen'] as const;
export type Logged = {
  readonly at: number;
  readonly what: (typeof LOGGED)[number];
  /** By index; -1 where it is about none. */
  readonly step: number;
  readonly progress: Progress | null;
  /** Number in the journal of the host that carried it out; null where none did. */
  readonly journal: number | null;
};

/** Progress by the index of the step; the log oldest first. */
export type Run = {
  readonly steps: readonly PlannedStep[];
  readonly progress: readonly Progress[];
  readonly options: RunOptions;
  /** What was left is given up: it runs only when the operator goes on after all. */
  readonly aborted: boolean;
  readonly log: readonly Logged[];
};

/** The oldest ones go. */
const MOST_LOGGED = 5_000;
export const WAITING: Progress = { state: 'waiting', at: 0, fault: null, change: null, lacks: null };

/** @param at milliseconds since 1970, of its approval */
export const newRun = (steps: readonly PlannedStep[], at: number): Run =>
  logged({ steps, progress: steps.map(() => WAITING), options: DEFAULT_RUN, aborted: false, log: [] }, 'approved', at);

export const withProgress = (run: Run, at: number, now: Progress): Run => ({
  ...run,
  progress: run.progress.map((was, index) => (index === at ? now : was))
});

/** Whether a step that failed did so because an operator gave it up. */
export const isCancelled = ({ state, fault }: Progress): boolean => state === 'failed' && fault?.code === 'cancelled';

/** Whether anything of it was begun: from then on it is the record of what was done. */
export const isBegun = ({ log }: Run): boolean => log.some(({ what }) => what === 'run' || what === 'step');

/** What happened to the whole plan is written down. */
export const logged = (run: Run, what: Logged['what'], at: number): Run =>
  withLog(run, { at, what, step: -1, progress: null, journal: null });

/** What became of a step, and how it is known. */
export const tell = (
  run: Run,
  step: number,
  progress: Progress,
  what: 'step' | 'seen' = 'step',
  journal: number | null = null
): Run => withLog(withProgress(run, step, progress), { at: progress.at, what, step, progress, journal });

const withLog = (run: Run, entry: Logged): Run => ({ ...run, log: [...run.log, entry].slice(-MOST_LOGGED) });

/** To be tried once more: what was not done. */
export const tryAgain = (run: Run): Run => ({
  ...run,
  aborted: false,
  progress: run.progress.map((one) => (one.state === 'failed' || one.state === 'stopped' ? WAITING : one))
});

const kept = (one: Progress): unknown => ({ ...one, fault: keptFault(one.fault) });
export const keptRun = ({ progress, log, ...run }: Run): unknown => ({
  ...run,
  progress: progress.map(kept),
  log: log.map((entry) => ({ ...entry, progress: entry.progress === null ? null : kept(entry.progress) }))
});

/** Null: not what this version keeps. */
export function readRun(value: unknown): Run | null {
  if (!isRecord(value) || !isList(value.steps, MOST_STEPS) || !isList(value.progress, MOST_STEPS)) return null;
  // Plans that were kept before moves ran have none of these.
  const { options: how = DEFAULT_RUN, aborted = false, log: entries = [] } = value;
  const steps = value.steps.map(readPlannedStep).filter((step) => step !== null);
  const progress = value.progress.map(readProgress).filter((one) => one !== null);
  if (steps.length < value.steps.length || progress.length < value.progress.length) return null;
  const options = readRunOptions(how);
  if (options === null || typeof aborted !== 'boolean' || !isList(entries, MOST_LOGGED)) return null;
  const log = entries.map((entry) => readLogged(entry, steps.length)).filter((entry) => entry !== null);
  if (log.length < entries.length) return null;
  return steps.length === progress.length ? { steps, progress, options, aborted, log } : null;
}

function readLogged(value: unknown, steps: number): Logged | null {
  if (!isRecord(value)) return null;
  const { at, step, journal } = value;
  const what = LOGGED.find((one) => one === value.what);
  const progress = value.progress === null ? null : readProgress(value.progress);
  if (what === undefined || !numberIn(at, 0, 1e15) || (progress === null && value.progress !== null)) return null;
  if (!numberIn(step, -1, steps - 1) || !Number.isInteger(step)) return null;
  return journal === null || numberIn(journal, 1, 1e15) ? { at, what, step, progress, journal } : null;
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
