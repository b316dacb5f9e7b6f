// How long to wait before trying again: doubling from 250 ms to 15 s, the upper half of it by chance, so that many
// clients that lost the same gateway do not come back in step.
const FIRST = 250;
const MOST = 15_000;

/**
 * @param attempt 0 for the first wait
 * @param random 0 <= x < 1
 * @returns whole milliseconds, between half of and the whole `min(15 s, 250 ms * 2^attempt)`
 */
export function backoff(attempt: number, random: number): number {
  const whole = Math.min(MOST, FIRST * 2 ** Math.min(attempt, 10));
  return Math.round(whole / 2 + (whole / 2) * random);
}
