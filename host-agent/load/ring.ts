// The load of one host or VM over the last day, in a ring of even steps: one column of 32-bit floats for each figure, NaN where
// none is known. A step that was measured more than once holds the mean; one that was never measured stays unknown.
import type { HostLoad } from '../../src/lib/model/fleet.ts';
import type { LoadHistory as Columns } from '../../src/lib/protocol/schema.ts';

/** Milliseconds that are kept. */
export const KEPT = 24 * 3_600_000;
const FIGURES = ['cpu', 'memoryUsed', 'diskRead', 'diskWrite', 'netReceive', 'netTransmit'] as const;
const slotsOf = (step: number): number => KEPT / step;
/** What a ring of this step holds in memory. */
export const ringBytes = (step: number): number => slotsOf(step) * FIGURES.length * 4;

type Figures = Omit<Columns, 'vm' | 'start' | 'step' | 'count'>;

export class LoadRing {
  /** Milliseconds of one slot; divides a day. */
  readonly step: number;
  readonly #slots: number;
  /** Figure after figure; slot n of a figure is at n modulo the number of slots. */
  readonly #values: Float32Array<ArrayBuffer>;
  /** Of the newest slot: how many readings its mean is made of. */
  readonly #counts = new Uint32Array(FIGURES.length);
  #newest: number;

  /** @param kept the values and newest slot of a ring that was written down: as many values as a ring of this step has */
  constructor(step: number, kept?: { readonly values: Float32Array<ArrayBuffer>; readonly newest: number }) {
    this.step = step;
    this.#slots = slotsOf(step);
    this.#values = kept?.values ?? new Float32Array(this.#slots * FIGURES.length).fill(NaN);
    this.#newest = kept?.newest ?? -1;
    if (kept) for (let index = 0; index < kept.values.length; index++) this.#values[index] = known(kept.values[index]);
    // What the kept mean was made of is not known any more: it counts once.
    this.#counts.fill(kept ? 1 : 0);
  }

  /** Number of the newest slot since the epoch; -1 while there is none. */
  get newest(): number {
    return this.#newest;
  }

  get values(): Float32Array<ArrayBuffer> {
    return this.#values;
  }

  /** Instants go up; one that lies more than a day back means that the clock was set back, and the ring starts anew. */
  add(load: HostLoad): void {
    const slot = Math.floor(load.at / this.step);
    if (this.#newest >= 0 && slot <= this.#newest - this.#slots) this.#clear(slot);
    if (slot > this.#newest) this.#advance(slot);
    const place = slot % this.#slots;
    for (const [column, figure] of FIGURES.entries()) {
      const value = load[figure];
      if (value === null) continue;
      const index = column * this.#slots + place;
      if (slot !== this.#newest) {
        this.#values[index] = value;
        continue;
      }
      const count = (this.#counts[column] ?? 0) + 1;
      this.#counts[column] = count;
      const before = this.#values[index] ?? NaN;
      this.#values[index] = Number.isNaN(before) ? value : before + (value - before) / count;
    }
  }

  /** The same in larger steps. @param step a multiple of this ring's */
  coarser(step: number): LoadRing {
    const ring = new LoadRing(step);
    if (this.#newest < 0) return ring;
    const ratio = step / this.step;
    ring.#newest = Math.floor(this.#newest / ratio);
    for (let slot = Math.max(0, ring.#newest - ring.#slots + 1); slot <= ring.#newest; slot++) {
      for (let column = 0; column < FIGURES.length; column++) {
        const { mean } = this.#span(column, slot * ratio, (slot + 1) * ratio);
        ring.#values[column * ring.#slots + (slot % ring.#slots)] = mean;
      }
    }
    ring.#counts.fill(1);
    return ring;
  }

  /** `count` spans of `step` (a multiple of the ring's) from `start` (a multiple of `step`): means, and the highest CPU, rounded. */
  read(start: number, step: number, count: number): Figures {
    const ratio = step / this.step;
    const first = start / this.step;
    const column = (figure: (typeof FIGURES)[number], of: 'mean' | 'max', factor = 1): (number | null)[] | null => {
      const values = Array.from({ length: count }, (_, at) => {
        const value = this.#span(FIGURES.indexOf(figure), first + at * ratio, first + (at + 1) * ratio)[of] * factor;
        return Number.isNaN(value) ? null : Math.round(value);
      });
      return values.some((value) => value !== null) ? values : null;
    };
    return {
      cpu: column('cpu', 'mean', 10),
      cpuMax: column('cpu', 'max', 10),
      memoryUsed: column('memoryUsed', 'mean'),
      diskRead: column('diskRead', 'mean'),
      diskWrite: column('diskWrite', 'mean'),
      netReceive: column('netReceive', 'mean'),
      netTransmit: column('netTransmit', 'mean')
    };
  }

  /** Mean and highest of the known values in slots `from` <= slot < `to`; NaN when none is. */
  #span(column: number, from: number, to: number): { readonly mean: number; readonly max: number } {
    let [sum, count, max] = [0, 0, NaN];
    const last = Math.min(to - 1, this.#newest);
    for (let slot = Math.max(from, this.#newest - this.#slots + 1, 0); slot <= last; slot++) {
      const value = this.#values[column * this.#slots + (slot % this.#slots)] ?? NaN;
      if (Number.isNaN(value)) continue;
      sum += value;
      count++;
      if (!(max >= value)) max = value;
    }
    return { mean: sum / count, max };
  }

  #advance(slot: number): void {
    const from = this.#newest < 0 ? slot : Math.max(this.#newest + 1, slot - this.#slots + 1);
    for (let next = from; next <= slot; next++) {
      for (let column = 0; column < FIGURES.length; column++) {
        this.#values[column * this.#slots + (next % this.#slots)] = NaN;
      }
    }
    this.#counts.fill(0);
    this.#newest = slot;
  }

  #clear(slot: number): void {
    this.#values.fill(NaN);
    this.#counts.fill(0);
    this.#newest = slot;
  }
}

/** What a file says, as far as a load can be that. */
const known = (value: number | undefined): number => (value !== undefined && value >= 0 && value <= 1e15 ? value : NaN);
