// The package as its users have it: packed by npm, unpacked in an empty folder outside the repository with what it declares
// as dependencies and nothing else, and run by whatever `node` this machine calls so.
import { execFile, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';

export type Ran = { readonly status: number | null; readonly out: string; readonly err: string };

type Manifest = {
  readonly bin?: Readonly<Record<string, string>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
};

const ROOT = join(import.meta.dirname, '../..');
const execute = promisify(execFile);

export class Installed {
  /** The folder of whoever installed it. */
  readonly directory: string;
  /** The package in it. */
  readonly root: string;
  readonly #running: ChildProcess[] = [];

  private constructor(directory: string) {
    this.directory = directory;
    this.root = join(directory, 'node_modules', 'smps-vmm');
  }

  static async pack(): Promise<Installed> {
    const installed = new Installed(mkdtempSync(join(tmpdir(), 'smps-consumer-')));
    const { directory, root } = installed;
    // What has to be built for it is built as for anybody, not as for a test.
    const env = { ...process.env, NODE_ENV: undefined, VITEST: undefined };
    const { stdout } = await execute('npm', ['pack', '--silent', '--pack-destination', directory], { cwd: ROOT, env });
    mkdirSync(root, { recursive: true });
    const tarball = join(directory, stdout.trim().split('\n').at(-1) ?? '');
    await execute('tar', ['xzf', tarball, '-C', root, '--strip-components=1']);
    rmSync(tarball);
    const { bin = {} } = manifestOf(root);
    mkdirSync(join(directory, 'node_modules', '.bin'));
    for (const [name, path] of Object.entries(bin)) {
      chmodSync(join(root, path), 0o755);
      symlinkSync(join('..', 'smps-vmm', path), join(directory, 'node_modules', '.bin', name));
    }
    for (const name of dependenciesOf(root)) link(name, directory);
    return installed;
  }

  /** Runs one of its programs to its end. */
  run(program: string, ...args: readonly string[]): Promise<Ran> {
    const child = this.#spawn(program, args);
    const ran = { status: null as number | null, out: '', err: '' };
    child.stdout?.on('data', (data: Buffer) => (ran.out += String(data)));
    child.stderr?.on('data', (data: Buffer) => (ran.err += String(data)));
    return new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (status) => resolve({ ...ran, status }));
    });
  }

  /** Starts one that goes on; resolves with it and its first line. @throws Error with what it said when it ends first */
  async start(program: string, ...args: readonly string[]): Promise<Started> {
    const child = this.#spawn(program, args);
    const started = new Started(child);
    await started.line(() => true);
    return started;
  }

  async remove(): Promise<void> {
    for (const child of this.#running) await ended(child, 'SIGKILL');
    rmSync(this.directory, { recursive: true });
  }

  #spawn(program: string, args: readonly string[]): ChildProcess {
    const child = spawn(join(this.directory, 'node_modules', '.bin', program), args, {
      cwd: this.directory,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, PATH: pathOfSystem(), SMPS_HOME: join(this.directory, 'home') }
    });
    this.#running.push(child);
    return child;
  }
}

/** A program that runs: its lines of standard output, until it is stopped. */
export class Started {
  readonly lines: string[] = [];
  readonly #child: ChildProcess;
  readonly #waiting = new Set<() => void>();
  #err = '';

  constructor(child: ChildProcess) {
    this.#child = child;
    child.stderr?.on('data', (data: Buffer) => (this.#err += String(data)));
    if (child.stdout === null) throw new Error('its output is not ours');
    createInterface({ input: child.stdout }).on('line', (line) => {
      this.lines.push(line);
      this.#tell();
    });
    child.once('close', () => this.#tell());
  }

  /** The first line that `matches`, said already or still to come. @throws Error when it ends without one */
  async line(matches: (line: string) => boolean): Promise<string> {
    for (;;) {
      const found = this.lines.find(matches);
      if (found !== undefined) return found;
      if (hasEnded(this.#child)) throw new Error(`it ended: ${this.lines.join('\n')}\n${this.#err}`);
      await new Promise<void>((resolve) => this.#waiting.add(resolve));
    }
  }

  /** @returns its exit status */
  stop(signal: NodeJS.Signals): Promise<number | null> {
    return ended(this.#child, signal);
  }

  #tell(): void {
    for (const resolve of this.#waiting) resolve();
    this.#waiting.clear();
  }
}

const hasEnded = (child: ChildProcess): boolean => child.exitCode !== null || child.signalCode !== null;

async function ended(child: ChildProcess, signal: NodeJS.Signals): Promise<number | null> {
  if (!hasEnded(child)) {
    const closed = new Promise((resolve) => child.once('close', resolve));
    child.kill(signal);
    await closed;
  }
  return child.exitCode;
}

export const manifestOf = (directory: string): Manifest =>
  JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8')) as Manifest;

/** What npm would install with it: its dependencies and theirs, of which optional ones may be absent. */
export function dependenciesOf(root: string): ReadonlySet<string> {
  const names = new Set<string>();
  const take = (directory: string): void => {
    const { dependencies = {}, optionalDependencies = {} } = manifestOf(directory);
    for (const name of Object.keys({ ...dependencies, ...optionalDependencies })) {
      const known = join(ROOT, 'node_modules', name);
      if (names.has(name) || !existsSync(known)) continue;
      names.add(name);
      take(known);
    }
  };
  take(root);
  return names;
}

function link(name: string, directory: string): void {
  const path = join(directory, 'node_modules', name);
  mkdirSync(dirname(path), { recursive: true });
  symlinkSync(join(ROOT, 'node_modules', name), path);
}

/** Without the Node and the tools that the repository brings for itself. */
function pathOfSystem(): string {
  const directories = (process.env.PATH ?? '').split(delimiter);
  return directories.filter((directory) => !directory.startsWith(join(ROOT, 'node_modules'))).join(delimiter);
}
