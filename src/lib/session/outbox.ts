// What waits to be sent on one link: sealed in the order it leaves, control before bulk, and never more in the pipe than
// the pipe has room for. Invariant: the order of sealing is the order of sending.
import { Fault } from '../model/fault.ts';
import type { Sealed, Segment } from '../model/stages.ts';
import { packSegment, SEGMENT } from '../protocol/segment.ts';
import type { Secure } from '../seal/handshake.ts';

/** Urgent: credit, pings, closing. Each lane is sent only when those before it are empty. */
export const LANE = { URGENT: 0, XML: 1, BULK: 2 } as const;
export type Lane = (typeof LANE)[keyof typeof LANE];

/** Segments being sealed or waiting for the pipe. Bulk stays shallow: what is sealed can no longer be overtaken. */
const DEPTH = [8, 8, 2] as const;
/** Bytes that may wait on one link. More means that the peer does not read, and nobody minded the back-pressure. */
export const MAX_QUEUED = 16 * 1024 * 1024;
/** Records under one key before it is replaced (Noise REKEY): bounds what a key taken from memory can read. */
export const REKEY_AFTER = 65_536;

type Item = {
  readonly segment: Segment;
  /** What comes behind it. */
  readonly data: Uint8Array;
  readonly sent: () => void;
  readonly failed: (fault: Fault) => void;
};

export class Outbox {
  readonly #secure: Secure;
  readonly #send: (record: Sealed) => Promise<void>;
  readonly #onFault: (fault: Fault) => void;
  readonly #rekeyAfter: number;
  readonly #lanes: readonly [Item[], Item[], Item[]] = [[], [], []];
  #queued = 0;
  #inFlight = 0;
  #sealed = 0;
  #last: Promise<void> = Promise.resolve();
  #fault: Fault | null = null;

  /** `onFault` once, when sealing or sending broke or the queue overflowed; `fail` does not call it. */
  constructor(
    secure: Secure,
    send: (record: Sealed) => Promise<void>,
    onFault: (fault: Fault) => void,
    rekeyAfter = REKEY_AFTER
  ) {
    this.#secure = secure;
    this.#send = send;
    this.#onFault = onFault;
    this.#rekeyAfter = rekeyAfter;
  }

  /**
   * Resolves when the pipe has taken the segment, and `data` behind it, and has room again; `data` must not change before.
   * A rejection nobody handles is harmless.
   */
  put(lane: Lane, segment: Segment, data: Uint8Array = NOTHING): Promise<void> {
    const done = new Promise<void>((sent, failed) => {
      if (this.#fault !== null) {
        failed(this.#fault);
        return;
      }
      this.#lanes[lane].push({ segment, data, sent, failed });
      this.#queued += segment.length + data.length;
    });
    done.catch(ignore);
    if (this.#queued > MAX_QUEUED)
      this.#break(new Fault('too-large', { what: 'what waits for a peer that does not read', limit: '16 MiB' }));
    else this.#pump();
    return done;
  }

  /** Everything that waits is rejected with `fault`, and so is all that comes. */
  fail(fault: Fault): void {
    if (this.#fault !== null) return;
    this.#fault = fault;
    this.#queued = 0;
    for (const lane of this.#lanes) for (const item of lane.splice(0)) item.failed(fault);
  }

  #break(fault: Fault): void {
    if (this.#fault !== null) return;
    this.fail(fault);
    this.#onFault(fault);
  }

  #pump(): void {
    for (let item = this.#next(); item !== null; item = this.#next()) {
      this.#inFlight += 1;
      const rekey = item.segment[0] === SEGMENT.REKEY;
      const sealed = this.#secure.seal(item.segment, item.data);
      if (rekey) this.#secure.rekeySend();
      this.#sealed = rekey ? 0 : this.#sealed + 1;
      this.#last = this.#ship(this.#last, sealed, item);
    }
  }

  #next(): Item | null {
    if (this.#fault !== null) return null;
    const lane = this.#lanes.findIndex((items) => items.length > 0);
    if (lane < 0 || this.#inFlight >= (DEPTH[lane] ?? 0)) return null;
    if (this.#sealed >= this.#rekeyAfter) {
      return { segment: packSegment(SEGMENT.REKEY, 0, NOTHING), data: NOTHING, sent: ignore, failed: ignore };
    }
    const item = this.#lanes[lane]?.shift() ?? null;
    if (item !== null) this.#queued -= item.segment.length + item.data.length;
    return item;
  }

  /** Never rejects. */
  async #ship(before: Promise<void>, sealed: Promise<Sealed>, item: Item): Promise<void> {
    try {
      const [record] = await Promise.all([sealed, before]);
      if (this.#fault !== null) throw this.#fault;
      await this.#send(record);
      item.sent();
    } catch (error) {
      const fault = Fault.from(error);
      item.failed(fault);
      this.#break(fault);
    }
    this.#inFlight -= 1;
    this.#pump();
  }
}

const NOTHING = new Uint8Array(0);
const ignore = (): void => undefined;
