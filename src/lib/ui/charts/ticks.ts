// Where the lines of a chart's grid lie: round instants by the local clock, round values by the unit they are written in. Pure.
const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
/** Each divides the next one's day. */
const TIMES = [
  ...[10, 30].map((n) => n * SECOND),
  ...[1, 2, 5, 10, 15, 30].map((n) => n * MINUTE),
  ...[1, 2, 3, 6, 12, 24].map((n) => n * HOUR)
];

/** How values are written: by tens, or by 1,024 of 1,024. */
export type Base = 'decimal' | 'binary';

/**
 * At most `most` instants, evenly apart, that are round by the clock.
 * @param zone ms that the local time is ahead of UTC; changes of it within the chart are not looked at
 */
export function timeTicks(from: number, to: number, most: number, zone: number): number[] {
  const step = TIMES.find((each) => (to - from) / each <= most) ?? 24 * HOUR;
  const first = Math.ceil((from + zone) / step) * step - zone;
  return evenly(first, to, step);
}

/** From 0 to at most `top`, with at most `most` steps. */
export function valueTicks(top: number, most: number, base: Base): number[] {
  if (!(top > 0)) return [0];
  return evenly(0, top, base === 'binary' ? 2 ** Math.ceil(Math.log2(top / most)) : roundUp(top / most));
}

/** The next of 1, 2, 2.5, 5 times a power of ten. */
function roundUp(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  return ([1, 2, 2.5, 5].find((each) => each * power >= value * (1 - 1e-9)) ?? 10) * power;
}

const evenly = (first: number, last: number, step: number): number[] =>
  Array.from({ length: Math.max(0, Math.floor((last - first) / step + 1e-9) + 1) }, (_, n) => first + n * step);
