// Long-lived virsh that read commands from a pipe, so that looking does not cost a process each time; of changes, only those
// of devices go through one (docs/decisions/virsh-shells.md). A shell answers one question at a time, and is dropped at the first oddity.
import { randomBytes } from 'node:crypto';
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { Socket } from 'node:net';

/** What was printed until the question was answered, until virsh ended, or until it was killed for being late. */
export type Heard = {
  readonly stdout: string;
  readonly stderr: string;
  readonly end: 'answered' | 'ended' | 'late';
};

/** Bytes of one answer; more ends the shell. */
const MAX_OUTPUT = 64 * 1024 * 1024;
const MAX_ERRORS = 64 * 1024;
/** ms an idle shell is kept beside another one, and the last one. */
const SURPLUS_AFTER = 5_000;
const LAST_AFTER = 60_000;
const SWEEP_EVERY = 5_000;

/**
 * virsh with readline at a pipe: it echoes what it reads, completes at a tab, and obeys and keeps files of the user. Printable
 * ASCII is safe; the settings here keep it off those files, and from starting a daemon with them.
 */
export const shellEnvironment = {
  INPUTRC: '/dev/null',
  TERM: 'dumb',
  VIRSH_HISTSIZE: '0',
  XDG_CACHE_HOME: '/dev/null',
  LIBVIRT_AUTOSTART: '0'
} as const;

/** Whether a line reaches the shell as it is. */
export const isPlain = (line: string): boolean => /^[ -~]*$/.test(line);

export type Mark = {
  /** The command that prints it. Its echo is not the mark itself. */
  readonly command: string;
  readonly text: string;
};

/** Nothing a host reports can contain a mark it could not know. */
export function newMark(): Mark {
  const secret = randomBytes(9).toString('base64url');
  return { command: `echo @""${secret}@`, text: `@${secret}@` };
}

export class VirshShell {
  readonly #child: ChildProcessWithoutNullStreams;
  #asked: { output(text: string): void; end(how: Heard['end']): void } | null = null;
  #errors = '';
  #ended = false;

  readonly #maxOutput: number;

  constructor(child: ChildProcessWithoutNullStreams, maxOutput = MAX_OUTPUT) {
    this.#maxOutput = maxOutput;
    this.#child = child;
    const ended = (): void => {
      this.#ended = true;
      this.#asked?.end('ended');
    };
    child.once('error', ended).once('close', ended);
    // It could not be started: then it may have no pipes.
    if (child.pid === undefined) {
      this.#ended = true;
      return;
    }
    child.stdin.on('error', () => undefined); // It is ending; `close` follows.
    child.stdout.setEncoding('utf8').on('data', (text: string) => this.#asked?.output(text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#errors = (this.#errors + text).slice(-MAX_ERRORS);
      // Nobody asked: it lost its connection.
      if (this.#asked === null) this.end();
    });
    // What waits for an answer keeps the program alive by its timer, an idle shell does not.
    child.unref();
    for (const pipe of [child.stdin, child.stdout, child.stderr]) if (pipe instanceof Socket) pipe.unref();
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** What `line` prints, and whatever virsh says around it. One question at a time. Never rejects. */
  ask(line: string, timeout: number): Promise<Heard> {
    if (this.#ended) return Promise.resolve({ stdout: '', stderr: '', end: 'ended' });
    const mark = newMark();
    this.#errors = '';
    return new Promise((resolve) => {
      const printed: string[] = [];
      let length = 0;
      let tail = '';
      const end = (how: Heard['end']): void => {
        if (this.#asked !== asked) return;
        this.#asked = null;
        clearTimeout(timer);
        if (how !== 'answered') this.end();
        const [stdout = ''] = printed.join('').split(mark.text, 1);
        resolve({ stdout, stderr: this.#errors, end: how });
      };
      const output = (text: string): void => {
        printed.push(text);
        length += text.length;
        tail = (tail + text).slice(-text.length - mark.text.length);
        // Errors come by another pipe: what was written to it before the mark is read within the next turn.
        if (tail.includes(mark.text)) setImmediate(() => setImmediate(end, 'answered'));
        else if (length > this.#maxOutput) end('ended');
      };
      const asked = { output, end };
      this.#asked = asked;
      const timer = setTimeout(end, timeout, 'late');
      // A line of its own: it is answered even if virsh cannot make sense of the other.
      this.#child.stdin.write(`${line}\n${mark.command}\n`);
    });
  }

  /** Kills it. Who waits for an answer hears at once that there is none. */
  end(): void {
    this.#ended = true;
    this.#child.kill('SIGKILL');
    this.#asked?.end('ended');
  }
}

/** Shells of one connection. How many work at once is the caller's to limit. */
export class VirshShells {
  readonly #begin: () => ChildProcessWithoutNullStreams;
  readonly #leased = new Set<VirshShell>();
  /** The one used last is at the end, and is used next. */
  #idle: { readonly shell: VirshShell; readonly since: number }[] = [];
  #sweeper: NodeJS.Timeout | null = null;

  constructor(begin: () => ChildProcessWithoutNullStreams) {
    this.#begin = begin;
  }

  /** Asks an idle shell, or another one. */
  async ask(line: string, timeout: number): Promise<Heard> {
    const shell = this.#take();
    this.#leased.add(shell);
    const heard = await shell.ask(line, timeout);
    // Not there any more: dropped meanwhile.
    if (this.#leased.delete(shell) && !shell.ended) this.#keep(shell);
    return heard;
  }

  /** Ends all, also those that are being asked. */
  drop(): void {
    for (const shell of this.#leased) shell.end();
    this.#leased.clear();
    for (const { shell } of this.#idle) shell.end();
    this.#idle = [];
    this.#sweep();
  }

  #take(): VirshShell {
    for (let idle = this.#idle.pop(); idle !== undefined; idle = this.#idle.pop()) {
      if (!idle.shell.ended) return idle.shell;
    }
    return new VirshShell(this.#begin());
  }

  #keep(shell: VirshShell): void {
    this.#idle.push({ shell, since: Date.now() });
    this.#sweeper ??= setInterval(() => this.#sweep(), SWEEP_EVERY).unref();
  }

  #sweep(): void {
    const now = Date.now();
    this.#idle = this.#idle.filter(({ shell, since }, index, all) => {
      const keep = !shell.ended && now - since < (index === all.length - 1 ? LAST_AFTER : SURPLUS_AFTER);
      if (!keep) shell.end();
      return keep;
    });
    if (this.#idle.length > 0 || this.#sweeper === null) return;
    clearInterval(this.#sweeper);
    this.#sweeper = null;
  }
}
