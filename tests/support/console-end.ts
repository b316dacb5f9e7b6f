// The operator's end of a console in tests: collects what it is told, and waits for it.
import type { Fault } from '../../src/lib/model/fault.ts';
import type { ByteHandlers } from '../../src/lib/session/byte-channel.ts';

/** What both a byte channel and a client's console offer. */
type Channel = { attach(handlers: ByteHandlers): void; write(data: Uint8Array): Promise<void>; close(): void };

const PATIENCE = 60_000;

export class ConsoleEnd {
  readonly channel: Channel;
  /** Resolves with why it was closed. */
  readonly closed: Promise<Fault | null>;
  #said = Buffer.alloc(0);
  #waiters = new Set<() => void>();

  constructor(channel: Channel) {
    this.channel = channel;
    const { promise, resolve } = Promise.withResolvers<Fault | null>();
    this.closed = promise;
    channel.attach({
      onData: (data) => {
        this.#said = Buffer.concat([this.#said, data]);
        for (const look of this.#waiters) look();
      },
      onClosed: resolve
    });
  }

  get said(): Buffer {
    return this.#said;
  }

  type(text: string): Promise<void> {
    return this.channel.write(new TextEncoder().encode(text));
  }

  /** Resolves with everything up to and with the first `match`, and forgets it. */
  async until(match: string | RegExp): Promise<string> {
    const found = await this.#wait(() => {
      const text = this.#said.toString('latin1');
      const at = typeof match === 'string' ? text.indexOf(match) : text.search(match);
      if (at < 0) return null;
      const length = typeof match === 'string' ? match.length : (match.exec(text)?.[0].length ?? 0);
      return text.slice(0, at + length);
    }, String(match));
    this.#said = this.#said.subarray(found.length);
    return found;
  }

  /** Resolves with the next `count` bytes, and forgets them. */
  async take(count: number): Promise<Buffer> {
    const taken = await this.#wait(
      () => (this.#said.length < count ? null : this.#said.subarray(0, count)),
      `${count} bytes`
    );
    this.#said = this.#said.subarray(count);
    return taken;
  }

  #wait<Found>(look: () => Found | null, what: string): Promise<Found> {
    return new Promise((resolve, reject) => {
      const check = (): void => {
        const found = look();
        if (found === null) return;
        clearTimeout(late);
        this.#waiters.delete(check);
        resolve(found);
      };
      const late = setTimeout(() => {
        this.#waiters.delete(check);
        const tail = this.#said.subarray(-200).toString('latin1');
        reject(
          new Error(`${what} did not come within ${PATIENCE / 1000} s; ${this.#said.length} bytes, last: ${tail}`)
        );
      }, PATIENCE);
      this.#waiters.add(check);
      check();
    });
  }
}

/** What a client says first to a screen, and what the screen answers in the end: its picture's size and its name. */
export async function greetScreen(end: ConsoleEnd): Promise<{ width: number; height: number; name: string }> {
  await end.until('RFB 003.008\n');
  await end.type('RFB 003.008\n');
  const [count = 0] = await end.take(1);
  const types = await end.take(count);
  if (!types.includes(1)) throw new Error('it asks for a password');
  await end.channel.write(Uint8Array.of(1));
  await end.take(4);
  await end.channel.write(Uint8Array.of(1));
  const init = await end.take(24);
  const name = (await end.take(init.readUInt32BE(20))).toString('utf8');
  return { width: init.readUInt16BE(0), height: init.readUInt16BE(2), name };
}
