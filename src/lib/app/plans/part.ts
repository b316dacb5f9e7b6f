// The part of a plan that is taken: whether it can be done without the rest, and its steps. Pure.
import { checkPart } from '#lib/plan/made/part.ts';
import { keyOfVm, movesIn } from '#lib/plan/made/planned-move.ts';
import type { PlannedMove } from '#lib/plan/made/planned-move.ts';
import { plannedSteps } from '#lib/plan/made/planned-step.ts';
import type { PlannedStep } from '#lib/plan/made/planned-step.ts';
import { sharesIn, type PlannedShare } from '#lib/plan/made/planned-share.ts';
import type { Ground } from '#lib/plan/made/ground.ts';
import type { Violation } from '#lib/plan/check-moves.ts';
import { DEFAULT_ORDER, order } from '#lib/plan/steps/order.ts';

export type TakenPart = {
  readonly steps: readonly PlannedStep[];
  readonly violations: readonly Violation[];
  /** Keys of VMs left out without which the others cannot be. */
  readonly needs: readonly string[];
};

/** @param taken keys of VMs */
export function takenPart(
  ground: Ground,
  planned: readonly PlannedMove[],
  plannedShares: readonly PlannedShare[],
  taken: ReadonlySet<string>
): TakenPart {
  const { columns, before, room } = ground;
  const key = (vm: number): string => keyOfVm(columns, vm);
  const moves = movesIn(columns, planned).filter(({ vm, host }) => vm >= 0 && host >= 0);
  const some = moves.filter(({ vm }) => taken.has(key(vm)));
  const growing = new Map([...before].filter(([vm]) => taken.has(key(vm))));
  const shares = sharesIn(columns, plannedShares).filter(({ vm }) => vm >= 0 && taken.has(key(vm)));
  const part = checkPart(columns, moves, some, shares);
  const ordered = order(columns, some, growing, DEFAULT_ORDER, shares);
  const stuck = ordered.blocked.filter(({ vm }) => growing.has(vm));
  const makeRoom = moves.filter(({ vm }) => stuck.some((one) => room.leave.get(vm) === one.vm) && !taken.has(key(vm)));
  return {
    steps: plannedSteps(columns, ordered, before),
    violations: [...part.violations, ...stuck],
    needs: [...new Set([...part.needs, ...makeRoom.map(({ vm }) => vm)])].map(key)
  };
}
