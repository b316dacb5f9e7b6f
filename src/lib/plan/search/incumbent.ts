import type { Assignment } from '../problem.ts';

const REMEMBERED = 1 << 14;

/** The best assignment a walk has been at, kept without copying it at every improvement: as what happened since. */
export class Incumbent {
  readonly #now: Assignment;
  readonly #best: Assignment;
  readonly #vms = new Int32Array(REMEMBERED);
  readonly #hosts = new Int32Array(REMEMBERED);
  /** How many moves lead from the best to now; -1: the best is in `#best`. */
  #since = 0;

  /** @param now the walk's own assignment, which it goes on to change; the best so far */
  constructor(now: Assignment) {
    this.#now = now;
    this.#best = now.slice();
  }

  /** What is now is the best. */
  mark(): void {
    this.#since = 0;
  }

  /** Call before each change: a VM is about to leave `host`. */
  leaves(vm: number, host: number): void {
    if (this.#since < 0) return;
    if (this.#since === REMEMBERED) {
      this.#restore();
      this.#since = -1;
      return;
    }
    this.#vms[this.#since] = vm;
    this.#hosts[this.#since++] = host;
  }

  /** A copy. */
  best(): Assignment {
    if (this.#since >= 0) this.#restore();
    return this.#best.slice();
  }

  #restore(): void {
    this.#best.set(this.#now);
    for (let i = this.#since - 1; i >= 0; i--) this.#best[this.#vms[i]!] = this.#hosts[i]!;
  }
}
