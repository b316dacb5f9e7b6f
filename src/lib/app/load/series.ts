// Load over time on a grid of even steps: what a host remembered and what this tab has heard since, merged. Pure, but for the
// one grid that grows. Nothing is invented: a step of which nothing is known is null, however short the gap.
import type { HostLoad } from '#lib/model/fleet.ts';
import { Fault } from '#lib/model/fault.ts';
import type { Millis } from '#lib/model/units.ts';
import type { LoadHistory as Remembered } from '#lib/protocol/schema.ts';

export const FIGURES = ['cpu', 'cpuMax', 'memoryUsed', 'diskRead', 'diskWrite', 'netReceive', 'netTransmit'] as const;
export type Figure = (typeof FIGURES)[number];

/** What a chart takes. All lists have one item per step; null: nothing is known of that step. */
export type LoadSeries = {
  /** When each step begins, ms since the epoch, oldest first. */
  readonly at: Float64Array;
  /** How long each step is. */
  readonly step: Millis;
  /** CPU in percent (mean and highest), memory in MiB, rates in bytes per second. */
} & { readonly [F in Figure]: readonly (number | null)[] };

/** The steps a chart of `span` ms has when it may have `points`: whole multiples of the 10 s that agents remember. */
export const stepOf = (span: number, points: number): Millis => (10_000 * Math.ceil(span / points / 10_000)) as Millis;

/** The last `points` steps of one host or VM. Owned by `LoadHistory`; memory is 28 bytes per step. */
export class LoadGrid {
  readonly step: Millis;
  readonly points: number;
  /** Figure after figure; step n of a figure is at n modulo `points`; NaN where nothing is known. */
  readonly #values: Float32Array;
  /** Readings of this tab in the newest step, per figure. */
  readonly #counts = new Uint32Array(FIGURES.length);
  #newest = -1;

  constructor(step: Millis, points: number) {
    this.step = step;
    this.points = points;
    this.#values = new Float32Array(FIGURES.length * points).fill(NaN);
  }

  /** Number of the newest step since the epoch; -1 while there is none. */
  get newest(): number {
    return this.#newest;
  }

