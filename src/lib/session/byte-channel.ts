// A stream of bytes inside a link (a console, say): flows by credit, so that neither end ever holds more than a window
// of it, and control messages overtake it (docs/WIRE.md, Byte channels).
import { Fault } from '../model/fault.ts';

/** Bytes either end may send before the other has given credit; also the most an unread channel holds. */
export const CHANNEL_WINDOW = 262_144;
/** Credit is given back in steps of at least this much. */
export const CHANNEL_STEP = 131_072;
/** Of the window, what a sender gets while it should make way: little lies before what is waited for, and its host has time to spare. */
export const CHANNEL_NARROW = 32_768;
/** Bytes in one segment: all that fit, because a record costs what it costs whatever is in it. */
export const MAX_PIECE = 65_531;

export type ByteHandlers = {
  /** Bytes in order. Credit goes back when it returns, or what it returned resolves: that is the back-pressure. */
  onData(data: Uint8Array): void | Promise<void>;
  /** Once: null when the peer closed the channel in good order, else why it did, or what broke the link. Not after `close`. */
  onClosed(fault: Fault | null): void;
};

/** What a channel needs of its link. */
export type ByteCarrier = {
  bytes(channel: number, data: Uint8Array): Promise<void>;
  credit(channel: number, amount: number): void;
  close(channel: number, reason: Fault | null): void;
  /** Whether the peer should make way for now. */
  narrow(): boolean;
  broken(fault: Fault): void;
};

type Writing = { rest: Uint8Array; readonly sent: () => void; readonly failed: (fault: Fault) => void };

export class ByteChannel {
  readonly id: number;
  readonly #carrier: ByteCarrier;
  #handlers: ByteHandlers | null = null;
  #credit = CHANNEL_WINDOW;
  #onCredit: (() => void)[] = [];
  /** Received and not yet given back as credit; `#due` of it has been consumed. */
  #held = 0;
  #due = 0;
  #pending: Uint8Array[] = [];
  #draining = false;
  /** Not undefined: the peer closed it, with this reason. */
  #closing: Fault | null | undefined;
  #over: Fault | null = null;
  readonly #writings: Writing[] = [];
  #sending = false;
  /** What is put together of several writes, while it is being sent. */
  #piece: Uint8Array | null = null;

  constructor(id: number, carrier: ByteCarrier) {
    this.id = id;
    this.#carrier = carrier;
  }

  /** Bytes received before this wait for it (at most a window of them). */
  attach(handlers: ByteHandlers): void {
    this.#handlers = handlers;
    void this.#drain();
  }

