// The way out to one browser. All frames of one turn of the event loop leave in one write, put together with their
// WebSocket headers in one buffer (RFC 6455, 5.2: one unmasked, unfragmented binary message each): half the cost of
// handing `ws` each frame, which writes header and body apart. Safe beside `ws`, which writes whole messages at once too.
import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import type { FrameKind } from '../src/lib/frame/frame.ts';
import { FRAME_HEADER } from '../src/lib/frame/limits.ts';
import type { Slabs } from './slabs.ts';

/** Bytes waiting for the browser at which agents should stop sending to it. */
const FULL = 768 * 1024;
/** A browser that takes nothing at all while the gateway has to answer it is cut off at this. */
const CUT_OFF = 1024 * 1024;
/** More than this does not wait for the turn to end. */
const BATCH = 128 * 1024;
/** From so many bytes on, a payload leaves from where it lies: a write of its own costs less than the copy and its memory. */
const UNCOPIED = 16 * 1024;
/** Pings of a browser are answered only while so little waits: one that never reads must not fill the queue. */
const PONG_BELOW = 64 * 1024;

/** FIN and opcode 2. */
const BINARY = 0x82;
const LENGTH_16 = 126;
const LENGTH_64 = 127;

const headerSize = (size: number): number => (size < LENGTH_16 ? 2 : size < 65_536 ? 4 : 10);

export class FrameWriter {
  readonly #socket: WebSocket;
  /** The TCP or TLS stream under the WebSocket, which `ws` writes to. */
  readonly #stream: Duplex;
  readonly #slabs: Slabs;
  // Three columns of what waits for the end of the turn: no object a frame.
  readonly #kinds: FrameKind[] = [];
  readonly #links: number[] = [];
  readonly #payloads: Uint8Array[] = [];
  #size = 0;
  /** Of it, what is copied. */
  #copied = 0;

  /** `onDrain`: all that waited has gone out; only after `full` was true. */
  constructor(socket: WebSocket, stream: Duplex, slabs: Slabs, onDrain: () => void) {
    this.#socket = socket;
    this.#stream = stream;
    this.#slabs = slabs;
    stream.on('drain', onDrain);
    socket.on('ping', (data) => {
      if (stream.writableLength < PONG_BELOW) socket.pong(data);
    });
  }

  get full(): boolean {
    return this.#stream.writableLength + this.#size > FULL;
  }

  /**
   * `payload` is this writer's from now on, which gives it back to the slabs. On a socket that is closing nothing is sent.
   * False when the browser had to be cut off: it takes nothing.
   */
  send(kind: FrameKind, link: number, payload: Uint8Array): boolean {
    if (this.#socket.readyState !== this.#socket.OPEN) return true;
    if (this.#stream.writableLength > CUT_OFF) {
      this.#socket.terminate();
      return false;
    }
    if (this.#size === 0) {
      setImmediate(() => {
        this.flush();
      });
    }
    this.#kinds.push(kind);
    this.#links.push(link);
    this.#payloads.push(payload);
    const size = FRAME_HEADER + payload.length;
    this.#size += headerSize(size) + size;
    this.#copied += headerSize(size) + (payload.length < UNCOPIED ? size : FRAME_HEADER);
    if (this.#size > BATCH) this.flush();
    return true;
  }

  /** Writes what waits now: before the socket is closed. */
  flush(): void {
    if (this.#size === 0) return;
    const open = this.#socket.readyState === this.#socket.OPEN;
    // Headers and small payloads are copied together; between them go the large ones as they are.
    const batch = Buffer.allocUnsafe(this.#copied);
    let [at, from] = [0, 0];
    this.#stream.cork();
    for (let i = 0; i < this.#payloads.length; i += 1) {
      const payload = this.#payloads[i] ?? EMPTY;
      at = writeHeader(batch, at, FRAME_HEADER + payload.length);
      batch[at] = this.#kinds[i] ?? 0;
      batch.writeUInt32BE(this.#links[i] ?? 0, at + 1);
      at += FRAME_HEADER;
      if (payload.length < UNCOPIED) {
        batch.set(payload, at);
        at += payload.length;
      } else if (open) {
        this.#stream.write(batch.subarray(from, at));
        this.#stream.write(payload, () => {
          this.#slabs.give(payload);
        });
        from = at;
      }
    }
    if (open && from < at) this.#stream.write(batch.subarray(from, at));
    this.#stream.uncork();
    this.#kinds.length = 0;
    this.#links.length = 0;
    this.#payloads.length = 0;
    this.#size = 0;
    this.#copied = 0;
  }
}

/** Returns the position behind the header. */
function writeHeader(batch: Buffer, at: number, size: number): number {
  batch[at] = BINARY;
  if (size < LENGTH_16) {
    batch[at + 1] = size;
    return at + 2;
  }
  if (size < 65_536) {
    batch[at + 1] = LENGTH_16;
    return batch.writeUInt16BE(size, at + 2);
  }
  batch[at + 1] = LENGTH_64;
  batch.writeUInt32BE(0, at + 2);
  return batch.writeUInt32BE(size, at + 6);
}

const EMPTY = new Uint8Array(0);
