// One process of the sample (an agent, the gateway): started, waited for until it listens, started again with growing
// pauses when it ends by itself, and ended in bounded time. It is its own process group, so that Ctrl-C in the terminal
// reaches the launcher alone and everything ends in order; it ends with the launcher should that be killed.
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { Fault } from '../../src/lib/model/fault.ts';

export type ChildOptions = {
  /** As people know it: “agent n1”. */
  readonly name: string;
  /** What Node runs. */
  readonly args: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  /** File that gets its stderr, appended. */
  readonly log: string;
  /** One sentence for a person: it ended, it is back. */
  readonly say: (line: string) => void;
};

/** What a program prints on stdout once it can be used. */
export type Listening = { readonly event: 'listening'; readonly port: number };

const START_WITHIN = 30_000;
const FIRST_PAUSE = 1_000;
const LONGEST_PAUSE = 30_000;
/** One that ran this long is well: its next end begins with the first pause again. */
const WELL_AFTER = 60_000;
const SETPRIV = '/usr/bin/setpriv';

export class Child {
  readonly #options: ChildOptions;
  #process: ChildProcess | null = null;
  #startedAt = 0;
  #pause = FIRST_PAUSE;
  #timer: NodeJS.Timeout | null = null;
  #stopping = false;

  constructor(options: ChildOptions) {
    this.#options = options;
  }

  get pid(): number | null {
    return this.#process?.pid ?? null;
  }

  /** Resolves once it listens. @throws Fault `internal` with the end of its log when it ends or takes too long instead. */
  async start(): Promise<Listening> {
    const child = this.#spawn();
    const listening = await heard(child, START_WITHIN).catch((error: unknown) => {
      if (this.#stopping) throw new Fault('interrupted', { what: `starting ${this.#options.name}` });
      this.#kill(child, 'SIGKILL');
      throw new Fault('internal', { reason: `${this.#options.name} ${reasonOf(error)}\n${tail(this.#options.log)}` });
    });
    // From here on it is kept alive.
    if (child.exitCode !== null || child.signalCode !== null) this.#again(child);
    else child.once('exit', () => this.#again(child));
    return listening;
  }

  /** Ends it: asked politely, then not. Resolves when it is gone; at most `within` ms and a little. */
  async stop(within: number): Promise<void> {
    this.#stopping = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    const child = this.#process;
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    this.#kill(child, 'SIGTERM');
    const timer = setTimeout(() => this.#kill(child, 'SIGKILL'), within);
    await gone;
    clearTimeout(timer);
  }

  #spawn(): ChildProcess {
    const log = openSync(this.#options.log, 'a', 0o600);
    const command = [process.execPath, ...this.#options.args];
    const [file = '', ...args] = existsSync(SETPRIV) ? [SETPRIV, '--pdeathsig', 'TERM', '--', ...command] : command;
    const child = spawn(file, args, {
      stdio: ['ignore', 'pipe', log],
      detached: true,
      env: { ...process.env, ...this.#options.env }
    });
    closeSync(log);
    child.once('error', () => undefined); // `heard` tells it; a later one is an exit
    this.#process = child;
    this.#startedAt = Date.now();
    return child;
  }

  #again(ended: ChildProcess): void {
    if (this.#stopping) return;
    if (Date.now() - this.#startedAt > WELL_AFTER) this.#pause = FIRST_PAUSE;
    const pause = this.#pause;
    this.#pause = Math.min(LONGEST_PAUSE, pause * 2);
    const how = ended.signalCode ?? `exit status ${String(ended.exitCode)}`;
    this.#options.say(`${this.#options.name} ended (${how}); starting it again in ${pause / 1000} s`);
    this.#timer = setTimeout(() => {
      const child = this.#spawn();
      child.once('exit', () => this.#again(child));
      heard(child, START_WITHIN).then(
        () => this.#options.say(`${this.#options.name} is back`),
        () => undefined // its exit starts the next turn
      );
    }, pause);
  }

  #kill(child: ChildProcess, signal: NodeJS.Signals): void {
    if (child.pid === undefined) return;
    try {
      process.kill(-child.pid, signal);
    } catch {
      child.kill(signal);
    }
  }
}

/** Its `listening` line. Rejects with a clause for people when it ends first or says nothing for too long. */
function heard(child: ChildProcess, within: number): Promise<Listening> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`did not listen within ${within / 1000} s`)), within);
    child.once('error', (error) => reject(new Error(`could not be started: ${error.message}`)));
    child.once('exit', (code, signal) => {
      clearTimeout(timer);
      reject(new Error(`ended at once (${signal ?? `exit status ${String(code)}`})`));
    });
    if (child.stdout === null) return;
    createInterface({ input: child.stdout }).on('line', (line) => {
      const listening = parseListening(line);
      if (listening === null) return;
      clearTimeout(timer);
      resolve(listening);
    });
  });
}

/** Null for any other line. */
export function parseListening(line: string): Listening | null {
  try {
    const value: unknown = JSON.parse(line);
    if (typeof value !== 'object' || value === null || !('event' in value) || value.event !== 'listening') return null;
    return 'port' in value && typeof value.port === 'number' ? { event: 'listening', port: value.port } : null;
  } catch {
    return null;
  }
}

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** The last lines of a log, indented. */
export function tail(file: string): string {
  try {
    const lines = readFileSync(file, 'utf8').trim().split('\n').slice(-6);
    return lines.map((line) => `    ${line.slice(0, 300)}`).join('\n');
  } catch {
    return '';
  }
}
