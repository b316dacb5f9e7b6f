// Whether two readings of the same VM say the same.
import type { Vm } from '../../src/lib/model/fleet.ts';
import { sameData } from '../../src/lib/model/same-data.ts';

/** How old a witness's word may get before it is worth telling that it still stands. */
const REAFFIRM_AFTER = 30_000;

/** When the guest was asked does not count, unless that was long ago. */
export function sameVm(a: Vm, b: Vm): boolean {
  if (a === b) return true;
  if (a.seen !== null && b.seen !== null && a.seen.at !== b.seen.at) {
    if (b.seen.at - a.seen.at >= REAFFIRM_AFTER) return false;
    return sameData({ ...a, seen: { ...a.seen, at: b.seen.at } }, b);
  }
  return sameData(a, b);
}
