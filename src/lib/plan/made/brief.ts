// What a plan brings, in a few figures: as reckoned when it was made, and from its approval on as its steps say. Pure.
import { totalOf } from '../cost/terms.ts';
import type { Figures } from './figures.ts';
import type { Answer } from './plan.ts';
import type { Run } from './progress.ts';

type Change = { readonly before: number; readonly after: number };
export type Brief = {
  /** Points; null where it is not known of this part. */
  readonly cost: Change | null;
  /** VMs that move. */
  readonly moves: number;
  readonly placed: number;
  /** VMs that get another share of the CPUs. */
  readonly shares: number;
  readonly mib: number;
  readonly seconds: number;
  /** Hosts that are on; null where it is not known. */
  readonly on: Change | null;
};

export const briefOf = ({ difference, ordered, shares }: Figures): Brief => ({
  cost: { before: totalOf(difference.before), after: totalOf(difference.after) },
  moves: difference.moved.length,
  placed: difference.placed.length,
  shares,
  mib: difference.mib,
  seconds: ordered.seconds,
  on: difference.on
});

/** Of the steps that were approved; they stay as they are, whatever becomes of the fleet. @param answer whose cost they have as a whole */
export function briefOfRun({ steps }: Run, { moves, shares, samples }: Answer): Brief {
  const vmsOf = (kind: string): number => new Set(steps.flatMap((step) => (step.kind === kind ? [step.vm] : []))).size;
  const vms = new Set(steps.map(({ vm }) => vm));
  const whole = [...(moves ?? []), ...shares].every(({ vm }) => vms.has(vm));
  const [first, last] = [samples[0], samples.at(-1)];
  return {
    cost: whole && first !== undefined && last !== undefined ? { before: first.cost, after: last.cost } : null,
    moves: vmsOf('move'),
    placed: vmsOf('place'),
    shares: vmsOf('share'),
    mib: steps.reduce((sum, { mib }) => sum + mib, 0),
    seconds: steps.reduce((most, { begins, takes }) => Math.max(most, begins + takes), 0),
    on: null
  };
}
