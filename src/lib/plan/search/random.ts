/** Uniform draws from a seed: the same seed, the same draws on every machine. Xorshift32 (Marsaglia 2003). */
export class Random {
  #state: number;

  /** @param seed any number; its low 32 bits count */
  constructor(seed: number) {
    // Scrambled, so that seeds 1, 2, 3 do not begin alike.
    let state = Math.imul(seed ^ (seed >>> 16), 0x45d9f3b) ^ 0x9e3779b9;
    state = Math.imul(state ^ (state >>> 15), 0x2c1b3c6d);
    this.#state = state ^ (state >>> 13) || 1;
  }

  /** At least 0, below 1, in steps of 2^-32. */
  next(): number {
    let x = this.#state;
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    this.#state = x;
    return (x >>> 0) / 4294967296;
  }

  /** Whole, at least 0, below `limit` (at most 2^31). */
  below(limit: number): number {
    return Math.trunc(this.next() * limit);
  }
}
