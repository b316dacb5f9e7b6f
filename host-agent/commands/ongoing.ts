// A command between its coming and its end: who sent it, whether it still waits its turn, how far it is, how it is stopped.
import type { Progress, ProgressStage } from '../../src/lib/model/fleet.ts';
import type { OperatorKey } from '../../src/lib/model/ids.ts';
import { sameData } from '../../src/lib/model/same-data.ts';
import type { Command } from '../../src/lib/protocol/schema.ts';
import { wholePercent } from '../drivers/control.ts';
import type { Control, Sent } from '../drivers/control.ts';

/** ms from one telling to the next within one stage: what changes faster nobody reads. */
const TELL_EVERY = 500;
const NOTHING_SENT: Sent = { remaining: null, rate: null, pass: null };

export class Ongoing implements Control {
  readonly command: Command;
  readonly operator: OperatorKey;
  /** One line for people. */
  summary = '';
  /** Nothing of it has been done: it is another command's turn. */
  waiting = true;
  readonly #abort = new AbortController();
  readonly #undecided = Promise.withResolvers<undefined>();
  readonly #tell: (progress: Progress) => void;
  readonly #now: () => number;
  #last: Progress | null = null;
  #toldAt = 0;

  readonly progress = (stage: ProgressStage, share: number | null = null, sent: Sent = NOTHING_SENT): void => {
    const before = this.#last;
    const now = wholePercent(share);
    // What is sent once more, because the guest has written it meanwhile, does not undo what was done.
    const percent = before?.stage === stage && now !== null && (before.percent ?? 0) > now ? before.percent : now;
    this.#last = { command: this.command.id, stage, percent, ...sent };
    if (this.undecided) this.#undecided.resolve(undefined);
    const soon = this.#now() - this.#toldAt < TELL_EVERY;
    if (before?.stage === stage && (soon || sameData(before, this.#last))) return;
    this.#toldAt = this.#now();
    this.#tell(this.#last);
  };

  constructor(command: Command, operator: OperatorKey, tell: (progress: Progress) => void, now: () => number) {
    this.command = command;
    this.operator = operator;
    this.#tell = tell;
    this.#now = now;
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** It cannot be stopped any more: where its VM runs is being found out. */
  get undecided(): boolean {
    return this.#last?.stage === 'finding-out';
  }

  /** Resolves when for the first time it is so. */
  get becomesUndecided(): Promise<unknown> {
    return this.#undecided.promise;
  }

  /** As last reported by the driver; null when it has said nothing. */
  get last(): Progress | null {
    return this.#last;
  }

  /** @param by the label of who does not want it any more */
  cancel(by: string): void {
    this.#abort.abort(by);
  }
}
