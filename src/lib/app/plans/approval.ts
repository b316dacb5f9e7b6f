// A plan approved as a whole: every step of it that can still be done.
import { asShown } from '#lib/plan/made/as-shown.ts';
import { chosenOf } from '#lib/plan/made/plan.ts';
import { takenPart } from './part.ts';
import type { Planner } from './planner.svelte.ts';

/** @returns how many steps were approved; 0: none can be done, or not together, and nothing was approved */
export function approveWhole(planner: Planner, id: string): number {
  const plan = planner.plan(id);
  const look = plan === null ? null : planner.look(plan);
  if (plan === null || look === null || look.fault !== null) return 0;
  const { moves, shares = [] } = chosenOf(plan) ?? {};
  const planned = moves ?? [];
  const { left, leftShares } = look.recheck;
  const keys = [
    ...new Set([
      ...left.flatMap(({ of }) => planned[of]?.vm ?? []),
      ...leftShares.flatMap(({ of }) => shares[of]?.vm ?? [])
    ])
  ];
  const taken = new Set(keys);
  const { steps: now, violations } = takenPart(look.ground, planned, shares, taken);
  if (now.length === 0 || violations.length > 0) return 0;
  const made = planner.groundOf(id);
  const steps = made === null ? now : asShown(takenPart(made, planned, shares, taken).steps, now);
  planner.approve(id, keys, steps);
  return steps.length;
}
