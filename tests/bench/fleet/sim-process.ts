// `npm run sim` as a benchmark's fixture, in a process of its own.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

export type SimProcess = {
  readonly pid: number;
  readonly origin: string;
  /** Pairing links, secrets and all. */
  readonly links: readonly string[];
  /** The VM of `--mark`. */
  readonly marked: string;
  /** Makes the operator with that public key known to every host. */
  admit(key: string): Promise<void>;
  stop(): Promise<void>;
};

/** @throws Error with what it said when it ends before it is ready */
export function simProcess(args: readonly string[]): Promise<SimProcess> {
  const child = spawn(process.execPath, ['scripts/sim/main.ts', ...args], { stdio: ['pipe', 'pipe', 'pipe'] });
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const stop = async (): Promise<void> => {
    child.kill('SIGTERM');
    await gone;
  };
  return new Promise((resolve, reject) => {
    const links: string[] = [];
    let admitted: () => void = () => undefined;
    const admit = (key: string): Promise<void> =>
      new Promise((done) => {
        admitted = done;
        child.stdin.write(`admit ${key}\n`);
      });
    let [said, marked] = ['', ''];
    child.stderr.on('data', (data: Buffer) => (said = (said + data.toString()).slice(-4000)));
    child.once('exit', (code) => reject(new Error(`the simulation ended (${code ?? 'signal'}):\n${said}`)));
    createInterface({ input: child.stdout }).on('line', (line) => {
      const [, word = '', rest = ''] = /^smps: (marked|pair|ready|admitted) (\S+)$/.exec(line) ?? [];
      if (word === 'marked') marked = rest;
      if (word === 'admitted') admitted();
      if (word === 'pair' || word === 'ready') links.push(rest);
      if (word === 'ready') resolve({ pid: child.pid ?? 0, origin: new URL(rest).origin, links, marked, admit, stop });
    });
  });
}
