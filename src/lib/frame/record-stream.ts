// Records in an HTTP/2 body, gateway <-> agent: each is preceded by its length as u32be (docs/WIRE.md, Gateway and agent).
// TCP and HTTP/2 cut the stream where they like; the splitter puts the records together again, within limits.
import { Fault } from '../model/fault.ts';
import type { Sealed } from '../model/stages.ts';
import { LENGTH_PREFIX, MAX_RECORD, RECORD_HEADER } from './limits.ts';

/** `length u32be | record`, in one piece: a copy. */
export function prefix(record: Sealed): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(LENGTH_PREFIX + record.length);
  out.set(lengthOf(record));
  out.set(record, LENGTH_PREFIX);
  return out;
}

/** What goes before `record` in the stream. */
export function lengthOf(record: Sealed): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(LENGTH_PREFIX);
  new DataView(out.buffer).setUint32(0, record.length);
  return out;
}

/** One per direction and link. Holds at most one unfinished record. */
export class RecordSplitter {
  readonly #onRecord: (record: Sealed) => void;
  readonly #allocate: (size: number) => Uint8Array<ArrayBuffer>;
  #head = 0;
  #headFill = 0;
  #body: Uint8Array<ArrayBuffer> | null = null;
  #bodyFill = 0;

  /**
   * `onRecord` gets each record once, in order; it may be a view of the chunk it came in. One that is cut is put together in
   * what `allocate` gives, whatever is in that.
   */
  constructor(
    onRecord: (record: Sealed) => void,
    allocate: (size: number) => Uint8Array<ArrayBuffer> = (size) => new Uint8Array(size)
  ) {
    this.#onRecord = onRecord;
    this.#allocate = allocate;
  }

  /** True between records: a stream that ends elsewhere was cut off. */
  get whole(): boolean {
    return this.#headFill === 0 && this.#body === null;
  }

  /** @throws Fault `malformed` on a length outside {@link RECORD_HEADER}..{@link MAX_RECORD}; feed it nothing after that. */
  push(chunk: Uint8Array<ArrayBuffer>): void {
    let at = 0;
    while (at < chunk.length) {
      if (this.#body === null) {
        at = this.#readHead(chunk, at);
      } else {
        const take = Math.min(this.#body.length - this.#bodyFill, chunk.length - at);
        this.#body.set(chunk.subarray(at, at + take), this.#bodyFill);
        this.#bodyFill += take;
        at += take;
        if (this.#bodyFill === this.#body.length) {
          const record = this.#body as Sealed;
          this.#body = null;
          this.#onRecord(record);
        }
      }
    }
  }

  /** Reads a length, and the record too when the chunk holds all of it. Returns the new position. */
  #readHead(chunk: Uint8Array<ArrayBuffer>, from: number): number {
    let at = from;
    while (this.#headFill < LENGTH_PREFIX && at < chunk.length) {
      this.#head = ((this.#head << 8) | (chunk[at] ?? 0)) >>> 0;
      this.#headFill += 1;
      at += 1;
    }
    if (this.#headFill < LENGTH_PREFIX) return at;
    const size = this.#head;
    this.#head = 0;
    this.#headFill = 0;
    if (size < RECORD_HEADER || size > MAX_RECORD) {
      throw new Fault('malformed', { where: 'record stream', reason: `a record of ${String(size)} bytes` });
    }
    if (chunk.length - at >= size) {
      this.#onRecord(chunk.subarray(at, at + size) as Sealed);
      return at + size;
    }
    this.#body = this.#allocate(size);
    this.#bodyFill = 0;
    return at;
  }
}
