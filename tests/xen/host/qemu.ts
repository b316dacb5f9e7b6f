// One QEMU process with a Xen host's machine in it. It does not outlive us: the kernel ends it when we are killed.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { createServer } from 'node:net';
import { createInterface } from 'node:readline';
import { machineArguments } from './machine.ts';
import type { Machine } from './machine.ts';
import { Qmp } from './qmp.ts';

export type Qemu = {
  readonly qmp: Qmp;
  readonly pid: number;
  /** Loopback port that leads to this TCP port of dom0. */
  port(inside: number): number;
  /** Resolves with the line once dom0 said it on the serial line. @throws Error with the last of its words when QEMU ends first */
  said(line: RegExp): Promise<string>;
  readonly gone: Promise<void>;
  /** Ends the process, at once. */
  end(): Promise<void>;
};

/** @param log file that gets what Xen and dom0 say on the serial line */
export async function startQemu(machine: Machine, log: string): Promise<Qemu> {
  const lines: string[] = [];
  const waiting = new Set<{ line: RegExp; resolve(line: string): void; reject(error: Error): void }>();
  const file = createWriteStream(log);
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.pipe(file, { end: false });
    createInterface({ input: socket }).on('line', (line) => {
      lines.push(line);
      if (lines.length > 200) lines.shift();
      for (const one of waiting) {
        if (!one.line.test(line)) continue;
        waiting.delete(one);
        one.resolve(line);
      }
    });
  });
  server.listen(machine.serial);
  await once(server, 'listening');
  const args = ['--pdeathsig', 'KILL', 'qemu-system-x86_64', ...machineArguments(machine)];
  // A session of its own: Ctrl-C in the terminal reaches us only, who then stop it in order.
  const child = spawn('setpriv', args, { stdio: ['pipe', 'pipe', 'pipe'], detached: true });
  let errors = '';
  child.stderr.on('data', (data: Buffer) => (errors = (errors + data.toString()).slice(-4000)));
  const gone = new Promise<void>((resolve) => {
    child.once('error', (error) => {
      errors += error.message;
      resolve();
    });
    child.once('close', () => resolve());
  });
  const ended = (): Error =>
    new Error(`the machine ${machine.name} ended: ${errors.trim()}\n${lines.slice(-20).join('\n')}`);
  void gone.then(() => {
    server.close();
    file.end();
    for (const one of waiting) one.reject(ended());
  });
  const end = async (): Promise<void> => {
    child.kill('SIGKILL');
    await gone;
  };
  try {
    const qmp = await Qmp.open(child.stdin, child.stdout).catch(() => Promise.reject(ended()));
    const ports = parseForwards(await qmp.human('info usernet'));
    return {
      qmp,
      pid: child.pid ?? 0,
      port(inside) {
        const port = ports.get(inside);
        if (port === undefined) throw new RangeError(`port ${inside} of dom0 is not forwarded`);
        return port;
      },
      said: (line) =>
        new Promise((resolve, reject) => {
          const known = lines.find((each) => line.test(each));
          if (known !== undefined) resolve(known);
          else if (child.exitCode !== null) reject(ended());
          else waiting.add({ line, resolve, reject });
        }),
      gone,
      end
    };
  } catch (error) {
    await end();
    throw error;
  }
}

/** Rows of `info usernet`: `  TCP[HOST_FORWARD]  13       127.0.0.1 43215       10.0.2.15    22     0     0`. */
export function parseForwards(text: string): ReadonlyMap<number, number> {
  const rows = text.matchAll(/TCP\[HOST_FORWARD\]\s+\d+\s+\S+\s+(\d+)\s+\S+\s+(\d+)/g);
  return new Map([...rows].map(([, outside, inside]) => [Number(inside), Number(outside)]));
}
