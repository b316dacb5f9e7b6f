// The virsh that manages one migration. libvirt's client lets the VM go on here whenever it does not hear that the target has
// started it, also when that was only lost on the way: so from the moment the target may start it this virsh is stopped (SIGSTOP),
// and goes on only with the target's word. Should that never come, or this agent end, it is killed, and libvirt leaves the VM still.
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import type { Socket } from 'node:net';
import { pipeline, Writable } from 'node:stream';
import type { Duplex } from 'node:stream';
import { Fault } from '../../../src/lib/model/fault.ts';
import { letsItRun, RpcMessages, saysHowItEnded } from './rpc-messages.ts';
import { brokenBy, virshEnvironment } from './virsh.ts';

/** ms without the target's word after which it is told that there is none. */
const SILENCE = 5_000;
const SETPRIV = '/usr/bin/setpriv';
const MAX_WORDS = 64 * 1024;

type Waiting = {
  /** The target has not said for some seconds whether the VM runs there. It may do so yet. */
  readonly unanswered: () => void;
  /** ms until then. */
  readonly patience?: number;
};

export class Mover {
  readonly #child: ChildProcess;
  readonly #waiting: Waiting;
  /** Null: it has left. Else what virsh says, and where it runs has to be found out. */
  readonly ended: Promise<Fault | null>;
  #deciding = false;
  #unanswered = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(uri: string, program: string, words: readonly string[], waiting: Waiting) {
    this.#waiting = waiting;
    // Without keep-alives of its own: those of a virsh that is stopped would seem lost.
    const command = [program, '-q', '-k', '0', '-c', uri, ...words];
    const [file = '', ...args] = existsSync(SETPRIV) ? [SETPRIV, '--pdeathsig', 'KILL', '--', ...command] : command;
    this.#child = spawn(file, args, { stdio: ['ignore', 'ignore', 'pipe'], env: virshEnvironment() });
    let said = '';
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      if (said.length < MAX_WORDS) said += text;
    });
    this.ended = new Promise((resolve) => {
      this.#child.once('error', (cause) => resolve(new Fault('hypervisor-down', { reason: cause.message }, { cause })));
      this.#child.once('close', (code) => {
        clearTimeout(this.#timer);
        resolve(code === 0 ? null : brokenBy('migrate', said));
      });
    });
  }

  /** The target has been told that it may let the VM run, and has not said whether it does: nothing can be aborted any more. */
  get deciding(): boolean {
    return this.#deciding;
  }

  /** So it is for seconds already. */
  get unanswered(): boolean {
    return this.#unanswered;
  }

  /** Takes a connection of virsh to the target's daemon there. */
  connect(socket: Socket, stream: Duplex): void {
    const cut = (): void => {
      // Whether the target has started it is not known: this virsh must not conclude that it has not.
      if (this.#deciding) this.close();
      socket.destroy();
      stream.destroy();
    };
    const out = new RpcMessages((message) => {
      if (letsItRun(message)) {
        this.#deciding = true;
        this.#child.kill('SIGSTOP');
        this.#timer ??= setTimeout(() => {
          this.#unanswered = true;
          this.#waiting.unanswered();
        }, this.#waiting.patience ?? SILENCE);
      }
      return null;
    });
    let heard = false;
    const back = new RpcMessages((message) => {
      heard ||= saysHowItEnded(message);
      return null;
    });
    const toVirsh = new Writable({
      write: (chunk: Buffer, _, written) => {
        socket.write(chunk, (error) => {
          if (heard && this.#deciding) {
            clearTimeout(this.#timer);
            this.#deciding = this.#unanswered = false;
            this.#child.kill('SIGCONT');
          }
          written(error);
        });
      }
    });
    socket.once('close', cut);
    stream.once('close', cut);
    pipeline(socket, out, stream, cut);
    pipeline(stream, back, toVirsh, cut);
  }

  /** Ends it, unless the target decides. */
  abandon(): void {
    if (!this.#deciding) this.close();
  }

  close(): void {
    this.#child.kill('SIGKILL');
  }
}