  /** Adds one live reading. Older than the grid reaches: nothing. */
  add(load: HostLoad): void {
    const step = Math.floor(load.at / this.step);
    if (step > this.#newest) this.#advance(step);
    if (step <= this.#newest - this.points) return;
    for (const [column, figure] of FIGURES.entries()) {
      const value = figure === 'cpuMax' ? load.cpu : load[figure];
      if (value === null) continue;
      const index = column * this.points + (step % this.points);
      const before = this.#values[index] ?? NaN;
      if (figure === 'cpuMax') {
        this.#values[index] = before >= value ? before : value;
      } else {
        const count = step === this.#newest ? (this.#counts[column] ?? 0) + 1 : 1;
        if (step === this.#newest) this.#counts[column] = count;
        this.#values[index] = Number.isNaN(before) ? value : before + (value - before) / count;
      }
    }
  }

  /**
   * Lays what the host remembers over the grid: it heard all of each step, this tab perhaps a part. A host of very many VMs
   * remembers them in larger steps: those fill the finer ones, up to `until` (ms), of which this tab heard nothing.
   * @throws Fault `malformed` when the columns do not fit together
   */
  remember(said: Remembered, until: number): void {
    const misfit = FIGURES.some((figure) => said[figure] !== null && said[figure].length !== said.count);
    if (said.start % said.step !== 0 || misfit) {
      throw new Fault('malformed', { where: 'load-history', reason: 'its columns do not fit its steps' });
    }
    const larger = said.step > this.step;
    const known = FIGURES.map((figure) => said[figure]?.findLastIndex((value) => value !== null) ?? -1);
    const end = said.start + (Math.max(...known) + 1) * said.step;
    const after = Math.ceil((larger ? Math.min(end, until) : end) / this.step);
    const from = Math.max(Math.ceil(said.start / this.step), after - this.points);
    for (const [column, figure] of FIGURES.entries()) {
      const factor = figure === 'cpu' || figure === 'cpuMax' ? 0.1 : 1;
      for (let step = from; step < after; step++) {
        const at = Math.floor((step * this.step - said.start) / said.step);
        const value = whole(said[figure]?.slice(at, at + Math.max(1, Math.floor(this.step / said.step))), figure);
        if (value === null) continue;
        if (step > this.#newest) this.#advance(step);
        if (step <= this.#newest - this.points) continue;
        const index = column * this.points + (step % this.points);
        const before = this.#values[index] ?? NaN;
        if (larger ? !Number.isNaN(before) : figure === 'cpuMax' && before > value * factor) continue;
        this.#values[index] = value * factor;
        if (step === this.#newest) this.#counts[column] = 1;
      }
    }
  }

  /** Null where it is not known, also for steps outside the grid. */
  get(figure: Figure, step: number): number | null {
    if (step > this.#newest || step <= this.#newest - this.points) return null;
    const value = this.#values[FIGURES.indexOf(figure) * this.points + (step % this.points)] ?? NaN;
    return Number.isNaN(value) ? null : value;
  }

  /** The mean of the steps that begin from `from` to before `to` (ms); when steps are longer than that, the one that holds it. */
  over(figure: Figure, from: number, to: number): number | null {
    const first = Math.ceil(from / this.step);
    const after = Math.ceil(to / this.step);
    if (after - first < 1) return this.get(figure, first - 1);
    if (after - first === 1) return this.get(figure, first);
    let [sum, count] = [0, 0];
    for (let step = first; step < after; step++) {
      const value = this.get(figure, step);
      if (value === null) continue;
      sum = figure === 'cpuMax' ? Math.max(sum, value) : sum + value;
      count++;
    }
    return count === 0 ? null : figure === 'cpuMax' ? sum : sum / count;
  }

  /** The grid up to `newest`. A new object each time. */
  series(newest = this.#newest): LoadSeries {
    return seriesOf(this.step, this.points, newest, (figure, step) => this.get(figure, step));
  }

  #advance(step: number): void {
    const from = this.#newest < 0 ? step - this.points + 1 : Math.max(this.#newest + 1, step - this.points + 1);
    for (let next = Math.max(0, from); next <= step; next++) {
      for (let column = 0; column < FIGURES.length; column++) {
        this.#values[column * this.points + (next % this.points)] = NaN;
      }
    }
    this.#counts.fill(0);
    this.#newest = step;
  }
}

/**
 * A host's grid, by what its CPU share counts among others (its processors), and how far its clock is ahead of this tab's (ms):
 * the grid is by the host's clock.
 */
export type Part = { readonly grid: LoadGrid; readonly cpus: number; readonly ahead: number };

/**
 * Many hosts as one, by this tab's clock: memory and rates are summed, CPU is the mean over all processors. Of each step the
 * hosts count of which it is known; where none is, it is null.
 */
export function combined(parts: readonly Part[], step: Millis, points: number): LoadSeries {
  const newest = parts.reduce(
    (latest, { grid, ahead }) =>
      grid.newest < 0 ? latest : Math.max(latest, Math.floor((grid.newest * grid.step - ahead) / step)),
    -1
  );
  return seriesOf(step, points, newest, (figure, at) => {
    const share = figure === 'cpu' || figure === 'cpuMax';
    let [sum, weight] = [0, 0];
    for (const { grid, cpus, ahead } of parts) {
      const value = grid.over(figure, at * step + ahead, (at + 1) * step + ahead);
      if (value === null) continue;
      sum += share ? value * cpus : value;
      weight += cpus;
    }
    return weight === 0 ? null : share ? sum / weight : sum;
  });
}

/** Of the known ones the mean, of highest CPU the highest; null where none is. */
function whole(values: readonly (number | null)[] | undefined, figure: Figure): number | null {
  const known = (values ?? []).filter((value) => value !== null);
  if (known.length === 0) return null;
  return figure === 'cpuMax' ? Math.max(...known) : known.reduce((sum, value) => sum + value, 0) / known.length;
}

function seriesOf(
  step: Millis,
  points: number,
  newest: number,
  value: (figure: Figure, step: number) => number | null
): LoadSeries {
  const first = Math.max(0, newest - points + 1);
  const length = newest < 0 ? 0 : newest - first + 1;
  const column = (figure: Figure): (number | null)[] => Array.from({ length }, (_, at) => value(figure, first + at));
  return {
    at: Float64Array.from({ length }, (_, at) => (first + at) * step),
    step,
    cpu: column('cpu'),
    cpuMax: column('cpuMax'),
    memoryUsed: column('memoryUsed'),
    diskRead: column('diskRead'),
    diskWrite: column('diskWrite'),
    netReceive: column('netReceive'),
    netTransmit: column('netTransmit')
  };
}
