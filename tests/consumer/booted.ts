// A machine under a real systemd: this machine's own system, read through an overlay that forgets what is written, in a container of
// systemd-nspawn with a network of its own. Nothing of this machine's services is started in it, and nothing of it is changed.
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Ran } from './installed.ts';

/** Of the units that are there, only what every system begins with. */
const TARGET = `[Unit]
Requires=sysinit.target
After=sysinit.target
AllowIsolate=yes
`;
const BOOT_WITHIN = 60_000;
const MAX_SAID = 16_384;

export class Booted {
  /** Files in it that stand in for those of this machine, by their place there: to be written to. */
  readonly #root: string;
  readonly #directory: string;
  readonly #container: ChildProcess;
  readonly #init: number;

  private constructor(directory: string, container: ChildProcess, init: number) {
    this.#directory = directory;
    this.#root = join(directory, 'root');
    this.#container = container;
    this.#init = init;
  }

  /**
   * @param files by their path in it, beside those of this machine: text, or `null` and what a symbolic link leads to
   * @param binds directories and files of this machine, read-only, by their path in it
   * @throws Error with what systemd said when it does not come up
   */
  static async boot(
    files: Readonly<Record<string, string | readonly [null, string]>>,
    binds: Readonly<Record<string, string>>
  ): Promise<Booted> {
    const directory = mkdtempSync(join(tmpdir(), 'smps-booted-'));
    try {
      // An overlay cannot keep its own part on another overlay, as the root of a container often is.
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'mode=755', 'tmpfs', directory]);
      const [upper, work, root] = ['upper', 'work', 'root'].map((name) => join(directory, name)) as [
        string,
        string,
        string
      ];
      for (const path of [upper, work, root]) mkdirSync(path);
      const write = (path: string, content: string | readonly [null, string]): void => {
        mkdirSync(dirname(join(upper, path)), { recursive: true });
        if (typeof content === 'string') writeFileSync(join(upper, path), content);
        else symlinkSync(content[1], join(upper, path));
      };
      for (const [path, content] of Object.entries(files)) write(path, content);
      write('/etc/systemd/system/smps-test.target', TARGET);
      // Of its own, or it would be taken for this machine.
      write('/etc/machine-id', `${'5'.repeat(32)}\n`);
      const layers = `lowerdir=/,upperdir=${upper},workdir=${work}`;
      execFileSync('mount', ['-t', 'overlay', '-o', layers, 'overlay', root]);
      const bound = Object.entries(binds).map(([at, from]) => `--bind-ro=${from}:${at}`);
      const words = ['--quiet', '--register=no', '--keep-unit', '--private-network', '--console=pipe', '-D', root];
      const container = spawn('systemd-nspawn', [...words, ...bound, '-b', 'systemd.unit=smps-test.target'], {
        stdio: ['ignore', 'pipe', 'pipe']
      });
      return await Booted.#up(directory, container);
    } catch (error) {
      unmount(directory);
      throw error;
    }
  }

  static async #up(directory: string, container: ChildProcess): Promise<Booted> {
    let said = '';
    const hear = (data: Buffer): void => {
      said = (said + String(data)).slice(-MAX_SAID);
    };
    container.stdout?.on('data', hear);
    container.stderr?.on('data', hear);
    for (const until = Date.now() + BOOT_WITHIN; ;) {
      await pause(50);
      if (container.exitCode !== null || Date.now() > until) {
        const init = container.exitCode === null && container.pid !== undefined ? childOf(container.pid) : null;
        if (init !== null) process.kill(init, 'SIGKILL');
        container.kill('SIGKILL');
        throw new Error(`no systemd: ${said}`);
      }
      const init = container.pid === undefined ? null : childOf(container.pid);
      if (init === null) continue;
      const booted = new Booted(directory, container, init);
      // Answers as soon as it listens, and waits until it has started what it is to start.
      if (/^(running|degraded)$/m.test((await booted.run('systemctl', 'is-system-running', '--wait')).out))
        return booted;
    }
  }

  /** Runs a program in it, as root and past its units, to its end. */
  async run(...words: readonly string[]): Promise<Ran> {
    const enter = ['--target', String(this.#init), '--mount', '--uts', '--ipc', '--net', '--pid', '--wdns=/', '--'];
    const path = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
    const child = spawn('nsenter', [...enter, ...words], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { PATH: path, LC_ALL: 'C.UTF-8', HOME: '/root' }
    });
    const ran = { status: null as number | null, out: '', err: '' };
    child.stdout.on('data', (data: Buffer) => (ran.out += String(data)));
    child.stderr.on('data', (data: Buffer) => (ran.err += String(data)));
    const [status] = (await once(child, 'close')) as [number | null];
    return { ...ran, status };
  }

  /** What it printed. @throws Error with what it said when it fails */
  async ran(...words: readonly string[]): Promise<string> {
    const { status, out, err } = await this.run(...words);
    if (status !== 0) throw new Error(`${words.join(' ')}: ${status}: ${err}${out}`);
    return out;
  }

  /** A property of a unit, as `systemctl show` tells it. */
  async property(unit: string, name: string): Promise<string> {
    return (await this.ran('systemctl', 'show', '--value', '--property', name, unit)).trim();
  }

  write(path: string, text: string): void {
    mkdirSync(dirname(join(this.#root, path)), { recursive: true });
    writeFileSync(join(this.#root, path), text);
  }

  async end(): Promise<void> {
    if (this.#container.exitCode === null) {
      const closed = once(this.#container, 'close');
      // It takes all others along, and nspawn ends behind it; nspawn killed would leave all of them.
      process.kill(this.#init, 'SIGKILL');
      await closed;
    }
    unmount(this.#directory);
  }
}

/** Its first process, as this machine numbers it; null while there is none. */
function childOf(pid: number): number | null {
  const [child = ''] = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ');
  return child === '' ? null : Number(child);
}

function unmount(directory: string): void {
  for (const path of [join(directory, 'root'), directory]) spawnSync('umount', ['--lazy', path]);
  rmSync(directory, { recursive: true, force: true });
}

/** Why there can be none here; null: there can. */
export function bootedMissing(): string | null {
  if (process.getuid?.() !== 0) return 'it takes root to boot one';
  if (spawnSync('systemd-nspawn', ['--version']).status !== 0) return 'systemd-nspawn is not installed';
  const at = mkdtempSync(join(tmpdir(), 'smps-booted-'));
  const mounted = spawnSync('mount', ['-t', 'tmpfs', 'tmpfs', at], { encoding: 'utf8' });
  if (mounted.status === 0) spawnSync('umount', [at]);
  rmSync(at, { recursive: true, force: true });
  return mounted.status === 0 ? null : `nothing can be mounted here: ${mounted.stderr.trim()}`;
}
