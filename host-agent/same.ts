// Whether two readings of the same thing say the same. Plain data, read by the same code, so field order is the same too.
import type { Vm } from '../src/lib/model/fleet.ts';

/** How old a witness's word may get before it is worth telling that it still stands. */
const REAFFIRM_AFTER = 30_000;

export const sameThing = (a: unknown, b: unknown): boolean => a === b || JSON.stringify(a) === JSON.stringify(b);

/** When the guest was asked does not count, unless that was long ago. */
export function sameVm(a: Vm, b: Vm): boolean {
  if (a === b) return true;
  if (a.seen !== null && b.seen !== null && a.seen.at !== b.seen.at) {
    if (b.seen.at - a.seen.at >= REAFFIRM_AFTER) return false;
    return sameThing({ ...a, seen: { ...a.seen, at: b.seen.at } }, b);
  }
  return sameThing(a, b);
}
