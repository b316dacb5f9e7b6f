// No two tabs run the same plan: the one that does holds a lock of the browser, which is free again when that tab has gone.
// Where the browser has no locks (pages without TLS), a tab only knows of itself.

/** Of `navigator.locks`. */
export type Locks = Pick<LockManager, 'request' | 'query'>;

const nameOf = (plan: string): string => `smps-plan-${plan}`;

export class PlanLock {
  readonly #locks: Locks | null;

  constructor(locks: Locks | null) {
    this.#locks = locks;
  }

  /** Works while no other tab can. @returns false: another one does, and nothing was done */
  async hold(plan: string, work: () => Promise<void>): Promise<boolean> {
    if (this.#locks === null) return work().then(() => true);
    return this.#locks.request(nameOf(plan), { ifAvailable: true }, async (lock) => {
      if (lock === null) return false;
      await work();
      return true;
    });
  }

  /** Whether it is held: by this tab too. */
  async isHeld(plan: string): Promise<boolean> {
    const all = await this.#locks?.query();
    return all?.held?.some(({ name }) => name === nameOf(plan)) === true;
  }

  /** Resolves when whoever holds it is done or gone. */
  async freed(plan: string): Promise<void> {
    await this.#locks?.request(nameOf(plan), { mode: 'shared' }, () => undefined);
  }
}
