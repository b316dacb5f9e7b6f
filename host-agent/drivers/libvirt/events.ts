// The push side of libvirt: one `virsh event --loop` for as long as somebody listens. When it ends, everything may have
// changed meanwhile; it is started again by itself, also after libvirtd was killed and came back.
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { connection, virshEnvironment } from './virsh.ts';
import type { Virsh } from './virsh.ts';

export type HypervisorEvent = {
  /** `lifecycle`, `device-removed`, `balloon-change`, … */
  readonly kind: string;
  readonly domain: string;
  /** What follows the colon: `Shutdown Finished after guest request`. */
  readonly detail: string;
};

export type Listener = {
  event(event: HypervisorEvent): void;
  /** Why the hypervisor cannot be reached; null when it can (again). */
  trouble(reason: string | null): void;
};

/** virsh ends by itself after this time: should the agent be killed, nothing is left behind for long. */
const SECONDS = 300;
const FIRST_RETRY = 250;
const LAST_RETRY = 2_000;
const LINE = /^\d{4}-\d\d-\d\d [\d:.]+\+0000: event '([a-z-]+)' for domain '(.*?)'(?:: ?(.*))?$/;

export class Events {
  readonly #virsh: Virsh;
  readonly #listeners = new Set<Listener>();
  #child: ChildProcess | null = null;
  #timer: NodeJS.Timeout | null = null;
  #retry = FIRST_RETRY;
  #reason: string | null = null;
  #closed = false;
  #connected = false;
  readonly #awaiting = new Set<() => void>();
  readonly #nexts = new Set<{ readonly domain: string; readonly resolve: () => void }>();

  constructor(virsh: Virsh) {
    this.#virsh = virsh;
  }

  /** Listens until the answered function is called. Trouble that is so already is told at once. */
  listen(listener: Listener): () => void {
    this.#listeners.add(listener);
    if (this.#reason !== null) listener.trouble(this.#reason);
    if (this.#child === null && this.#timer === null) this.#start();
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size === 0) this.#stop();
    };
  }

  /** Resolves when events arrive, or after 5 s without. */
  async ready(): Promise<void> {
    if (this.#connected) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, 5_000);
      this.#awaiting.add(() => {
        clearTimeout(timer);
        resolve();
      });
    });
  }

  /** Resolves at the next event of this domain while somebody listens, and after `ms` in any case. */
  async next(domain: string, ms: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const next = { domain, resolve: () => end() };
      const end = (): void => {
        clearTimeout(timer);
        this.#nexts.delete(next);
        resolve();
      };
      const timer = setTimeout(end, ms);
      this.#nexts.add(next);
    });
  }

  close(): void {
    this.#closed = true;
    this.#stop();
  }

  #start(): void {
    if (this.#closed || this.#listeners.size === 0) return;
    this.#timer = null;
    const args = ['event', '--loop', '--all', '--timestamp', '--timeout', String(SECONDS)];
    const child = spawn(this.#virsh.program, [...connection(this.#virsh.uri), ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: virshEnvironment()
    });
    this.#child = child;
    let said = '';
    child.stderr.on('data', (data: Buffer) => (said = (said + data.toString()).slice(-1000)));
    createInterface({ input: child.stdout }).on('line', (line) => {
      const event = parseEvent(line);
      if (event !== null) this.#tell(event);
    });
    child.once('error', (error) => {
      said = error.message;
      if (child.pid === undefined) this.#ended(child, said, null);
    });
    child.once('close', (code) => {
      this.#ended(child, said, code);
    });
    void this.#confirm(child);
  }

  /**
   * The listener itself never says that it is connected: if the daemon answers us while it lives, it is. Asked until one
   * of the two is settled; a daemon that comes up between our question and the listener's would else stay "down".
   */
  async #confirm(child: ChildProcess): Promise<void> {
    const lives = (): boolean => this.#child === child && child.exitCode === null;
    while (lives()) {
      const answers = await this.#virsh.answers();
      if (!lives()) return;
      if (answers) {
        this.#up();
        return;
      }
      await pause(FIRST_RETRY);
    }
  }

  #tell(event: HypervisorEvent): void {
    for (const { domain, resolve } of this.#nexts) if (domain === event.domain) resolve();
    for (const listener of this.#listeners) listener.event(event);
  }

  #up(): void {
    this.#retry = FIRST_RETRY;
    this.#connected = true;
    for (const resolve of this.#awaiting) resolve();
    this.#awaiting.clear();
    if (this.#reason === null) return;
    this.#reason = null;
    for (const listener of this.#listeners) listener.trouble(null);
  }

  #ended(child: ChildProcess, said: string, code: number | null): void {
    if (this.#child !== child) return;
    this.#child = null;
    this.#connected = false;
    if (this.#closed || this.#listeners.size === 0) return;
    const regular = code === 0;
    if (regular) {
      // Its time was over: what happened between two listeners is unknown.
      this.#start();
      for (const listener of this.#listeners) listener.trouble(null);
      return;
    }
    const reason = /^error: (.*)$/m.exec(said)?.[1] ?? 'libvirtd closed the connection';
    if (this.#reason === null) {
      this.#reason = reason;
      for (const listener of this.#listeners) listener.trouble(reason);
    }
    this.#timer = setTimeout(() => {
      this.#start();
    }, this.#retry);
    this.#retry = Math.min(LAST_RETRY, this.#retry * 2);
  }

  #stop(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    const child = this.#child;
    this.#child = null;
    this.#connected = false;
    child?.kill('SIGTERM');
  }
}

/** One line of `virsh event --timestamp`; null for the lines in between that some events add. */
export function parseEvent(line: string): HypervisorEvent | null {
  const match = LINE.exec(line);
  return match === null ? null : { kind: match[1] ?? '', domain: match[2] ?? '', detail: match[3] ?? '' };
}
