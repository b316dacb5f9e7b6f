// Two ways to one console, side by side: sealed through gateway and agent, and noVNC's usual one, a WebSocket to Debian's
// websockify on the host. What the console is, the source says.
import { execFile, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { LEAN } from '../../bin/lean.mjs';
import { program } from './program.ts';

const WEBSOCKIFY = '/usr/bin/websockify';

export type ConsoleStand = {
  /** Of the gateway. */
  readonly port: number;
  /** Pairs one client with the only host, as its admin. */
  readonly ticket: string;
  /** Of websockify. */
  readonly websockify: number;
  /** The agent and the gateway. */
  readonly between: readonly number[];
  /** Of websockify, once somebody is connected: it serves each connection in a process of its own. */
  besides(): Promise<readonly number[]>;
  close(): Promise<void>;
};

/**
 * @param source a program that says where it listens; one VM's console is there
 * @param origin of a page that may connect to the gateway
 */
export async function consoleStand(source: string, origin: string): Promise<ConsoleStand> {
  if (!existsSync(WEBSOCKIFY)) throw new Error('the baseline is Debian’s websockify: apt-get install websockify');
  const undo: (() => unknown)[] = [];
  const close = async (): Promise<void> => {
    for (const step of undo.splice(0).reverse()) await step();
  };
  try {
    const directory = mkdtempSync(join(tmpdir(), 'smps-bench-'));
    undo.push(() => rmSync(directory, { recursive: true }));
    const far = await program([source]);
    undo.push(() => far.stop());
    const agent = await program([...LEAN, 'tests/bench/console-agent.ts', directory, String(far.port)]);
    undo.push(() => agent.stop());
    // Written by our own program a moment ago.
    const made = JSON.parse(readFileSync(join(directory, 'agent.json'), 'utf8')) as {
      host: string;
      pin: string;
      ticket: string;
    };
    const table = join(directory, 'hosts.json');
    const url = `https://127.0.0.1:${agent.port}`;
    writeFileSync(table, JSON.stringify({ hosts: { [made.host]: { url, pin: made.pin } } }));
    const gateway = await program(['gateway/main.ts', '--table', table, '--port', '0', '--origin', origin]);
    undo.push(() => gateway.stop());
    const port = await freePort();
    const child = spawn(WEBSOCKIFY, [`127.0.0.1:${port}`, `127.0.0.1:${far.port}`], { stdio: 'ignore' });
    undo.push(() => child.kill('SIGTERM'));
    while (!(await answers(port))) await pause(50);
    return {
      port: gateway.port,
      ticket: made.ticket,
      websockify: port,
      between: [agent.pid, gateway.pid],
      besides: () => withChildren(child.pid ?? 0),
      close
    };
  } catch (thrown) {
    await close();
    throw thrown;
  }
}

async function withChildren(pid: number): Promise<readonly number[]> {
  const { stdout } = await promisify(execFile)('pgrep', ['-P', String(pid)]);
  return [pid, ...stdout.trim().split('\n').map(Number)];
}

function freePort(): Promise<number> {
  const server = createServer();
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
