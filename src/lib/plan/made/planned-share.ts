// A share of the CPUs by names instead of indices, with the one the plan saw: it outlives the columns it was made on.
import { MAX_CAP, MAX_WEIGHT, sameShare } from '../../model/cpu-share.ts';
import type { CpuShare } from '../../model/cpu-share.ts';
import { SHARE_CAP, SHARE_WEIGHT, SHARE_WIDTH, textAt } from '../../plugin/columns.ts';
import type { Columns } from '../../plugin/columns.ts';
import type { Share } from '../../plugin/scheduler.ts';
import { keyOfVm } from './planned-move.ts';
import { isRecord, isText, numberIn } from './read.ts';

export type PlannedShare = {
  /** Id of the VM. */
  readonly vm: string;
  readonly name: string;
  readonly to: CpuShare;
  readonly was: CpuShare;
};

/** Null: its hypervisor does not say. */
export function shareIn({ share }: Columns, vm: number): CpuShare | null {
  const [weight, cap] = [share[vm * SHARE_WIDTH + SHARE_WEIGHT]!, share[vm * SHARE_WIDTH + SHARE_CAP]!];
  return weight === 0 ? null : { weight, cap: cap === 0 ? null : cap };
}

/** Those that change something. */
export const changing = (columns: Columns, shares: readonly Share[]): readonly Share[] =>
  shares.filter((share) => !sameShare(share, shareIn(columns, share.vm)));

/** @param shares that `checkShares` lets be */
export const plannedShares = (columns: Columns, shares: readonly Share[]): readonly PlannedShare[] =>
  shares.map(({ vm, weight, cap }) => ({
    vm: keyOfVm(columns, vm),
    name: textAt(columns.vmName, vm),
    to: { weight, cap },
    was: shareIn(columns, vm)!
  }));

/** The same shares as indices; -1 for a VM that is not there. */
export function sharesIn(columns: Columns, planned: readonly PlannedShare[]): readonly Share[] {
  if (planned.length === 0) return [];
  const wanted = new Set(planned.map(({ vm }) => vm));
  const vms = new Map<string, number>();
  for (let vm = 0; vm < columns.vms; vm++) {
    const key = keyOfVm(columns, vm);
    if (wanted.has(key)) vms.set(key, vm);
  }
  return planned.map(({ vm, to }) => ({ vm: vms.get(vm) ?? -1, ...to }));
}

/** Null: not what this version keeps. */
export function readPlannedShare(value: unknown): PlannedShare | null {
  if (!isRecord(value)) return null;
  const { vm, name } = value;
  const [to, was] = [readShare(value.to), readShare(value.was)];
  if (!isText(vm, 200) || !isText(name, 200) || to === null || was === null) return null;
  return { vm, name, to, was };
}

/** Null: none, or one out of range. */
export function readShare(value: unknown): CpuShare | null {
  if (!isRecord(value)) return null;
  const { weight, cap } = value;
  const whole = (n: unknown, most: number): n is number => numberIn(n, 1, most) && Number.isInteger(n);
  return whole(weight, MAX_WEIGHT) && (cap === null || whole(cap, MAX_CAP)) ? { weight, cap } : null;
}
