// The oracle of shares: whether those that somebody proposed may be, beside the moves of the same plan.
import { MAX_WEIGHT } from '../model/cpu-share.ts';
import {
  HOST_ONLINE,
  HOST_SHARES,
  SHARE_LEAST,
  SHARE_WEIGHT,
  SHARE_WIDTH,
  VCPUS,
  VM_RUNNING,
  WIDTH
} from '../plugin/columns.ts';
import type { Columns } from '../plugin/columns.ts';
import type { Move, Share } from '../plugin/scheduler.ts';
import { placementAfter } from './check-moves.ts';
import type { Violation } from './check-moves.ts';
import type { Reason } from './reason.ts';
import { PERCENT } from './shares.ts';

/** @param moves that are well formed @returns every violation, one for each share; empty when they may be, all together */
export function checkShares(columns: Columns, moves: readonly Move[], shares: readonly Share[]): readonly Violation[] {
  if (shares.length === 0) return [];
  const after = placementAfter(columns, moves);
  const seen = new Set<number>();
  return shares.flatMap((one): readonly Violation[] => {
    const { vm } = one;
    if (!Number.isInteger(vm) || vm < 0 || vm >= columns.vms)
      return [{ vm: -1, host: -1, reason: { kind: 'no-such-vm', index: vm } }];
    const reason: Reason | null = seen.has(vm) ? { kind: 'shared-twice' } : whyNot(columns, one, after[vm]!);
    seen.add(vm);
    return reason === null ? [] : [{ vm, host: after[vm]!, reason }];
  });
}

/** @param host where the VM is in the end; -1: nowhere */
function whyNot(
  { share, demand, vmFlags, hostFlags }: Columns,
  { vm, weight, cap }: Share,
  host: number
): Reason | null {
  const row = vm * SHARE_WIDTH;
  if ((vmFlags[vm]! & VM_RUNNING) === 0 || host < 0) return { kind: 'not-running' };
  if ((hostFlags[host]! & HOST_ONLINE) === 0) return { kind: 'host-offline' };
  if ((hostFlags[host]! & HOST_SHARES) === 0 || share[row + SHARE_WEIGHT] === 0) return { kind: 'no-shares' };
  const least = share[row + SHARE_LEAST]!;
  if (least === 0) return { kind: 'no-yield' };
  if (!Number.isInteger(weight) || weight < 1 || weight > MAX_WEIGHT) return { kind: 'weight-range', most: MAX_WEIGHT };
  const most = demand[vm * WIDTH + VCPUS]! * PERCENT;
  const fits = cap === null || (Number.isInteger(cap) && cap >= least && cap <= most);
  return fits ? null : { kind: 'cap-range', least, most };
}
