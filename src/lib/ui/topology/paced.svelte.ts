// A value that changes more often than it is worth showing: taken over at most so often, the last one always.
import { untrack } from 'svelte';

export class Paced<Value> {
  #value = $state.raw() as Value;

  /** Made while a component is. @param every ms from taking over one value to the next */
  constructor(read: () => Value, every: (value: Value) => number) {
    this.#value = untrack(read);
    let takenAt = performance.now();
    $effect.pre(() => {
      const next = read();
      if (next === untrack(() => this.#value)) return;
      const take = (): void => {
        takenAt = performance.now();
        this.#value = next;
      };
      const rest = takenAt + every(next) - performance.now();
      if (rest <= 0) {
        take();
        return;
      }
      const timer = setTimeout(take, rest);
      return () => clearTimeout(timer);
    });
  }

  get value(): Value {
    return this.#value;
  }
}
