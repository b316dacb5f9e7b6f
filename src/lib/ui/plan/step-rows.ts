// Steps of a plan as rows. Pure.
import { keyOfVm } from '#lib/plan/made/planned-move.ts';
import type { PlannedStep } from '#lib/plan/made/planned-step.ts';
import type { Columns } from '#lib/plugin/columns.ts';

export type StepRow = PlannedStep & {
  /** Counted from 1. */
  readonly number: number;
  /** Index of the VM in the columns; -1 where it is not among them. */
  readonly index: number;
  /** It can still be done. */
  readonly possible: boolean;
};

/** @param columns in which the VMs are explained. @param possible whether a VM's steps can still be done */
export function stepRows(
  columns: Columns,
  steps: readonly PlannedStep[],
  possible: (vm: string) => boolean
): readonly StepRow[] {
  const wanted = new Set(steps.map(({ vm }) => vm));
  const indices = new Map<string, number>();
  for (let vm = 0; vm < columns.vms; vm++) {
    const key = keyOfVm(columns, vm);
    if (wanted.has(key)) indices.set(key, vm);
  }
  return steps.map((step, at) => ({
    ...step,
    number: at + 1,
    index: indices.get(step.vm) ?? -1,
    possible: possible(step.vm)
  }));
}
