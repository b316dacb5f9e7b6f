// Which VMs of a fleet are those of the fleet before, by their ids, and where they were.
import type { Run } from '../plan/fleet/kept-rows.ts';
import { textAt } from '../plugin/columns.ts';
import type { Texts } from '../plugin/columns.ts';

/** VMs that came or went; with more of them nothing is gained. */
const MOST_STRANGERS = 1_000;
/** How far is looked for the next VM that is in both. */
const SIGHT = 32;
/** How many are compared at once. */
const STRIDE = 1_024;

/** Runs that rise in `at`, not in `from`: one that moved is a run of its own. Null when too many came or went. */
export function sameVms(before: Texts, now: Texts): readonly Run[] | null {
  const runs: Run[] = [];
  const gone = new Map<string, number>();
  const came: number[] = [];
  const [were, are] = [before.ends.length, now.ends.length];
  const alike = (was: number, at: number): boolean => was < were && at < are && sameRows(before, was, now, at, 1);
  let [was, at] = [0, 0];
  while (was < were || at < are) {
    const count = common(before, was, now, at);
    if (count > 0) runs.push({ from: was, at, count });
    was += count;
    at += count;
    let ahead = 1;
    while (ahead <= SIGHT && !alike(was + ahead, at) && !alike(was, at + ahead)) ahead += 1;
    const [skipped, added] = ahead > SIGHT ? [1, 1] : alike(was + ahead, at) ? [ahead, 0] : [0, ahead];
    for (const end = Math.min(were, was + skipped); was < end; was++) gone.set(textAt(before, was), was);
    for (const end = Math.min(are, at + added); at < end; at++) came.push(at);
    if (gone.size + came.length > MOST_STRANGERS) return null;
  }
  for (const vm of came) {
    const from = gone.get(textAt(now, vm));
    if (from !== undefined) runs.push({ from, at: vm, count: 1 });
  }
  return runs.sort((one, other) => one.at - other.at);
}

/** How many from there on are the same. */
function common(before: Texts, was: number, now: Texts, at: number): number {
  let count = 0;
  for (let stride = STRIDE; stride >= 1;) {
    const fits = was + count + stride <= before.ends.length && at + count + stride <= now.ends.length;
    if (fits && sameRows(before, was + count, now, at + count, stride)) count += stride;
    else stride = Math.floor(stride / 2);
  }
  return count;
}

/** Whether `count` texts from there on are the same, each of them. */
export function sameRows(before: Texts, was: number, now: Texts, at: number, count: number): boolean {
  const [start, other] = [startOf(before, was), startOf(now, at)];
  for (let i = 0; i < count; i++) if (before.ends[was + i]! - start !== now.ends[at + i]! - other) return false;
  return before.text.slice(start, before.ends[was + count - 1]) === now.text.slice(other, now.ends[at + count - 1]);
}

const startOf = ({ ends }: Texts, at: number): number => (at === 0 ? 0 : ends[at - 1]!);
