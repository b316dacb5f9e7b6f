// Holds the fleet as it is now. Updates are gathered and folded together, so that a thousand events a second cost a
// view at most sixty new fleets a second; who asks for the fleet always gets the newest.
import type { Fleet } from '../model/fleet.ts';
import type { Clock } from './clock.ts';
import { EMPTY_FLEET, foldAll } from './fold.ts';
import type { FleetUpdate } from './fold.ts';

const FRAME = 16;

export class FleetStore {
  readonly #clock: Clock;
  readonly #listeners = new Set<(fleet: Fleet) => void>();
  #fleet: Fleet = EMPTY_FLEET;
  #told: Fleet = EMPTY_FLEET;
  #gathered: FleetUpdate[] = [];
  #cancel: (() => void) | null = null;
  #toldAt = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get fleet(): Fleet {
    if (this.#gathered.length > 0) {
      const gathered = this.#gathered;
      this.#gathered = [];
      this.#fleet = foldAll(this.#fleet, gathered);
    }
    return this.#fleet;
  }

  add(update: FleetUpdate): void {
    this.#gathered.push(update);
    this.#cancel ??= this.#clock.after(Math.max(0, this.#toldAt + FRAME - this.#clock.now()), () => {
      this.#tell();
    });
  }

  /** Calls `listener` after changes, never at once. @returns ends it */
  listen(listener: (fleet: Fleet) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Nobody is told anything any more. */
  close(): void {
    this.#listeners.clear();
    this.#cancel?.();
  }

  #tell(): void {
    this.#cancel = null;
    this.#toldAt = this.#clock.now();
    const fleet = this.fleet;
    if (fleet === this.#told) return;
    this.#told = fleet;
    for (const listener of this.#listeners) listener(fleet);
  }
}
