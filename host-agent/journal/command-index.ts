// Which journal line each command id begins and ends at, for all commands ever, in 12 bytes a slot: the lines themselves
// stay on disk. Open addressing over a keyed fingerprint; whoever finds a line compares the whole id.
import { randomInt } from 'node:crypto';
import type { CommandId } from '../../src/lib/model/ids.ts';

const SLOT = 3; // fingerprint, line of the start (0: empty), line of the end (0: none yet)

export class CommandIndex {
  // Ids are chosen by clients: without a key they could be chosen to collide.
  readonly #key = randomInt(2 ** 32);
  #slots = new Uint32Array(1024 * SLOT);
  #used = 0;

  /** Notes that the command began at line `started` (1 to 2^32 - 1). */
  add(id: CommandId, started: number): void {
    if (++this.#used * 2 > this.#slots.length / SLOT) this.#grow();
    this.#place(this.#fingerprint(id), started, 0);
  }

  /** Notes that the command begun at `started` ended at line `ended`. */
  end(id: CommandId, started: number, ended: number): void {
    for (const slot of this.#chain(this.#fingerprint(id))) {
      if (this.#slots[slot + 1] === started) this.#slots[slot + 2] = ended;
    }
  }

  /** The commands that may be `id`: almost always none or one. `ended` is null while it has none. */
  *find(id: CommandId): Generator<{ readonly started: number; readonly ended: number | null }> {
    for (const slot of this.#chain(this.#fingerprint(id))) {
      yield { started: this.#slots[slot + 1] ?? 0, ended: this.#slots[slot + 2] || null };
    }
  }

  #fingerprint(id: CommandId): number {
    let hash = this.#key;
    for (const word of [
      id.slice(0, 8),
      id.slice(9, 13) + id.slice(14, 18),
      id.slice(19, 23) + id.slice(24, 28),
      id.slice(28)
    ]) {
      hash = Math.imul(hash ^ parseInt(word, 16), 0x9e3779b1);
      hash ^= hash >>> 15;
    }
    return hash >>> 0;
  }

  /** The slots with this fingerprint, up to the first empty one. */
  *#chain(fingerprint: number): Generator<number> {
    const slots = this.#slots;
    for (let at = (fingerprint * SLOT) % slots.length; slots[at + 1] !== 0; at = (at + SLOT) % slots.length) {
      if (slots[at] === fingerprint) yield at;
    }
  }

  #place(fingerprint: number, started: number, ended: number): void {
    const slots = this.#slots;
    let at = (fingerprint * SLOT) % slots.length;
    while (slots[at + 1] !== 0) at = (at + SLOT) % slots.length;
    slots.set([fingerprint, started, ended], at);
  }

  #grow(): void {
    const old = this.#slots;
    this.#slots = new Uint32Array(old.length * 2);
    for (let at = 0; at < old.length; at += SLOT) {
      const [fingerprint = 0, started = 0, ended = 0] = old.subarray(at, at + SLOT);
      if (started !== 0) this.#place(fingerprint, started, ended);
    }
  }
}
