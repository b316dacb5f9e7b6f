// A console without a host: what the tab types is collected, what the guest says is said by the test.
import { Fault } from '../../src/lib/model/fault.ts';
import type { ByteHandlers } from '../../src/lib/session/byte-channel.ts';
import type { ConsoleChannel } from '../../src/lib/session/console.ts';

export class MemoryConsole implements ConsoleChannel {
  readonly readOnly: boolean;
  /** Everything written to it. */
  readonly written: Uint8Array[] = [];
  /** The tab closed it. */
  closed = false;
  /** Not null: a write waits for it. */
  full: Promise<unknown> | null = null;
  /** Called after each write. */
  onWrite: (data: Uint8Array) => void = () => undefined;
  readonly #handlers = Promise.withResolvers<ByteHandlers>();

  constructor(readOnly = false) {
    this.readOnly = readOnly;
  }

  /** As text, all of it. */
  get text(): string {
    return this.written.map((piece) => new TextDecoder('latin1').decode(piece)).join('');
  }

  attach(handlers: ByteHandlers): void {
    this.#handlers.resolve(handlers);
  }

  async write(data: Uint8Array): Promise<void> {
    if (this.closed) throw new Fault('link-ended', { what: 'the byte channel', by: 'this end' });
    this.written.push(data.slice());
    this.onWrite(data);
    await this.full;
  }

  close(): void {
    this.closed = true;
  }

  /** Resolves when the tab has consumed it: that is when it would give credit back. */
  async say(data: string | Uint8Array): Promise<void> {
    const handlers = await this.#handlers.promise;
    await handlers.onData(typeof data === 'string' ? new TextEncoder().encode(data) : data);
  }

  /** From the host. */
  async end(fault: Fault | null): Promise<void> {
    (await this.#handlers.promise).onClosed(fault);
  }
}
