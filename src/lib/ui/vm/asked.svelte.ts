// A wish under way: what a host was asked for stands on the page in the place of what it has until it has answered, so that
// the next step counts from there.

export class Asked<Value> {
  #value = $state.raw<Value | null>(null);
  #wishes = 0;

  /** Null when nothing is under way. */
  get value(): Value | null {
    return this.#value;
  }

  /** @param answer settles when the host has answered; a wish that came meanwhile then still stands */
  follow(value: Value, answer: Promise<unknown>): void {
    const wish = ++this.#wishes;
    this.#value = value;
    const over = (): void => {
      if (wish === this.#wishes) this.#value = null;
    };
    answer.then(over, over);
  }
}
