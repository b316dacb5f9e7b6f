// The rebalance loop without its world: what was measured in a round goes in, what is done about it and why comes out. Pure, with a
// hysteresis: what was dealt with is settled, and is an imbalance again only when it has grown.
import { isQuiet, type RebalanceSettings } from './settings.ts';

export const HINDRANCES = [
  'few-hosts',
  'no-scheduler',
  'plan-runs',
  'in-motion',
  'maintenance',
  'unsteady',
  'failed'
] as const;
/** Why a round does not even look for a plan. `failed`: the scheduler did. */
export type Hindrance = (typeof HINDRANCES)[number];

export type Measured = {
  /** Ms since 1970. */
  readonly at: number;
  /** Minute of the day, local. */
  readonly minute: number;
  /** Points of the placement as it is, and those that shares of the CPUs alone would save; no plan can save more. */
  readonly cost: number;
  /** Hosts that VMs can move between. */
  readonly hosts: number;
  readonly hindrance: Hindrance | null;
};
/** A plan that was found. */
export type Proposal = {
  readonly moves: number;
  /** VMs that get another share of the CPUs. */
  readonly shares: number;
  /** Points that hosts cost less after it. */
  readonly saves: number;
  /** Points of its moves and changes in place. */
  readonly costs: number;
};

/** `settled`: as it was left after the last run or refusal. `standing`: a proposal waits. `gone`: that one's reason has gone. */
export type Decision =
  | { readonly is: 'hindered'; readonly by: Hindrance }
  | { readonly is: 'balanced' | 'settled' | 'standing' | 'gone' | 'no-better' | 'too-dear' }
  | { readonly is: 'cooling'; readonly until: number }
  | { readonly is: 'holds'; readonly rounds: number; readonly of: number }
  | { readonly is: 'propose'; readonly because: 'level' | 'quiet-hours' | 'moves-per-hour' }
  | { readonly is: 'run' };

export type LoopState = {
  /** Rounds in a row in which moving would have paid. */
  readonly held: number;
  /** The cost that is dealt with; `next`: that of the next round that can be judged; null: none. */
  readonly settled: number | 'next' | null;
  readonly coolUntil: number;
  /** A proposal waits for the operator. */
  readonly standing: boolean;
  /** Runs begun unasked in the last hour. */
  readonly runs: readonly { readonly at: number; readonly moves: number }[];
  /** Of the last round; 0: none yet. */
  readonly hosts: number;
};

export const FRESH: LoopState = { held: 0, settled: null, coolUntil: 0, standing: false, runs: [], hosts: 0 };
const HOUR = 3_600_000;

type Step = { readonly state: LoopState; readonly decision: Decision };

/** What is decided without looking for a plan; null: one has to be looked for, and `judge` is asked. */
export function glance(before: LoopState, settings: RebalanceSettings, measured: Measured): Step | null {
  const { at, cost, hosts, hindrance } = measured;
  const { least } = settings;
  // With other hosts, what was the best that could be done is so no more.
  const state = hosts === before.hosts ? before : { ...before, hosts, settled: null };
  const still = (decision: Decision, change: Partial<LoopState> = {}): Step => ({
    state: { ...state, held: 0, ...change },
    decision
  });
  if (hindrance !== null) return still({ is: 'hindered', by: hindrance });
  if (state.standing) {
    return cost < least ? still({ is: 'gone' }, { standing: false }) : still({ is: 'standing' });
  }
  if (at < state.coolUntil) return still({ is: 'cooling', until: state.coolUntil });
  const settled = state.settled === 'next' ? cost : state.settled;
  const lowered = settled === null ? null : Math.min(settled, cost);
  if (cost < least) return still({ is: 'balanced' }, { settled: lowered });
  return lowered !== null && cost < lowered + least ? still({ is: 'settled' }, { settled: lowered }) : null;
}

/** What is decided about the best plan that was found; null: none was. */
export function judge(
  before: LoopState,
  settings: RebalanceSettings,
  { at, minute, hosts }: Measured,
  found: Proposal | null
): Step {
  const { least, factor, rounds, level, movesPerHour } = settings;
  const runs = before.runs.filter((run) => run.at > at - HOUR);
  const state = { ...before, hosts, runs, held: 0 };
  if (found === null || found.moves + found.shares === 0 || found.saves < least)
    return { state, decision: { is: 'no-better' } };
  if (found.saves < factor * found.costs) return { state, decision: { is: 'too-dear' } };
  const held = before.held + 1;
  if (held < rounds) return { state: { ...state, held }, decision: { is: 'holds', rounds: held, of: rounds } };
  const begun = runs.reduce((sum, { moves }) => sum + moves, 0);
  const because =
    level !== 'act'
      ? 'level'
      : isQuiet(settings, minute)
        ? 'quiet-hours'
        : begun + found.moves > movesPerHour
          ? 'moves-per-hour'
          : null;
  if (because !== null) return { state: { ...state, standing: true }, decision: { is: 'propose', because } };
  return { state: { ...state, runs: [...runs, { at, moves: found.moves }] }, decision: { is: 'run' } };
}

/** A run has ended, whoever began it. @param whole all of it was done: what is left then is settled */
export const ran = (state: LoopState, { coolDown }: RebalanceSettings, at: number, whole: boolean): LoopState => ({
  ...state,
  held: 0,
  standing: false,
  coolUntil: at + coolDown,
  settled: whole ? 'next' : null
});

/** The operator does not want it: as it is now, it is well. */
export const dismissed = (state: LoopState): LoopState => ({ ...state, held: 0, standing: false, settled: 'next' });
