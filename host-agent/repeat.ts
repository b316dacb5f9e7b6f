// Work that comes back by itself.

/** A host so busy that looking takes long is looked at less often: at most this share of the time. */
const SHARE = 0.3;

/** Runs `work` every `ms` until `signal` aborts, later when it takes long, never twice at once. */
export function repeat(ms: number, signal: AbortSignal, work: () => Promise<void>): void {
  let timer: NodeJS.Timeout | undefined;
  const next = (took: number): void => {
    if (signal.aborted) return;
    timer = setTimeout(
      () => {
        const begun = Date.now();
        work().then(
          () => next(Date.now() - begun),
          () => next(Date.now() - begun)
        );
      },
      Math.max(ms - took, (took * (1 - SHARE)) / SHARE)
    );
    timer.unref();
  };
  signal.addEventListener('abort', () => clearTimeout(timer), { once: true });
  next(0);
}
