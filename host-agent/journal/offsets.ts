// Where each line of a file begins: 8 bytes a line, growing by doubling.

export class Offsets {
  /** `#starts[n - 1]` is where line n begins; one more: where the next will. */
  #starts = new Float64Array(1024);
  #lines = 0;

  /** Notes one more line of `length` bytes, its line break included. */
  add(length: number): void {
    if (this.#lines + 2 > this.#starts.length) {
      const grown = new Float64Array(this.#starts.length * 2);
      grown.set(this.#starts);
      this.#starts = grown;
    }
    this.#starts[this.#lines + 1] = this.end + length;
    this.#lines++;
  }

  /** Where line `number` begins, 1 to one beyond the last. @throws RangeError */
  of(number: number): number {
    const start = number >= 1 && number <= this.#lines + 1 ? this.#starts[number - 1] : undefined;
    if (start === undefined) throw new RangeError(`there is no line ${number}`);
    return start;
  }

  /** Bytes of all lines. */
  get end(): number {
    return this.#starts[this.#lines] ?? 0;
  }
}
