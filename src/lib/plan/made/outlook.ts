// How far a run is, and how long what is left takes: by what was copied since it was begun, and by nothing else. Pure.
import type { Millis } from '../../model/units.ts';
import type { PlannedStep } from './planned-step.ts';
import type { Run } from './progress.ts';
import { standings } from './standing.ts';

export type Outlook = {
  readonly done: number;
  readonly of: number;
  /** 0 to 1 of all steps, each as long as it was reckoned to take: 1 only when all are done. */
  readonly share: number;
  /** Null: nothing was measured that it could be told from. */
  readonly left: Millis | null;
};
/** MiB copied when it was begun, and when that was. */
export type Since = { readonly mib: number; readonly at: number };

/** ms: what was measured in less tells nothing. */
const LEAST = 3_000;

/** MiB of all steps done, and of those under way the part that is. @param partOf 0 to 1 of a step that runs */
export const copied = ({ steps, progress }: Run, partOf: (at: number) => number): number =>
  steps.reduce((sum, { mib }, at) => {
    const { state } = progress[at]!;
    return sum + (state === 'done' ? mib : state === 'running' ? mib * partOf(at) : 0);
  }, 0);

/** @param since null while it is not run */
export function outlook(
  run: Run,
  runs: (step: PlannedStep) => boolean,
  partOf: (at: number) => number,
  since: Since | null,
  now: number
): Outlook {
  const all = standings(run, runs);
  const can = run.steps.filter((_, at) => ['done', 'ready', 'running', 'waits', 'unknown'].includes(all[at]!.is));
  const done = all.filter(({ is }) => is === 'done').length;
  const whole = can.reduce((sum, { mib }) => sum + mib, 0);
  const so = copied(run, partOf);
  const ms = since === null ? 0 : now - since.at;
  const rate = since === null || ms < LEAST ? 0 : (so - since.mib) / ms;
  const left = rate > 0 && whole > so ? (Math.round((whole - so) / rate) as Millis) : null;
  return { done, of: run.steps.length, share: shareOf(run, done, partOf), left };
}

function shareOf({ steps, progress }: Run, done: number, partOf: (at: number) => number): number {
  if (done === steps.length) return 1;
  const all = steps.reduce((sum, { takes }) => sum + takes, 0);
  const so = steps.reduce((sum, { takes }, at) => {
    const { state } = progress[at]!;
    return sum + (state === 'done' ? takes : state === 'running' ? takes * partOf(at) : 0);
  }, 0);
  return all === 0 ? done / steps.length : so / all;
}
