// `npm start` as a test's fixture: the launcher itself, in a state directory of its own, until the ready line and to the end.
import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

export type SampleFleet = {
  /** The address of the ready line, pairing fragment included. */
  readonly url: string;
  /** Where the app is served. */
  readonly origin: string;
  readonly state: string;
  /** The libvirt connection of one host, past every agent. */
  uri(host: string): string;
  virsh(host: string, ...args: readonly string[]): string;
  /** Process ids whose command line holds all of `words` (and this fleet's state directory). */
  pids(...words: readonly string[]): number[];
  /** Ctrl-C; the state directory stays. */
  end(): Promise<void>;
  /** Ends it, and removes the state directory. */
  stop(): Promise<void>;
};

const READY = /^smps: ready (http:\/\/localhost:\d+\/#pair=\S+)$/;

/**
 * Starts a fleet and resolves when an operator can use it.
 * @throws Error with what the launcher said, when it ends before it is ready
 */
export async function startSampleFleet(args: readonly string[], state = freshState()): Promise<SampleFleet> {
  const child = spawn(process.execPath, ['scripts/sample/main.ts', '--state', state, ...args], {
    stdio: ['ignore', 'pipe', 'pipe']
  });
  const url = await ready(child);
  const end = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    child.kill('SIGINT');
    await ended;
  };
  return {
    url,
    origin: new URL(url).origin,
    state,
    uri: (host) => libvirtUri(state, host),
    virsh(host, ...words) {
      const run = spawnSync('virsh', ['-q', '-c', libvirtUri(state, host), ...words], { encoding: 'utf8' });
      if (run.status !== 0) throw new Error(`virsh ${words.join(' ')}: ${run.stderr}`);
      return run.stdout;
    },
    pids: (...words) => pids([state, ...words]),
    end,
    async stop() {
      await end();
      rmSync(state, { recursive: true, force: true });
    }
  };
}

/** A directory that the unprivileged libvirt daemons can reach too. */
export function freshState(): string {
  return mkdtempSync(join(tmpdir(), 'smps-e2e-'));
}

/** The address of the ready line. @throws Error with what was said, when it ends before */
export function ready(child: ChildProcess): Promise<string> {
  const said: string[] = [];
  return new Promise((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr]) {
      if (!stream) continue;
      createInterface({ input: stream }).on('line', (line) => {
        said.push(line);
        const found = READY.exec(line);
        if (found?.[1] !== undefined) resolve(found[1]);
      });
    }
    child.once('exit', (code) => reject(new Error(`npm start ended (${String(code)}):\n${said.join('\n')}`)));
  });
}

function libvirtUri(state: string, host: string): string {
  const file = join(state, 'agents', host, 'agent.json');
  const config = JSON.parse(readFileSync(file, 'utf8')) as { driver: { uri?: string } };
  const { uri } = config.driver;
  if (uri === undefined) throw new Error(`${file} names no libvirt connection`);
  return uri;
}

function pids(words: readonly string[]): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        const line = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
        return words.every((word) => line.includes(word));
      } catch {
        return false; // ended meanwhile
      }
    })
    .map(Number);
}
