// Prices of what is over capacity: as high as it takes to have little of it, and no higher.
import type { Problem } from '../problem.ts';
import type { HostRows } from './host-rows.ts';

/** In costs of a unit over the safety level. */
const FIRST = 10;
const LEAST = 0.01;
const MOST = 1e6;
/** The share of hosts that may be over capacity in one resource while it is hot; more, and its price rises. */
const BEARABLE = 0.1;
const STEP = 1.02;
const SQUEEZE = 1.01;

/** The prices a walk pays while it is not strict (Lagrangian relaxation of the capacities, multipliers by feedback). */
export class Prices {
  readonly #rows: HostRows;
  readonly #problem: Problem;
  readonly #over: Int32Array;
  readonly #unit: number;

  constructor(problem: Problem, rows: HostRows) {
    this.#problem = problem;
    this.#rows = rows;
    this.#over = new Int32Array(problem.resources);
    this.#unit = problem.loadWeight.reduce((most, weight) => Math.max(most, weight), 1);
    rows.price.fill(FIRST * this.#unit);
    this.#rows.refreshAll();
  }

  /**
   * Follows what is over now.
   * @param left what of the way to where capacity is a limit again is left, 1 to 0: the less, the less is bearable, faster than in
   * proportion, so that what costs little because it may not be is not all lost at the end
   */
  follow(left: number): void {
    const { hosts, resources } = this.#problem;
    const { excess, over, price } = this.#rows;
    const bearable = BEARABLE * left ** 2 * hosts;
    this.#over.fill(0);
    for (let host = 0; host < hosts; host++) {
      if (over[host] === 0) continue;
      for (let r = 0; r < resources; r++) if (excess[host * resources + r]! > 0) this.#over[r]!++;
    }
    for (let r = 0; r < resources; r++) {
      const next = price[r]! * (this.#over[r]! > bearable ? STEP : 1 / STEP);
      price[r] = Math.min(MOST * this.#unit, Math.max(LEAST * this.#unit, next));
    }
    this.#rows.refreshAll();
  }

  /** Raises all of them, until nothing is worth it. */
  squeeze(): void {
    const { price } = this.#rows;
    for (let r = 0; r < price.length; r++) price[r] = Math.min(MOST * this.#unit, price[r]! * SQUEEZE);
    this.#rows.refreshAll();
  }
}
