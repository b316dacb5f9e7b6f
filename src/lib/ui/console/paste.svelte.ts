// One paste under way: how far it is, and the way to stop it.
import { Fault } from '#lib/model/fault.ts';
import type { Pasting } from './typist.ts';

/** Anything shorter is done before it could be told. */
const WORTH_TELLING = 2_048;

export class Paste {
  /** 0 to 100; null while none is under way, or none worth telling. */
  percent = $state<number | null>(null);
  /** Why the last one did not get to its end: null, it did; `stopped`, the operator wished so. */
  failure = $state.raw<Fault | 'stopped' | null>(null);
  #abort: AbortController | null = null;

  /** Stops what is under way and begins another. Never rejects. */
  async run(begin: (how: Pasting) => Promise<void> | undefined): Promise<void> {
    this.cancel();
    const abort = (this.#abort = new AbortController());
    const mine = (): boolean => this.#abort === abort;
    this.failure = null;
    try {
      await begin({
        signal: abort.signal,
        onprogress: (sent, all) => {
          if (mine() && all >= WORTH_TELLING) this.percent = Math.floor((100 * sent) / all);
        }
      });
    } catch (thrown) {
      if (mine()) this.failure = abort.signal.aborted ? 'stopped' : Fault.from(thrown);
    }
    if (mine()) this.percent = null;
  }

  cancel(): void {
    this.#abort?.abort(new Fault('cancelled', { by: 'this tab', left: '' }));
  }
}
