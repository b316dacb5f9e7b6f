// One link: the frames of one browser on one side, one HTTP/2 request to one agent on the other. Records pass through
// unread and unchanged; only their framing differs. Owes its browser credit for what the agent has taken.
import { constants } from 'node:http2';
import type { ClientHttp2Stream, IncomingHttpHeaders, IncomingHttpStatusHeader } from 'node:http2';
import type { CloseName } from '../src/lib/frame/close-code.ts';
import { CREDIT_STEP, FRAME_HEADER, LINK_WINDOW } from '../src/lib/frame/limits.ts';
import { RecordSplitter } from '../src/lib/frame/record-stream.ts';
import type { HostId } from '../src/lib/model/ids.ts';
import type { Sealed } from '../src/lib/model/stages.ts';
import type { Slabs } from './slabs.ts';
import type { HostEntry } from './table.ts';

/** What the relay's browser is told. `closed` comes exactly once, and never after `Relay.end`. */
export interface RelayOwner {
  /** Where records come from that came in pieces; `record` hands them on for good. */
  readonly slabs: Slabs;
  opened(relay: Relay): void;
  record(relay: Relay, record: Sealed): void;
  credit(relay: Relay, bytes: number): void;
  closed(relay: Relay, close: CloseName, text: string): void;
  /** `bytes` that waited for the agent no longer do: passed on, or dropped with the link. */
  released(bytes: number): void;
}

/** Milliseconds for the agent to answer a request, and to take and end the rest after one side has ended. */
const ANSWER_TIMEOUT = 10_000;
const END_TIMEOUT = 5_000;

/** The listeners are shared by all links and find theirs here: a closure for each would be much of what an idle link holds. */
type RelayStream = ClientHttp2Stream & { relay: Relay };

export class Relay {
  readonly link: number;
  readonly host: HostId;
  readonly entry: HostEntry;
  records = 0;
  bytes = 0;
  /** When the agent last took something, or began to owe it; milliseconds since the epoch. */
  movedAt = 0;
  readonly #owner: RelayOwner;
  readonly #splitter: RecordSplitter;
  #stream: ClientHttp2Stream | null = null;
  #timer: NodeJS.Timeout | undefined;
  #answered = false;
  #over = false;
  // Bytes of payload: taken from the browser, handed on to the agent, given back as credit.
  #taken = 0;
  #passed = 0;
  #credited = 0;

  constructor(link: number, host: HostId, entry: HostEntry, owner: RelayOwner) {
    this.link = link;
    this.host = host;
    this.entry = entry;
    this.#owner = owner;
    this.#splitter = new RecordSplitter(
      (record) => {
        if (!this.#over) owner.record(this, record);
      },
      (size) => owner.slabs.take(size)
    );
  }

  /** Bytes the agent has not taken yet. */
  get backlog(): number {
    return this.#taken - this.#passed;
  }

  /** Takes over the request just made. A relay that was ended meanwhile gives it up at once. */
  start(stream: ClientHttp2Stream): void {
    stream.on('error', ignore); // 'close' follows and says all there is to say.
    if (this.#over) {
      stream.close(constants.NGHTTP2_CANCEL);
      return;
    }
    this.#stream = stream;
    this.#timer = setTimeout(() => {
      this.fail('unreachable', 'the agent does not answer');
    }, ANSWER_TIMEOUT);
    (stream as RelayStream).relay = this;
    stream.on('response', Relay.#onResponse).on('data', Relay.#onData).on('end', Relay.#onEnd);
    stream.on('close', Relay.#onStreamClose);
  }

  /**
   * Passes a whole DATA frame on; `frame` is this relay's from now on. False when the browser sent more than its credit
   * or did not wait for OPENED: the link is then over.
   */
  forward(frame: Buffer<ArrayBuffer>): boolean {
    const size = frame.length - FRAME_HEADER;
    const stream = this.#stream;
    if (stream === null || !this.#answered || this.#taken + size - this.#credited > LINK_WINDOW) {
      this.fail('limit', 'more data than there was credit for');
      this.#owner.released(size);
      return false;
    }
    if (this.backlog === 0) this.movedAt = Date.now();
    this.#taken += size;
    // The record's length, big-endian, fits where the link number stood: the record itself is never copied.
    frame.writeUInt32BE(size, 1);
    stream.write(frame.subarray(1), () => {
      this.#onPassed(size);
    });
    return true;
  }

  pause(): void {
    this.#stream?.pause();
  }

  resume(): void {
    this.#stream?.resume();
  }

  /** The browser closed the link: what it sent before still reaches the agent, unless the agent does not take it. */
  end(): void {
    this.#over = true;
    if (this.#stream !== null) this.#finish(this.#stream);
  }

  /** Ends the link on both sides at once. Does nothing on one that is over. */
  fail(close: CloseName, text: string): void {
    if (this.#over) return;
    this.#close(close, text);
    this.#stream?.close(constants.NGHTTP2_CANCEL);
  }

  #finish(stream: ClientHttp2Stream): void {
    stream.resume();
    stream.end();
    this.#stopTimer();
    this.#timer = setTimeout(() => {
      stream.close(constants.NGHTTP2_CANCEL);
    }, END_TIMEOUT);
    this.#timer.unref();
  }

  #stopTimer(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  static #onResponse(this: RelayStream, headers: IncomingHttpHeaders & IncomingHttpStatusHeader): void {
    const { relay } = this;
    const status = headers[':status'] ?? 0;
    if (relay.#over) return;
    if (status === 200) {
      relay.#answered = true;
      relay.#stopTimer();
      relay.#owner.opened(relay);
      return;
    }
    // Ended, not reset: an agent cuts a connection with too many resets on it, and with it everybody's links.
    relay.#finish(this);
    if (status === 429 || status === 503) relay.#close('busy', 'the agent has too many links or handshakes just now');
    // A redirect ends here too: the host table alone says where an agent is.
    else relay.#close('refused', `the agent answered with status ${String(status)}`);
  }

  static #onData(this: RelayStream, chunk: Buffer<ArrayBuffer>): void {
    const { relay } = this;
    if (relay.#over) return;
    try {
      relay.#splitter.push(chunk);
    } catch {
      relay.fail('malformed', 'the agent sent what is no record');
    }
  }

  static #onEnd(this: RelayStream): void {
    // Node ends the body of a connection that broke, too; 'close' follows and knows better.
    if (this.aborted) return;
    const { relay } = this;
    if (relay.#splitter.whole) {
      relay.#close('normal', '');
      relay.#finish(this);
    } else {
      relay.fail('malformed', 'the agent’s stream ended inside a record');
    }
  }

  static #onStreamClose(this: RelayStream): void {
    const { relay } = this;
    relay.#stream = null;
    relay.#stopTimer();
    if (relay.backlog > 0) relay.#owner.released(relay.backlog);
    if (this.rstCode === constants.NGHTTP2_REFUSED_STREAM) {
      relay.#close('busy', 'the agent refuses more links just now');
    } else {
      relay.#close('lost', 'the connection to the agent ended');
    }
  }

  #onPassed(size: number): void {
    if (this.#stream === null) return;
    this.#passed += size;
    this.movedAt = Date.now();
    this.#owner.released(size);
    const due = this.#passed - this.#credited;
    if (due < CREDIT_STEP || this.#over) return;
    this.#credited = this.#passed;
    this.#owner.credit(this, due);
  }

  #close(close: CloseName, text: string): void {
    if (this.#over) return;
    this.#over = true;
    this.#owner.closed(this, close, text);
  }
}

const ignore = (): void => undefined;
