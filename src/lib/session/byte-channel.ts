// A stream of bytes inside a link (a console, say): flows by credit, so that neither end ever holds more than a window
// of it, and control messages overtake it (docs/WIRE.md, Byte channels).
import { Fault } from '../model/fault.ts';

/** Bytes either end may send before the other has given credit; also the most an unread channel holds. */
export const CHANNEL_WINDOW = 262_144;
/** Credit is given back in steps of at least this much. */
export const CHANNEL_STEP = 32_768;
/** Bytes in one segment: small, so that a control message waits for little. */
export const MAX_PIECE = 32_768;

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
  broken(fault: Fault): void;
};

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
  #writing: Promise<void> = Promise.resolve();

  constructor(id: number, carrier: ByteCarrier) {
    this.id = id;
    this.#carrier = carrier;
  }

  /** Bytes received before this wait for it (at most a window of them). */
  attach(handlers: ByteHandlers): void {
    this.#handlers = handlers;
    void this.#drain();
  }

  /** Resolves when all of `data` has been sent: not before the peer gave credit for it. Rejects when the channel is over. */
  write(data: Uint8Array): Promise<void> {
    const done = this.#writing.then(() => this.#write(data));
    this.#writing = done.catch(ignore);
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

  /** From the link: it is over. */
  fail(fault: Fault): void {
    if (this.#over !== null) return;
    const handlers = this.#handlers;
    this.#finish(fault);
    handlers?.onClosed(fault);
  }

  async #write(data: Uint8Array): Promise<void> {
    let at = 0;
    while (at < data.length) {
      if (this.#over !== null) throw this.#over;
      if (this.#closing !== undefined) throw ended('the other end');
      if (this.#credit === 0) {
        await new Promise<void>((resume) => this.#onCredit.push(resume));
        continue;
      }
      const size = Math.min(MAX_PIECE, this.#credit, data.length - at);
      this.#credit -= size;
      await this.#carrier.bytes(this.id, data.subarray(at, at + size));
      at += size;
    }
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
    if (this.#due < CHANNEL_STEP || this.#closing !== undefined) return;
    this.#held -= this.#due;
    this.#carrier.credit(this.id, this.#due);
    this.#due = 0;
  }

  #finish(fault: Fault): void {
    this.#over = fault;
    this.#handlers = null;
    this.#pending = [];
    for (const resume of this.#onCredit.splice(0)) resume();
  }
}

const ended = (by: string): Fault => new Fault('link-ended', { what: 'the byte channel', by });
const ignore = (): void => undefined;
