// QEMU's machine protocol on a child's stdin and stdout (docs/interop/qmp-spec): one command at a time, events awaited by name.
import type { Readable, Writable } from 'node:stream';
import { createInterface } from 'node:readline';

type Message = {
  readonly QMP?: unknown;
  readonly return?: unknown;
  readonly error?: { readonly desc?: string };
  readonly event?: string;
  readonly data?: unknown;
};
type Waiting = { resolve(value: unknown): void; reject(error: Error): void };

export class Qmp {
  readonly #input: Writable;
  readonly #answers: Waiting[] = [];
  readonly #events = new Map<string, Waiting[]>();
  #ended: Error | null = null;

  private constructor(input: Writable, output: Readable) {
    this.#input = input;
    input.on('error', () => undefined); // the end of its output says it
    const lines = createInterface({ input: output });
    lines.on('line', (line) => this.#read(JSON.parse(line) as Message));
    lines.on('close', () => this.#end(new Error('QEMU ended')));
  }

  /** Resolves once QEMU takes commands. @throws Error when it ends instead */
  static async open(input: Writable, output: Readable): Promise<Qmp> {
    const qmp = new Qmp(input, output);
    await qmp.#next('greeting');
    await qmp.execute('qmp_capabilities');
    return qmp;
  }

  /** @throws Error with QEMU's own words when it refuses, or when it ends */
  execute(command: string, args: object = {}): Promise<unknown> {
    return new Promise((resolve, reject) => {
      if (this.#ended !== null) {
        reject(this.#ended);
        return;
      }
      this.#answers.push({ resolve, reject });
      this.#input.write(`${JSON.stringify({ execute: command, arguments: args })}\n`);
    });
  }

  /** The text that a command of the human monitor answers. */
  async human(line: string): Promise<string> {
    return String(await this.execute('human-monitor-command', { 'command-line': line }));
  }

  /** Runs the machine of a QEMU that waits for one (`-incoming defer`) as `command` prints it. */
  async takeOver(command: string): Promise<void> {
    await this.#carry('migrate-incoming', command);
    await this.execute('cont');
  }

  /** Stops the machine and has `command` read its state; after that it can only be ended. */
  async keep(command: string): Promise<void> {
    await this.execute('stop');
    await this.execute('migrate-set-parameters', { 'max-bandwidth': 2 ** 40 });
    await this.#carry('migrate', command);
  }

  /** @throws Error when QEMU says that it could not */
  async #carry(how: string, command: string): Promise<void> {
    await this.execute('migrate-set-capabilities', { capabilities: [{ capability: 'events', state: true }] });
    let status = this.#next('MIGRATION');
    await this.execute(how, { uri: `exec:${command}` });
    for (;;) {
      const now = (await status) as { status?: string };
      if (now.status === 'completed') return;
      if (now.status === 'failed') throw new Error('QEMU could not carry the state of the machine');
      status = this.#next('MIGRATION');
    }
  }

  #next(event: string): Promise<unknown> {
    return new Promise((resolve, reject) => {
      if (this.#ended !== null) reject(this.#ended);
      else this.#events.set(event, [...(this.#events.get(event) ?? []), { resolve, reject }]);
    });
  }

  #read(message: Message): void {
    if (message.QMP !== undefined) this.#tell('greeting', message.QMP);
    else if (message.event !== undefined) this.#tell(message.event, message.data);
    else if (message.error !== undefined)
      this.#answers.shift()?.reject(new Error(message.error.desc ?? 'QEMU refused'));
    else this.#answers.shift()?.resolve(message.return);
  }

  #tell(event: string, data: unknown): void {
    for (const waiting of this.#events.get(event) ?? []) waiting.resolve(data);
    this.#events.delete(event);
  }

  #end(error: Error): void {
    this.#ended = error;
    for (const waiting of [...this.#answers.splice(0), ...[...this.#events.values()].flat()]) waiting.reject(error);
    this.#events.clear();
  }
}
