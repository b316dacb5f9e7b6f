// Runs virsh: one process per change (exit code, time-out), reads and changes of devices through shells that stay, few of all at
// once.
// virsh's own words are turned into faults here and nowhere else.
import { execFile, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Fault } from '../../../src/lib/model/fault.ts';
import { isPlain, newMark, shellEnvironment, VirshShells } from './virsh-shell.ts';

/** What virsh said when a call failed; the daemon itself was there. */
export class VirshError extends Error {
  readonly operation: string;
  constructor(operation: string, reason: string) {
    super(reason);
    this.name = 'VirshError';
    this.operation = operation;
  }
}

const READ_TIMEOUT = 15_000;
const CHANGE_TIMEOUT = 60_000;
const AT_ONCE = 4;
const MAX_OUTPUT = 64 * 1024 * 1024;
/** Linux takes no single argument longer than 128 KiB. */
const MAX_BATCH = 64 * 1024;
/** A shell takes about 7 µs to read a byte: a longer line costs more than a process. */
const MAX_LINE = 12 * 1024;
/** A virsh whose shells answer oddly so many times running is not asked that way again. */
const MAX_ODD = 3;

const DOWN =
  /failed to connect to the hypervisor|Failed to connect socket|unable to connect to server|Disconnected from|client socket is closed|End of file while reading data|Cannot recv data|Cannot write data|internal error: client socket/i;

/** Stands among the arguments of a change for the file with its input. */
export const INPUT = '@input';

/** The environment virsh runs in: messages in English, names in UTF-8. */
export const virshEnvironment = (): NodeJS.ProcessEnv => ({ ...process.env, LC_ALL: 'C.UTF-8', LANGUAGE: 'C' });

/** The words that every virsh of the connection begins with. */
export const connection = (uri: string): readonly string[] => ['-q', '-k', '5', '-K', '3', '-c', uri];

export type ChangeOptions = {
  readonly input?: string;
  /** ms; default a minute. */
  readonly timeout?: number;
  /** It may take long, and those few that run at once are not held up by it. */
  readonly beside?: boolean;
};

type Ran = { readonly stdout: string; readonly stderr: string; readonly failed: boolean };

export class Virsh {
  readonly uri: string;
  readonly program: string;
  readonly #running = new Set<ChildProcess>();
  readonly #waiting: (() => void)[] = [];
  readonly #shells: VirshShells;
  #slots = AT_ONCE;
  /** Shells are begun only where a process of its own got through, which may have started the daemon. */
  #reached = false;
  #odd = 0;
  #closed = false;

  constructor(uri: string, program = 'virsh') {
    this.uri = uri;
    this.program = program;
    this.#shells = new VirshShells(() =>
      spawn(program, connection(uri), { env: { ...virshEnvironment(), ...shellEnvironment } })
    );
  }

  /**
   * One command, as its own process. Where `args` has `INPUT`, virsh gets the name of a file with `options.input`.
   * @throws VirshError when it fails, Fault `hypervisor-down`, `timeout`.
   */
  async change(args: readonly string[], options: ChangeOptions = {}): Promise<string> {
    const timeout = options.timeout ?? CHANGE_TIMEOUT;
    const run = (words: readonly string[]): Promise<Ran> =>
      options.beside === true ? this.#spawn(words, timeout) : this.#run(words, timeout);
    const { stdout, stderr, failed } = await withInput(args, options.input, run);
    if (failed) throw new VirshError(args[0] ?? 'virsh', reasonOf(stderr));
    return stdout;
  }

  /**
   * One short change and what is read right after it, as by `read`; through a shell where there is one, a process less.
   * For changes that what is read bears witness to. @throws as `change`, and Fault `interrupted` when nobody can tell.
   */
  async changeAndRead(
    args: readonly string[],
    commands: readonly string[],
    input?: string
  ): Promise<readonly string[]> {
    return withInput(args, input, async (words) => {
      const heard = await this.#askShell([words.map(bare).join(' '), ...commands], CHANGE_TIMEOUT);
      if (heard === null) {
        const { stderr, failed } = await this.#run(words, CHANGE_TIMEOUT);
        if (failed) throw new VirshError(args[0] ?? 'virsh', reasonOf(stderr));
        return this.read(commands);
      }
      if (/^error: /m.test(heard.stderr)) throw new VirshError(args[0] ?? 'virsh', reasonOf(heard.stderr));
      if (heard.answers === null) throw new Fault('interrupted', { what: `virsh ${args[0] ?? ''}` });
      return heard.answers.slice(1);
    });
  }

  /**
   * Several reading commands one after another; each answer is what that command printed, empty when it failed.
   * Words that are not of our own making must go through `quote`. @throws Fault `hypervisor-down`, `timeout`.
   */
  async read(commands: readonly string[], timeout = READ_TIMEOUT): Promise<string[]> {
    const answers: string[] = [];
    for (const batch of batches(commands)) answers.push(...(await this.#readBatch(batch, timeout)));
    return answers;
  }

  async #readBatch(batch: readonly string[], timeout: number): Promise<readonly string[]> {
    const heard = await this.#askShell(batch, timeout);
    if (heard?.answers) return heard.answers;
    if (heard !== null && this.#closed) throw new VirshError('reading', 'it was closed meanwhile');
    const { line, parts } = marked(batch);
    const { stdout, stderr } = await this.#run([line], timeout, batch[0]);
    const answers = parts(stdout);
    if (answers === null) throw new VirshError('reading', reasonOf(stderr));
    return answers;
  }

  /** Null when no shell can be asked. `answers` null: it ended, or said something odd; a process of its own tells what is wrong. */
  async #askShell(
    commands: readonly string[],
    timeout: number
  ): Promise<{ readonly answers: readonly string[] | null; readonly stderr: string } | null> {
    const { line, parts } = marked(commands);
    const shell = this.#reached && !this.#closed && this.#odd < MAX_ODD;
    if (!shell || line.length > MAX_LINE || !isPlain(line)) return null;
    const { stdout, stderr, end } = await this.#slotted(() => this.#shells.ask(line, timeout));
    if (DOWN.test(stderr)) throw this.#down(stderr);
    if (end === 'late') throw late(commands[0], timeout);
    const answers = end === 'answered' ? parts(stdout) : null;
    this.#odd = answers === null ? this.#odd + 1 : 0;
    if (answers === null) this.#shells.drop();
    return { answers, stderr };
  }

  /** True if the daemon answers. */
  async answers(): Promise<boolean> {
    try {
      await this.change(['uri'], { timeout: 5_000 });
      return true;
    } catch {
      return false;
    }
  }

  /** Ends what still runs. */
  close(): void {
    this.#closed = true;
    this.#shells.drop();
    for (const child of this.#running) child.kill('SIGKILL');
  }

  #run(args: readonly string[], timeout: number, what = args[0]): Promise<Ran> {
    return this.#slotted(() => this.#spawn(args, timeout, what));
  }

  #spawn(args: readonly string[], timeout: number, what = args[0]): Promise<Ran> {
    return new Promise((resolve, reject) => {
      const child = execFile(
        this.program,
        [...connection(this.uri), ...args],
        { timeout, killSignal: 'SIGKILL', maxBuffer: MAX_OUTPUT, env: virshEnvironment() },
        (error, stdout, stderr) => {
          this.#running.delete(child);
          if (error?.code === 'ENOENT') {
            reject(new Fault('hypervisor-down', { reason: `${this.program} is not installed` }, { cause: error }));
          } else if (DOWN.test(stderr)) {
            reject(this.#down(stderr));
          } else if (error?.killed === true) {
            reject(late(what, timeout));
          } else {
            this.#reached = true;
            resolve({ stdout, stderr, failed: error !== null });
          }
        }
      );
      this.#running.add(child);
      child.stdin?.end();
    });
  }

  #down(stderr: string): Fault {
    this.#reached = false;
    this.#shells.drop();
    return new Fault('hypervisor-down', { reason: reasonOf(stderr) });
  }

  async #slotted<Value>(work: () => Promise<Value>): Promise<Value> {
    while (this.#slots === 0) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    this.#slots--;
    try {
      return await work();
    } finally {
      this.#slots++;
      this.#waiting.shift()?.();
    }
  }
}

