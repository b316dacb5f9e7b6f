// A clock that stands still until told: a minute of backoff takes a test no time, and nothing in it is left to luck.
import type { Millis } from '../../src/lib/model/units.ts';
import type { Clock } from '../../src/lib/session/clock.ts';

type Timer = { readonly at: number; readonly then: () => void };

export class FakeClock implements Clock {
  #now = 1_700_000_000_000;
  readonly #timers = new Set<Timer>();

  now(): Millis {
    return this.#now as Millis;
  }

  after(delay: number, then: () => void): () => void {
    const timer = { at: this.#now + delay, then };
    this.#timers.add(timer);
    return () => {
      this.#timers.delete(timer);
    };
  }

  /** Timers that wait. */
  get waiting(): number {
    return this.#timers.size;
  }

  /** Lets `ms` go by: fires what is due, in order, with everything settled before each. */
  async advance(ms: number): Promise<void> {
    const end = this.#now + ms;
    await settle();
    for (;;) {
      const due = [...this.#timers].filter((timer) => timer.at <= end).sort((a, b) => a.at - b.at)[0];
      if (!due) break;
      this.#timers.delete(due);
      this.#now = Math.max(this.#now, due.at);
      due.then();
      await settle();
    }
    this.#now = end;
  }
}

/** Lets every promise that can go on without the outside world do so. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 50; turn++) await Promise.resolve();
}
