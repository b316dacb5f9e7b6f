// The way out to one browser: frames of one turn of the event loop leave in one write, and how much waits is known.
import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import type { Frame } from '../src/lib/model/stages.ts';

/** Bytes waiting for the browser at which agents should stop sending to it. */
const FULL = 768 * 1024;
/** A browser that takes nothing at all while the gateway has to answer it is cut off at this. */
const CUT_OFF = 1024 * 1024;
/** More than this does not wait for the turn to end. */
const CORK_BYTES = 64 * 1024;

export class FrameWriter {
  readonly #socket: WebSocket;
  /** The TCP or TLS stream under the WebSocket, which `ws` writes to. */
  readonly #stream: Duplex;
  #corked = false;
  #corkedBytes = 0;

  /** `onDrain`: all that waited has gone out; only after `full` was true. */
  constructor(socket: WebSocket, stream: Duplex, onDrain: () => void) {
    this.#socket = socket;
    this.#stream = stream;
    stream.on('drain', onDrain);
    socket.on('ping', (data) => {
      // Not left to `ws`: a browser that pings and never reads would fill the queue.
      if (stream.writableLength < CORK_BYTES) socket.pong(data);
    });
  }

  get full(): boolean {
    return this.#stream.writableLength > FULL;
  }

  /** False when the browser had to be cut off. On a socket that is closing nothing is sent. */
  send(frame: Frame): boolean {
    if (this.#socket.readyState !== this.#socket.OPEN) return true;
    if (this.#stream.writableLength > CUT_OFF) {
      this.#socket.terminate();
      return false;
    }
    if (!this.#corked) this.#cork();
    this.#socket.send(frame);
    this.#corkedBytes += frame.length;
    if (this.#corkedBytes > CORK_BYTES) {
      this.#corkedBytes = 0;
      this.#stream.uncork();
      this.#stream.cork();
    }
    return true;
  }

  #cork(): void {
    this.#corked = true;
    this.#stream.cork();
    setImmediate(() => {
      this.#corked = false;
      this.#corkedBytes = 0;
      this.#stream.uncork();
    });
  }
}
