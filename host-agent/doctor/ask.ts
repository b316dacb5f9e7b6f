// Programs of the host that are asked a question: in English, with a limit of time and of length, never through a shell.
import { execFile } from 'node:child_process';

export type Answer = {
  /** False when there is no such program. */
  readonly found: boolean;
  /** Exit status; null when it was not found, killed by its time-out, or could not be started. */
  readonly status: number | null;
  readonly out: string;
  readonly err: string;
  /** How long it took. */
  readonly ms: number;
};

const MAX_OUTPUT = 4 * 1024 * 1024;
/** Where administrators' programs are, also for a user whose PATH lacks them. */
const MORE = ':/usr/local/sbin:/usr/sbin:/sbin';

export function ask(program: string, args: readonly string[], timeout = 15_000): Promise<Answer> {
  const began = performance.now();
  const env = { ...process.env, PATH: `${process.env.PATH ?? ''}${MORE}`, LC_ALL: 'C.UTF-8', LANGUAGE: 'C' };
  const options = { timeout, killSignal: 'SIGKILL', maxBuffer: MAX_OUTPUT, env } as const;
  return new Promise((resolve) => {
    const child = execFile(program, args, options, (error, out, err) => {
      const found = error?.code !== 'ENOENT';
      const code = error === null ? 0 : error.code;
      const status = typeof code === 'number' ? code : null;
      resolve({ found, status, out, err, ms: Math.round(performance.now() - began) });
    });
    child.stdin?.end();
  });
}

/** The last line of what it complained: the one that says why. */
export function complaint({ err, status }: Answer): string {
  const lines = err.split('\n').flatMap((line) => line.replace(/^error: /, '').trim() || []);
  return (lines.at(-1) ?? (status === null ? 'it did not answer in time' : `exit status ${status}`)).slice(0, 300);
}
