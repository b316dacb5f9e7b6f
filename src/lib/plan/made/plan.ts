// A plan as it is kept: what was asked for, what each scheduler answered, and what the operator made of it.
import type { Fault } from '../../model/fault.ts';
import type { HostId } from '../../model/ids.ts';
import { WEIGHTS } from '../../plugin/weights.ts';
import type { Weights } from '../../plugin/weights.ts';
import { readReason } from '../reason.ts';
import type { Reason } from '../reason.ts';
import { readPlannedMove } from './planned-move.ts';
import type { PlannedMove } from './planned-move.ts';
import { readPlannedShare } from './planned-share.ts';
import type { PlannedShare } from './planned-share.ts';
import { isBegun, keptRun, readRun } from './progress.ts';
import type { Run } from './progress.ts';
import { isList, isRecord, isText, numberIn } from './read.ts';
import { keptFault, readFault } from './kept-fault.ts';
import { isHostId, MOST, readRequest } from './request.ts';
import type { PlanRequest } from './request.ts';

/** A proposal that may be: `at` milliseconds after the scheduler was asked. */
export type Sample = { readonly at: number; readonly cost: number; readonly moves: number };
export type AnswerState = 'done' | 'failed' | 'cancelled';
export type Answer = {
  /** Id of the plugin. */
  readonly scheduler: string;
  readonly title: string;
  readonly state: AnswerState;
  /** Why it failed; null when it did not. */
  readonly fault: Fault | null;
  /** Null: it made no proposal that may be. */
  readonly moves: readonly PlannedMove[] | null;
  /** VMs that get another share of the CPUs. */
  readonly shares: readonly PlannedShare[];
  readonly note: string;
  /** The first one is the fleet as it was. */
  readonly samples: readonly Sample[];
  /** How many proposals were refused, and why the last one was; null when none was. */
  readonly refused: number;
  readonly refusal: Reason | null;
  /** Milliseconds it took. */
  readonly took: number;
};

export type Plan = {
  readonly id: string;
  /** Milliseconds since 1970, of the last thing done with it. */
  readonly at: number;
  readonly request: PlanRequest;
  readonly weights: Weights;
  /** None: a draft. */
  readonly answers: readonly Answer[];
  /** Scheduler whose answer is the plan; null until there is one, or the operator chose. */
  readonly chosen: string | null;
  /** VMs (`PlannedMove.vm`) of the steps that were approved; null before. */
  readonly approved: readonly string[] | null;
  /** The steps approved, and what became of them; null before, and of plans that were approved before steps ran. */
  readonly run: Run | null;
  /** The maintenances it was approved in, of hosts it empties. */
  readonly emptying: readonly Emptying[];
};
/** `since`: of the host's own maintenance, as it says. */
export type Emptying = { readonly host: HostId; readonly since: number };

export const MOST_MOVES = 200_000;
const MOST_SAMPLES = 10_000;

/**
 * `failed`: no scheduler made a plan. `compare`: several did, and one has to be chosen. `done`: every step that was approved is done.
 * `paused`, `aborted`, `partly`: it was begun and not all is done; by the operator, or because no more could be.
 */
export type PlanState = 'draft' | 'failed' | 'compare' | 'ready' | 'approved' | RunState | 'done';
type RunState = 'paused' | 'aborted' | 'partly';
export function stateOf({ answers, chosen, approved, run }: Plan): PlanState {
  if (approved !== null) return run === null ? 'approved' : stateOfRun(run);
  if (chosen !== null) return 'ready';
  if (answers.length === 0) return 'draft';
  return answers.some(({ moves }) => moves !== null) ? 'compare' : 'failed';
}

function stateOfRun(run: Run): 'approved' | RunState | 'done' {
  if (run.steps.length > 0 && run.progress.every(({ state }) => state === 'done')) return 'done';
  if (run.aborted) return 'aborted';
  if (!isBegun(run)) return 'approved';
  return run.log.findLast(({ step }) => step < 0)?.what === 'paused' ? 'paused' : 'partly';
}

