// Memory for long records on their way to browsers, used again and again: a busy console brings a hundred megabytes a second,
// and V8 would collect all of the gateway's garbage every few of them.
import { MAX_RECORD } from '../src/lib/frame/limits.ts';

/** Shorter records come and go as other objects do. */
const WORTH_IT = 16 * 1024;
/** Slabs kept for the next record: 1 MiB. */
const KEPT = 16;

export class Slabs {
  readonly #free: ArrayBuffer[] = [];
  readonly #own = new WeakSet<ArrayBufferLike>();

  /** @param size at most MAX_RECORD; what is in it is anything */
  take(size: number): Uint8Array<ArrayBuffer> {
    if (size < WORTH_IT) return new Uint8Array(size);
    let slab = this.#free.pop();
    if (slab === undefined) {
      slab = new ArrayBuffer(MAX_RECORD);
      this.#own.add(slab);
    }
    return new Uint8Array(slab, 0, size);
  }

  /** Once for each that was taken, when nobody reads it any more; what is not from here is left to the collector. */
  give({ buffer }: Uint8Array): void {
    if (this.#own.has(buffer) && this.#free.length < KEPT) this.#free.push(buffer as ArrayBuffer);
  }
}
