// Steps of a plan as rows: names instead of indices. Pure.
import { keyOfVm } from '#lib/plan/made/planned-move.ts';
import type { Ordered } from '#lib/plan/steps/order.ts';
import { textAt, type Columns } from '#lib/plugin/columns.ts';

/** Times in seconds. */
export type StepRow = {
  /** Counted from 1. */
  readonly number: number;
  readonly vm: number;
  /** As `PlannedMove.vm`: the same for all steps of a VM. */
  readonly key: string;
  readonly name: string;
  /** Null for a new VM. */
  readonly from: string | null;
  readonly to: string;
  readonly hostId: string;
  /** Null where nothing is copied. */
  readonly mib: number | null;
  readonly detour: boolean;
  readonly begins: number;
  readonly takes: number;
  /** Numbers of the steps that have to be done before. */
  readonly after: readonly number[];
  /** It can still be done. */
  readonly possible: boolean;
};

/** @param left keys of VMs whose moves are still possible */
export const stepRows = (columns: Columns, { steps }: Ordered, left: ReadonlySet<string>): readonly StepRow[] =>
  steps.map((step, index): StepRow => {
    const to = step.kind === 'resize' ? step.on : step.to;
    const key = keyOfVm(columns, step.vm);
    return {
      number: index + 1,
      vm: step.vm,
      key,
      name: textAt(columns.vmName, step.vm),
      from: step.kind === 'move' ? textAt(columns.hostName, step.from) : null,
      to: textAt(columns.hostName, to),
      hostId: textAt(columns.hostId, to),
      mib: step.kind === 'move' ? step.mib : null,
      detour: step.kind === 'move' && step.detour,
      begins: step.begins,
      takes: step.ends - step.begins,
      after: step.after.map((other) => other + 1),
      possible: left.has(key)
    };
  });
