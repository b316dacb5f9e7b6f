// What is read from a line of a chart: the step under the crosshair, the figures of what is shown, and which gaps are gaps. Pure.
import type { Stretch } from './range.ts';

export type Values = readonly (number | null)[];
/** Last, least, greatest and mean of what is known. */
export type Digest = { readonly last: number; readonly least: number; readonly most: number; readonly mean: number };

/** The step that holds `time`; -1 outside of all. Steps are even, `at` says when each begins. */
export function stepAt(at: ArrayLike<number>, step: number, time: number): number {
  const index = Math.floor((time - (at[0] ?? Infinity)) / step);
  return index >= 0 && index < at.length ? index : -1;
}

/** When the step begins that holds `time` or is the nearest to it, of those within `shown`; null when there is none. */
export function stepIn(at: ArrayLike<number>, step: number, { from, to }: Stretch, time: number): number | null {
  const begin = at[0] ?? NaN;
  const first = Math.max(0, Math.ceil((from - begin) / step));
  const last = Math.min(at.length, Math.ceil((to - begin) / step)) - 1;
  if (!(first <= last)) return null;
  return at[Math.min(last, Math.max(first, Math.floor((time - begin) / step)))] ?? null;
}

/** Of the steps that begin within `shown`; null when nothing is known of any. */
export function digest(at: ArrayLike<number>, values: Values, { from, to }: Stretch): Digest | null {
  let [last, least, most, sum, count] = [0, Infinity, -Infinity, 0, 0];
  for (const [index, value] of values.entries()) {
    const time = at[index] ?? NaN;
    if (value === null || !(time >= from && time < to)) continue;
    last = value;
    least = Math.min(least, value);
    most = Math.max(most, value);
    sum += value;
    count++;
  }
  return count === 0 ? null : { last, least, most, mean: sum / count };
}

/**
 * For drawing: null is a gap, undefined is not. One unknown step between two known ones is none, as readings of every 10 s
 * now and then fall into the step beside theirs.
 */
export const bridged = (values: Values): (number | null | undefined)[] =>
  values.map((value, index) =>
    value === null && known(values, index - 1) && known(values, index + 1) ? undefined : value
  );

/** Steps with a gap, or nothing, on both sides: no line shows them. */
export const alone = (values: Values): number[] =>
  values.flatMap((value, index) =>
    value !== null && ![-2, -1, 1, 2].some((off) => known(values, index + off)) ? [index] : []
  );

const known = (values: Values, index: number): boolean => (values[index] ?? null) !== null;
