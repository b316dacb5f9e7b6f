// One HTTP/2 request as a pipe of records: length-prefixed both ways, with back-pressure and an end to slow readers.
import { constants } from 'node:http2';
import type { ServerHttp2Stream } from 'node:http2';
import { lengthOf, prefix, RecordSplitter } from '../../src/lib/frame/record-stream.ts';
import { Fault } from '../../src/lib/model/fault.ts';
import type { Sealed } from '../../src/lib/model/stages.ts';

/** Milliseconds to wait for the peer to take anything, and for it to end its half after this end has. */
const STALL_TIMEOUT = 30_000;
const END_TIMEOUT = 5_000;

export type StreamEvents = {
  onRecord(record: Sealed): void;
  /** Once, when the stream is gone, whoever ended it. */
  onEnd(fault: Fault): void;
};

export class RecordPipe {
  readonly #stream: ServerHttp2Stream;
  #room: Promise<void> | null = null;
  #ending = false;
  #ended = false;

  constructor(stream: ServerHttp2Stream, events: StreamEvents) {
    this.#stream = stream;
    const splitter = new RecordSplitter((record) => {
      if (!this.#ending) events.onRecord(record);
    });
    const end = (by: string): void => {
      if (this.#ended) return;
      this.#ended = true;
      events.onEnd(new Fault('link-ended', { what: 'the link', by }));
    };
    stream.on('error', ignore); // 'close' follows.
    stream.on('data', (chunk: Buffer<ArrayBuffer>) => {
      try {
        if (!this.#ending) splitter.push(chunk);
      } catch {
        stream.close(constants.NGHTTP2_PROTOCOL_ERROR);
      }
    });
    stream.once('end', () => {
      end(stream.aborted ? 'the connection' : 'the other end');
      this.end();
    });
    stream.once('close', () => {
      end('the connection');
    });
  }

  /** Resolves when there is room for the next record; rejects when the stream is gone. */
  send(record: Sealed): Promise<void> {
    if (this.#ending || this.#stream.destroyed) {
      return Promise.reject(new Fault('link-ended', { what: 'the link', by: 'the connection' }));
    }
    if (this.#write(record)) return this.#room ?? RESOLVED;
    this.#room ??= this.#drained();
    return this.#room;
  }

  /** Sends `last` if given, and ends this half; the other half gets a moment to follow. */
  end(last: Sealed | null = null): void {
    if (this.#ending) return;
    this.#ending = true;
    if (last === null) this.#stream.end();
    else this.#stream.end(prefix(last));
    this.#stream.resume();
    const timer = setTimeout(() => {
      this.#stream.close(constants.NGHTTP2_CANCEL);
    }, END_TIMEOUT);
    this.#stream.once('close', () => {
      clearTimeout(timer);
    });
  }

  /** Stops reading (true), or goes on: the sender feels it through HTTP/2's window. */
  press(high: boolean): void {
    if (high && !this.#ending) this.#stream.pause();
    else this.#stream.resume();
  }

  /** Length and record leave together, and the record is not copied for it. */
  #write(record: Sealed): boolean {
    this.#stream.cork();
    this.#stream.write(lengthOf(record));
    const room = this.#stream.write(record);
    this.#stream.uncork();
    return room;
  }

  #drained(): Promise<void> {
    return new Promise((resolve, reject) => {
      const settle = (): void => {
        clearTimeout(timer);
        this.#stream.off('drain', onDrain);
        this.#stream.off('close', onClose);
        this.#room = null;
      };
      const onDrain = (): void => {
        settle();
        resolve();
      };
      const onClose = (): void => {
        settle();
        reject(new Fault('link-ended', { what: 'the link', by: 'the connection' }));
      };
      const timer = setTimeout(() => {
        this.#stream.close(constants.NGHTTP2_CANCEL);
      }, STALL_TIMEOUT);
      this.#stream.once('drain', onDrain);
      this.#stream.once('close', onClose);
    });
  }
}

const RESOLVED = Promise.resolve();
const ignore = (): void => undefined;
