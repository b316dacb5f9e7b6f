// Time enters the simulated host here and nowhere else: the real clock, or one that a test moves by hand.

export interface Clock {
  /** Milliseconds since the Unix epoch. */
  now(): number;
  /** Resolves `ms` later, at once for 0. */
  sleep(ms: number): Promise<void>;
}

/** The machine's clock. A pending sleep does not keep the process alive. */
export const realClock: Clock = {
  now: () => Date.now(),
  async sleep(ms) {
    const end = Date.now() + ms;
    // A timer may fire a moment before this clock says so; who slept relies on the instant having come.
    for (let left = ms; left > 0; left = end - Date.now()) {
      await new Promise<void>((resolve) => {
        setTimeout(resolve, left).unref();
      });
    }
  }
};

/** Stands still until `advance`; sleepers wake in the order of their instants. */
export class VirtualClock implements Clock {
  #now: number;
  #sleepers: { at: number; wake: () => void }[] = [];

  constructor(start = Date.UTC(2026, 0, 1)) {
    this.#now = start;
  }

  now(): number {
    return this.#now;
  }

  sleep(ms: number): Promise<void> {
    if (ms <= 0) return Promise.resolve();
    return new Promise((wake) => {
      this.#sleepers.push({ at: this.#now + ms, wake });
    });
  }

  /** Moves on by `ms`, letting all that wakes meanwhile (and what that starts) run. */
  async advance(ms: number): Promise<void> {
    const end = this.#now + ms;
    for (;;) {
      await settle();
      const next = this.#sleepers.reduce<number>((least, sleeper) => Math.min(least, sleeper.at), Infinity);
      if (next > end) break;
      this.#now = next;
      const awake = this.#sleepers.filter((sleeper) => sleeper.at <= next);
      this.#sleepers = this.#sleepers.filter((sleeper) => sleeper.at > next);
      for (const sleeper of awake) sleeper.wake();
    }
    this.#now = end;
    await settle();
  }
}

/** Lets every promise that can run now run: an immediate comes after all of them. */
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
