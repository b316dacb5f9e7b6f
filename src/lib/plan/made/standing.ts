// Which steps of an approved plan can run now, and what the others wait for. Pure.
import type { PlannedStep } from './planned-step.ts';
import { isCancelled } from './progress.ts';
import type { Progress, Run } from './progress.ts';

/**
 * `cancelled`: it was begun, and given up by an operator. `waits`: for a step that is still to come or running. `planned`: it has to be run elsewhere. `behind-planned`, `behind-failed`: it
 * waits for one that is planned, or that was not done. `of`: that step, by index; -1 where it is itself.
 */
export type Standing = {
  readonly is:
    | Exclude<Progress['state'], 'waiting'>
    | ('cancelled' | 'ready' | 'waits' | 'planned' | 'behind-planned' | 'behind-failed');
  readonly of: number;
};

/** @param runs whether a step is of a kind that can be run from here */
export function standings({ steps, progress }: Run, runs: (step: PlannedStep) => boolean): readonly Standing[] {
  const found: Standing[] = [];
  for (const [at, step] of steps.entries()) {
    const one = progress[at]!;
    const is = isCancelled(one) ? 'cancelled' : one.state;
    found.push(is === 'waiting' ? standingOf(step, found, runs) : { is, of: -1 });
  }
  return found;
}

/** Whether it ended and did not do what it is for: it can be tried again. */
export const wasNotDone = (is: Standing['is']): boolean => is === 'failed' || is === 'stopped' || is === 'cancelled';

function standingOf(step: PlannedStep, found: readonly Standing[], runs: (step: PlannedStep) => boolean): Standing {
  if (!runs(step)) return { is: 'planned', of: -1 };
  const before = step.after.map((of) => ({ ...found[of]!, by: of }));
  const failed = before.find(({ is }) => wasNotDone(is) || is === 'behind-failed');
  if (failed !== undefined) return { is: 'behind-failed', of: failed.is === 'behind-failed' ? failed.of : failed.by };
  const planned = before.find(({ is }) => is === 'planned' || is === 'behind-planned');
  if (planned !== undefined) return { is: 'behind-planned', of: planned.is === 'planned' ? planned.by : planned.of };
  const waits = before.find(({ is }) => is !== 'done');
  return waits === undefined ? { is: 'ready', of: -1 } : { is: 'waits', of: waits.by };
}

/** Steps at once that are no moves. */
const OTHERS_AT_ONCE = 10;
const hostsOf = ({ kind, from, host }: PlannedStep): readonly string[] => (kind === 'move' ? [from, host] : [host]);

/**
 * Steps that can be run now, by index: in their order, within the limits of the run, those that run counted. However many are run
 * at once, no host holds more than it can: what has to leave before stands in `after`.
 * @param only that one alone, if it can; null: any
 */
export function nextSteps(
  run: Run,
  runs: (step: PlannedStep) => boolean,
  only: number | null = null
): readonly number[] {
  const { perHost, moves } = run.options;
  const all = standings(run, runs);
  const busy = new Map<string, number>();
  const under = { moves: 0, others: 0 };
  const begin = (step: PlannedStep): void => {
    for (const host of hostsOf(step)) busy.set(host, (busy.get(host) ?? 0) + 1);
    under[step.kind === 'move' ? 'moves' : 'others']++;
  };
  const fits = (step: PlannedStep): boolean =>
    (step.kind === 'move' ? under.moves < moves : under.others < OTHERS_AT_ONCE) &&
    hostsOf(step).every((host) => (busy.get(host) ?? 0) < perHost);
  // One of which nobody knows whether it still goes on counts too.
  for (const [at, { is }] of all.entries()) if (is === 'running' || is === 'unknown') begin(run.steps[at]!);
  const next: number[] = [];
  for (const [at, { is }] of all.entries()) {
    const step = run.steps[at]!;
    if (is !== 'ready' || (only !== null && at !== only) || !fits(step)) continue;
    begin(step);
    next.push(at);
  }
  return next;
}
