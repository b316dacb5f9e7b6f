// Time enters the session here and nowhere else; a test passes its own clock and lets no real second go by.
import type { Millis } from '../model/units.ts';

export type Clock = {
  /** Milliseconds since the Unix epoch. */
  now(): Millis;
  /** Calls `then` once, `delay` milliseconds from now; the returned function takes that back. */
  after(delay: number, then: () => void): () => void;
};

/** The machine's own clock and timers. */
export const systemClock: Clock = {
  now: () => Date.now() as Millis,
  after(delay, then) {
    const timer = setTimeout(then, delay);
    return () => {
      clearTimeout(timer);
    };
  }
};