/** Whether it is the record of what was done: then it stays as it is. */
export const hasRun = ({ run }: Plan): boolean => run !== null && isBegun(run);

export const chosenOf = ({ answers, chosen }: Plan): Answer | null =>
  answers.find(({ scheduler }) => scheduler === chosen) ?? null;

/** Null: not what this version keeps. */
export function readPlan(value: unknown): Plan | null {
  if (!isRecord(value)) return null;
  // Plans that were kept before they knew it tell of no maintenance.
  const { id, at, chosen, approved, run = null, emptying = [] } = value;
  const request = readRequest(value.request);
  const weights = readWeights(value.weights);
  const answers = isList(value.answers, 20) ? value.answers.map(readAnswer) : [null];
  const read = answers.filter((answer) => answer !== null);
  if (!isText(id, 40) || !numberIn(at, 0, 1e15) || request === null || weights === null) return null;
  if (read.length < answers.length || (chosen !== null && !read.some(({ scheduler }) => scheduler === chosen))) {
    return null;
  }
  if (approved !== null && !(isList(approved, MOST_MOVES) && approved.every((vm) => isText(vm, 200)))) return null;
  const steps = run === null ? null : readRun(run);
  if (run !== null && steps === null) return null;
  if (!isList(emptying, MOST.hosts) || !emptying.every(isEmptying)) return null;
  return { id, at, request, weights, answers: read, chosen: chosen as string | null, approved, run: steps, emptying };
}

function readAnswer(value: unknown): Answer | null {
  if (!isRecord(value)) return null;
  const { scheduler, title, state, fault, moves, note, samples, refused, refusal, took } = value;
  if (![scheduler, title, note].every((text) => isText(text, 1_000))) return null;
  if (state !== 'done' && state !== 'failed' && state !== 'cancelled') return null;
  if (!isList(samples, MOST_SAMPLES) || !samples.every(isSample)) return null;
  if (!numberIn(refused, 0, 1e9) || !numberIn(took, 0, 1e9)) return null;
  const why = readRefusal(refusal);
  if (why === undefined) return null;
  const read = moves === null ? null : isList(moves, MOST_MOVES) ? moves.map(readPlannedMove) : [null];
  const whole = read?.filter((move) => move !== null) ?? null;
  if (whole?.length !== read?.length) return null;
  // Plans that were kept before there were shares have none.
  const { shares = [] } = value;
  const shared = isList(shares, MOST_MOVES) ? shares.map(readPlannedShare) : [null];
  const allShared = shared.filter((share) => share !== null);
  if (allShared.length < shared.length) return null;
  return { ...(value as Answer), moves: whole, shares: allShared, fault: readFault(fault), refusal: why };
}

/** A text before version 0.2. Undefined: not what this version keeps. */
function readRefusal(value: unknown): Reason | null | undefined {
  if (value === null || value === '') return null;
  return readReason(typeof value === 'string' ? { kind: 'said', text: value } : value) ?? undefined;
}

const isEmptying = (value: unknown): value is Emptying =>
  isRecord(value) && isHostId(value.host) && numberIn(value.since, 0, 1e15);
const isSample = (value: unknown): value is Sample =>
  isRecord(value) && [value.at, value.moves].every((n) => numberIn(n, 0, 1e9)) && Number.isFinite(value.cost);

/** As it is kept. */
export const keptPlan = (plan: Plan): unknown => ({
  ...plan,
  answers: plan.answers.map((answer) => ({ ...answer, fault: keptFault(answer.fault) })),
  run: plan.run === null ? null : keptRun(plan.run)
});

/** Null: not all of them, or out of range. */
export function readWeights(value: unknown): Weights | null {
  if (!isRecord(value)) return null;
  const names = Object.keys(WEIGHTS);
  // Those that were kept before there were shares say nothing of what caps withhold.
  const given: Readonly<Record<string, unknown>> = { withheld: WEIGHTS.withheld.default, ...value };
  if (!names.every((name) => numberIn(given[name], 0, 10_000))) return null;
  return Object.fromEntries(names.map((name) => [name, given[name]])) as Weights;
}
