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
import { letsItRun, RpcMessages, saysHowItEnded } from '../../migration/rpc-messages.ts';
import { brokenBy, virshEnvironment } from './virsh.ts';

const SETPRIV = '/usr/bin/setpriv';
const MAX_WORDS = 64 * 1024;

export class Mover {
  readonly #child: ChildProcess;
  /** Null: it has left. Else what virsh says, and where it runs has to be found out. */
  readonly ended: Promise<Fault | null>;
  #deciding = false;

  constructor(uri: string, program: string, words: readonly string[]) {
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
      this.#child.once('close', (code) => resolve(code === 0 ? null : brokenBy('migrate', said)));
    });
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
            this.#deciding = false;
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

  close(): void {
    this.#child.kill('SIGKILL');
  }
}
