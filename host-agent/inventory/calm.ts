// Background work waits here while something is being changed, so as not to compete with it for the hypervisor and the
// guest. Not for long: a change that takes its time must not hide what happens to all the rest.

/** Milliseconds without a change before background work goes on: one often follows another. */
const SETTLE = 200;
/** Milliseconds after which it goes on all the same. */
export const LONGEST = 1_000;

export class Calm {
  readonly #waiting = new Set<() => void>();
  #changes = 0;
  #settling: NodeJS.Timeout | null = null;

  /** Runs `work` as a change. */
  async during<Result>(work: () => Promise<Result>): Promise<Result> {
    this.#changes++;
    if (this.#settling !== null) clearTimeout(this.#settling);
    this.#settling = null;
    try {
      return await work();
    } finally {
      if (--this.#changes === 0) this.#settling = setTimeout(() => this.#settled(), SETTLE).unref();
    }
  }

  get disturbed(): boolean {
    return this.#changes > 0 || this.#settling !== null;
  }

  /** Resolves when nothing is being changed, and after `LONGEST` ms in any case. */
  async wait(): Promise<void> {
    if (!this.disturbed) return;
    await new Promise<void>((resolve) => {
      const go = (): void => {
        clearTimeout(timer);
        this.#waiting.delete(go);
        resolve();
      };
      const timer = setTimeout(go, LONGEST).unref();
      this.#waiting.add(go);
    });
  }

  #settled(): void {
    this.#settling = null;
    for (const go of this.#waiting) go();
  }
}
