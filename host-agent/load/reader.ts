// The one who asks the driver for loads: often while somebody watches, every 10 s for the history while nobody does. There is
// only one, because a driver measures from one call to the next.
import { Fault } from '../../src/lib/model/fault.ts';
import type { Driver, Stats } from '../drivers/driver.ts';
import type { Log } from '../log.ts';
import { repeat } from '../repeat.ts';

export type LoadReaderOptions = {
  readonly driver: Pick<Driver, 'stats'>;
  readonly log: Log;
  /** ms from one reading to the next while somebody watches. */
  readonly watchedEvery: number;
  /** ms while nobody does. */
  readonly idleEvery: number;
  readonly onStats: (stats: Stats) => void;
  /** Waited for before each reading. */
  readonly calm: () => Promise<void>;
};

/** A reason of its own for each end would be an exception made each time, stack and all. */
const OVER = new Fault('cancelled', { by: 'the agent', left: 'nothing' });

export class LoadReader {
  readonly #o: LoadReaderOptions;
  #rhythm = new AbortController();
  /** A reading that outlives its rhythm: the next rhythm does not start another beside it. */
  #reading: Promise<void> | null = null;

  constructor(options: LoadReaderOptions) {
    this.#o = options;
    this.#beat(options.idleEvery);
  }

  /** Whether somebody watches from now on. */
  watched(yes: boolean): void {
    if (this.#rhythm.signal.aborted) return;
    this.#rhythm.abort(OVER);
    this.#rhythm = new AbortController();
    this.#beat(yes ? this.#o.watchedEvery : this.#o.idleEvery);
  }

  close(): void {
    this.#rhythm.abort(OVER);
  }

  #beat(ms: number): void {
    repeat(ms, this.#rhythm.signal, () => (this.#reading ??= this.#read().finally(() => (this.#reading = null))));
  }

  async #read(): Promise<void> {
    try {
      await this.#o.calm();
      const stats = await this.#o.driver.stats();
      if (!this.#rhythm.signal.aborted) this.#o.onStats(stats);
    } catch (thrown) {
      this.#o.log('debug', 'loads-unreadable', { reason: Fault.from(thrown).message });
    }
  }
}
