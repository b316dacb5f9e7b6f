// Who started the program: a person at a keyboard, or another program that may go away.
import { createInterface } from 'node:readline';

/** What is written to the program, line by line. */
export const onLine = (work: (line: string) => void): void => {
  createInterface({ input: process.stdin }).on('line', work);
};

/** Where somebody sits at a keyboard. */
export function onEnter(work: () => void): void {
  if (process.stdin.isTTY) onLine(work);
}

/** Calls `stop` once: for the signals that end a program, and when whoever started us is gone. */
export function onEnd(stop: () => void): void {
  let asked = false;
  const once = (): void => {
    if (asked) return;
    asked = true;
    stop();
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, once);
  const parent = process.ppid;
  setInterval(() => {
    if (process.ppid !== parent) once();
  }, 1_000).unref();
}
