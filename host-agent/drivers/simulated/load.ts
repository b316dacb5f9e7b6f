// How busy a simulated guest is: a walk that always tends back to the guest's own mean, so that it wanders plausibly
// and never runs away. Evaluated only when somebody asks, for however long has passed since.
import { randomFrom } from './random.ts';

/** Seconds in which a deviation fades to about a third. */
const MEMORY_SECONDS = 30;

export type Sample = { readonly [Figure in 'cpu' | 'read' | 'write' | 'receive' | 'transmit']: number | null };

export class Load {
  readonly #random: () => number;
  readonly #mean: number;
  readonly #appetite: number;
  #level: number;
  #at: number | null = null;
  #last: Sample | null = null;

  constructor(seed: number) {
    this.#random = randomFrom(seed);
    // Most guests idle, a few work: the cube of an even spread.
    this.#mean = 3 + 70 * this.#random() ** 3;
    this.#appetite = 0.4 + this.#random();
    this.#level = this.#mean;
  }

  /**
   * CPU 0..100 % and rates in bytes per second since the last call, at instant `now` (ms); all null the first time. An instant
   * that was asked for before has the figures it had then.
   */
  sample(now: number): Sample {
    if (this.#last !== null && this.#at === now) return this.#last;
    const first = this.#at === null;
    const seconds = this.#at === null ? 0 : Math.min(600, Math.max(0, now - this.#at) / 1000);
    this.#at = now;
    const stay = Math.exp(-seconds / MEMORY_SECONDS);
    const noise = (this.#random() + this.#random() + this.#random() - 1.5) * 22 * Math.sqrt(1 - stay * stay);
    this.#level = Math.min(100, Math.max(0, this.#mean + (this.#level - this.#mean) * stay + noise));
    const rate = (scale: number): number | null =>
      first ? null : Math.round(this.#level * this.#appetite * scale * (0.7 + 0.6 * this.#random()));
    const sample: Sample = {
      cpu: first ? null : this.#level,
      read: rate(9_000),
      write: rate(14_000),
      receive: rate(6_000),
      transmit: rate(11_000)
    };
    if (!first) this.#last = sample;
    return sample;
  }
}
