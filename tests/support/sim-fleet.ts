// `npm run sim` as a test's fixture: a simulated fleet behind a real gateway, until the ready line and to the end.
import { spawn } from 'node:child_process';
import { ready } from './sample-fleet.ts';

export type SimFleet = {
  /** The address of the ready line, pairing fragment included. */
  readonly url: string;
  /** Where the app is served. */
  readonly origin: string;
  stop(): Promise<void>;
};

/** @throws Error with what it said, when it ends before it is ready */
export async function startSimFleet(args: readonly string[]): Promise<SimFleet> {
  const child = spawn(process.execPath, ['scripts/sim/main.ts', '--port', '0', ...args], {
    stdio: ['pipe', 'pipe', 'pipe']
  });
  const url = await ready(child);
  return {
    url,
    origin: new URL(url).origin,
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
      child.kill('SIGINT');
      await ended;
    }
  };
}