  /**
   * Resolves when all of `data` has been sent: not before the peer gave credit for it; it must not change before. Rejects when
   * the channel is over; a rejection nobody handles is harmless. What waits together is sent together.
   */
  write(data: Uint8Array): Promise<void> {
    const done = new Promise<void>((sent, failed) => {
      this.#writings.push({ rest: data, sent, failed });
    });
    done.catch(ignore);
    if (!this.#sending) void this.#send();
    return done;
  }

  /** Ends the channel on both sides and tells the peer why; unsent writes are rejected. */
  close(reason: Fault | null = null): void {
    if (this.#over !== null) return;
    this.#finish(ended('this end'));
    this.#carrier.close(this.id, reason);
  }

  /** From the link: `data` of a BYTES segment. */
  receive(data: Uint8Array): void {
    if (this.#over !== null || this.#closing !== undefined) return;
    this.#held += data.length;
    if (this.#held > CHANNEL_WINDOW) {
      this.#carrier.broken(new Fault('malformed', { where: 'BYTES', reason: 'more data than there was credit for' }));
      return;
    }
    this.#pending.push(data);
    void this.#drain();
  }

  /** From the link. Credit only gives back what was sent. */
  receiveCredit(amount: number): void {
    if (amount === 0 || this.#credit + amount > CHANNEL_WINDOW) {
      this.#carrier.broken(new Fault('malformed', { where: 'CREDIT', reason: 'more than was sent' }));
      return;
    }
    this.#credit += amount;
    for (const resume of this.#onCredit.splice(0)) resume();
  }

  /** From the link: the peer closed the channel. What it sent before is still delivered. */
  receiveClose(reason: Fault | null): void {
    this.#closing ??= reason;
    void this.#drain();
  }

  /** From the link: the peer need no longer make way. */
  widen(): void {
    if (this.#over === null) this.#giveBack(0);
  }

  /** From the link: it is over. */
  fail(fault: Fault): void {
    if (this.#over !== null) return;
    const handlers = this.#handlers;
    this.#finish(fault);
    handlers?.onClosed(fault);
  }

  /** Never rejects: whoever wrote hears of it. */
  async #send(): Promise<void> {
    this.#sending = true;
    const taken: Writing[] = [];
    try {
      while (this.#writings.length > 0) {
        if (this.#over !== null) throw this.#over;
        if (this.#closing !== undefined) throw ended('the other end');
        if (this.#credit === 0) {
          await new Promise<void>((resume) => this.#onCredit.push(resume));
          continue;
        }
        const piece = this.#take(taken);
        this.#credit -= piece.length;
        if (piece.length > 0) await this.#carrier.bytes(this.id, piece);
        for (const { sent } of taken.splice(0)) sent();
      }
    } catch (error) {
      const fault = Fault.from(error);
      for (const { failed } of [...taken, ...this.#writings.splice(0)]) failed(fault);
    }
    this.#sending = false;
  }

  /** As much as may be sent now. `whole` gets those that are sent with it to the end. */
  #take(whole: Writing[]): Uint8Array {
    const room = Math.min(MAX_PIECE, this.#credit);
    const [first, second] = this.#writings;
    if (first === undefined) return NOTHING;
    if (second === undefined || first.rest.length >= room) return this.#cut(first, room, whole);
    this.#piece ??= new Uint8Array(MAX_PIECE);
    let at = 0;
    for (let next = this.#writings[0]; next !== undefined && at < room; next = this.#writings[0]) {
      const part = this.#cut(next, room - at, whole);
      this.#piece.set(part, at);
      at += part.length;
    }
    return this.#piece.subarray(0, at);
  }

  #cut(writing: Writing, room: number, whole: Writing[]): Uint8Array {
    const part = writing.rest.subarray(0, room);
    writing.rest = writing.rest.subarray(part.length);
    if (writing.rest.length === 0) {
      whole.push(writing);
      this.#writings.shift();
    }
    return part;
  }

  async #drain(): Promise<void> {
    if (this.#draining || this.#handlers === null) return;
    this.#draining = true;
    try {
      for (let data = this.#pending.shift(); data !== undefined; data = this.#pending.shift()) {
        await this.#handlers.onData(data);
        if (this.#over !== null) return;
        this.#giveBack(data.length);
      }
    } catch (error) {
      this.#carrier.broken(Fault.from(error));
      return;
    } finally {
      this.#draining = false;
    }
    const reason = this.#closing;
    if (reason !== undefined && this.#over === null) {
      const handlers = this.#handlers;
      this.#finish(ended('the other end'));
      this.#carrier.close(this.id, null);
      handlers.onClosed(reason);
    }
  }

  #giveBack(size: number): void {
    this.#due += size;
    if (this.#closing !== undefined) return;
    const [most, step] = this.#carrier.narrow() ? [CHANNEL_NARROW, CHANNEL_NARROW / 2] : [CHANNEL_WINDOW, CHANNEL_STEP];
    const amount = Math.min(this.#due, most - (CHANNEL_WINDOW - this.#held));
    if (amount < step) return;
    this.#held -= amount;
    this.#due -= amount;
    this.#carrier.credit(this.id, amount);
  }

  #finish(fault: Fault): void {
    this.#over = fault;
    this.#handlers = null;
    this.#pending = [];
    for (const resume of this.#onCredit.splice(0)) resume();
  }
}

const ended = (by: string): Fault => new Fault('link-ended', { what: 'the byte channel', by });
const NOTHING = new Uint8Array(0);
const ignore = (): void => undefined;
