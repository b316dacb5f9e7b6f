// One program under measurement, in a process of its own, as it runs in real life.
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { parseListening } from '../../scripts/sample/child.ts';

export type Program = { readonly pid: number; readonly port: number; stop(): Promise<void> };

/** Runs `node ...args` and waits for its `listening` line. @throws Error with its stderr when it ends instead */
export function program(args: readonly string[]): Promise<Program> {
  const child = spawn(process.execPath, [...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  let errors = '';
  child.stderr.on('data', (data: Buffer) => (errors = (errors + data.toString()).slice(-4000)));
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`${args.join(' ')} ended (${code ?? 'signal'}):\n${errors}`)));
    createInterface({ input: child.stdout }).on('line', (line) => {
      const listening = parseListening(line);
      if (listening === null || child.pid === undefined) return;
      const stop = async (): Promise<void> => {
        child.kill('SIGTERM');
        const timer = setTimeout(() => child.kill('SIGKILL'), 5_000);
        await gone;
        clearTimeout(timer);
      };
      resolve({ pid: child.pid, port: listening.port, stop });
    });
  });
}

/** Resident memory in KiB (VmRSS, proc(5)). Linux only. */
export function residentKib(pid: number): number {
  const found = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  if (found === null) throw new Error(`no VmRSS of process ${pid}`);
  return Number(found[1]);
}
