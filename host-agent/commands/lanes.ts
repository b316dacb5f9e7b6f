// One change at a time on each thing: commands about the same VM wait for one another, all others run side by side.
import { Fault } from '../../src/lib/model/fault.ts';
import { cancelledBy } from '../drivers/control.ts';

/** Commands waiting for one thing, and for anything at all. */
export const MAX_WAITING = 16;
export const MAX_WAITING_TOTAL = 256;

type Lane = { tail: Promise<unknown>; waiting: number; running: string };

export class Lanes {
  readonly #lanes = new Map<string, Lane>();
  #waiting = 0;

  /**
   * Runs `work` once all earlier work on any of `keys` has ended, however that ended.
   * @param keys what it changes; at least one
   * @param what for the refusals of others: “Set vCPUs of db-1 to 4”
   * @param signal aborted before its turn has come, it leaves: `work` is never begun
   * @throws Fault `busy` when too many wait already, `cancelled` when it left, and whatever `work` throws
   */
  async run<Result>(
    keys: readonly string[],
    what: string,
    work: () => Promise<Result>,
    signal: AbortSignal | null = null
  ): Promise<Result> {
    const lanes = keys.map((key) => this.#lane(key));
    const full = lanes.find((lane) => lane.waiting >= MAX_WAITING);
    if (full !== undefined)
      throw new Fault('busy', { what: 'this', by: `${full.waiting} earlier commands (now: ${full.running})` });
    if (this.#waiting >= MAX_WAITING_TOTAL) {
      throw new Fault('busy', { what: 'the host', by: `${this.#waiting} earlier commands` });
    }
    this.#waiting++;
    for (const lane of lanes) lane.waiting++;
    const before = Promise.all(lanes.map((lane) => lane.tail));
    const leaving = Promise.withResolvers<never>();
    const leave = (): void => {
      leaving.reject(new Fault('cancelled', cancelledBy(signal ?? AbortSignal.abort(), '')));
    };
    signal?.addEventListener('abort', leave, { once: true });
    const turn = before.then(() => {
      // Nobody waits for it any more.
      if (signal?.aborted === true) return leaving.promise;
      signal?.removeEventListener('abort', leave);
      for (const lane of lanes) lane.running = what;
      return work();
    });
    const tail = turn.then(
      () => undefined,
      () => undefined
    );
    for (const lane of lanes) lane.tail = tail;
    try {
      return await Promise.race([turn, leaving.promise]);
    } finally {
      this.#waiting--;
      for (const lane of lanes) lane.waiting--;
      for (const key of keys) if (this.#lanes.get(key)?.waiting === 0) this.#lanes.delete(key);
    }
  }

  #lane(key: string): Lane {
    let lane = this.#lanes.get(key);
    if (lane === undefined) this.#lanes.set(key, (lane = { tail: Promise.resolve(), waiting: 0, running: '' }));
    return lane;
  }
}