/** A line that prints each command's answer between marks, and how to find the answers in it; null when some are missing. */
function marked(commands: readonly string[]): { line: string; parts: (stdout: string) => readonly string[] | null } {
  const mark = newMark();
  return {
    // Around every command: before the first and after the last a shell has more to say.
    line: [...commands.flatMap((command) => [mark.command, command]), mark.command].join('; '),
    parts: (stdout) => {
      const found = stdout.split(mark.text).slice(1, -1);
      return found.length === commands.length ? found : null;
    }
  };
}

/** Node's pipes are sockets, which `/dev/stdin` cannot open: virsh is given a file that only we can read. */
async function withInput<Value>(
  args: readonly string[],
  input: string | undefined,
  use: (words: readonly string[]) => Promise<Value>
): Promise<Value> {
  if (input === undefined) return use(args);
  // A few KiB that never leave the page cache: not worth four turns of a busy event loop.
  const dir = mkdtempSync(join(tmpdir(), 'smps-virsh-'));
  try {
    const file = join(dir, 'input.xml');
    writeFileSync(file, input, { mode: 0o600 });
    return await use(args.map((word) => (word === INPUT ? file : word)));
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

const bare = (word: string): string => (/^[\w@%+=:,./-]+$/.test(word) ? word : quote(word));

/** One word of a command for `read`, whatever it contains (virsh's own quoting rules). */
export const quote = (word: string): string => `"${word.replaceAll(/["\\]/g, '\\$&')}"`;

function* batches(commands: readonly string[]): Generator<readonly string[]> {
  let batch: string[] = [];
  let size = 0;
  for (const command of commands) {
    const length = Buffer.byteLength(command) + 64;
    if (size + length > MAX_BATCH && batch.length > 0) {
      yield batch;
      batch = [];
      size = 0;
    }
    batch.push(command);
    size += length;
  }
  if (batch.length > 0) yield batch;
}

const late = (command = '', timeout: number): Fault =>
  new Fault('timeout', { what: `virsh ${command.split(' ', 1)[0] ?? ''}`, after: `${timeout / 1000} s` });

/** The most telling line of what virsh printed to stderr. */
function reasonOf(stderr: string): string {
  const lines = stderr.split('\n').flatMap((line) => line.replace(/^error: /, '').trim() || []);
  // The first line says which command failed, the later ones why.
  return (lines.length > 1 ? lines.slice(1) : lines).join('; ').slice(0, 500) || 'virsh gave no reason';
}

/** What a virsh that failed has printed, as a fault. */
export const brokenBy = (operation: string, stderr: string): Fault =>
  DOWN.test(stderr)
    ? new Fault('hypervisor-down', { reason: reasonOf(stderr) })
    : new Fault('hypervisor', { operation, reason: reasonOf(stderr) });

/** The fault an operator gets for something that broke. */
export function hypervisorFault(thrown: unknown): Fault {
  if (thrown instanceof VirshError) {
    return new Fault('hypervisor', { operation: thrown.operation, reason: thrown.message }, { cause: thrown });
  }
  return Fault.from(thrown);
}
