// The time as the page shows it, in steps of a second: what relative times and ages are counted from.
export class TickingClock {
  #now = $state(Date.now());

  get now(): number {
    return this.#now;
  }

  /** Runs until the returned function is called; still while the page is hidden. */
  start(): () => void {
    const tick = (): void => {
      if (!document.hidden) this.#now = Date.now();
    };
    const timer = setInterval(tick, 1000);
    document.addEventListener('visibilitychange', tick);
    return () => {
      clearInterval(timer);
      document.removeEventListener('visibilitychange', tick);
    };
  }
}
