// How far down each view was scrolled: Back finds the row one came from. Only ever what this tab has shown, in memory.
import { getContext, hasContext, setContext } from 'svelte';

/** Addresses, the oldest of which are forgotten. */
const KEPT = 100;

export class Places {
  readonly #tops = new Map<string, number>();
  readonly #address: () => string;
  /** The operator goes back or forward, so that a view is shown again rather than anew. */
  returning = false;

  /** @param address of the view shown now, without what is merely selected in it */
  constructor(address: () => string) {
    this.#address = address;
  }

  /** px; 0 for a view that is shown anew. */
  recall(): number {
    return this.returning ? (this.#tops.get(this.#address()) ?? 0) : 0;
  }

  keep(top: number): void {
    const address = this.#address();
    this.#tops.delete(address);
    this.#tops.set(address, top);
    const [oldest] = this.#tops.keys();
    if (this.#tops.size > KEPT && oldest !== undefined) this.#tops.delete(oldest);
  }
}

const KEY = Symbol('places');
export const providePlaces = (places: Places): Places => setContext(KEY, places);
/** The frame's; places of its own where no frame is (a component by itself). */
export const usePlaces = (): Places => (hasContext(KEY) ? getContext<Places>(KEY) : new Places(() => ''));
