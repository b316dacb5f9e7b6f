// One console: a byte channel of a link on one side, the driver's stream on the other, and back-pressure through both. It
// never holds more than one piece for the guest, and two buffers of the stream for the operator.
import type { Duplex } from 'node:stream';
import { Fault } from '../../src/lib/model/fault.ts';
import type { ConsoleKind } from '../../src/lib/model/fleet.ts';
import type { VmId } from '../../src/lib/model/ids.ts';
import type { ByteChannel } from '../../src/lib/session/byte-channel.ts';
import type { Log } from '../log.ts';
import type { Link } from '../commands/receive.ts';
import { RfbFilter } from './rfb-filter.ts';

export type ConsoleAbout = {
  readonly link: Link;
  readonly vm: VmId;
  readonly kind: ConsoleKind;
  readonly readOnly: boolean;
};

type Input = (data: Uint8Array) => Promise<void>;

export class Console {
  readonly about: ConsoleAbout;
  /** The VM's console is this one's, or is being opened for it. */
  holds = false;
  readonly #log: Log;
  readonly #channel: ByteChannel;
  readonly #onOver: () => void;
  readonly #input = Promise.withResolvers<Input>();
  readonly #ended = Promise.withResolvers<null>();
  #stream: Duplex | null = null;
  #over = false;

  /** Opens the channel; what comes by it waits for `pump`. @throws Fault `bad-argument` when it was used before */
  constructor(about: ConsoleAbout, channel: number, onOver: () => void, log: Log) {
    this.about = about;
    this.#onOver = onOver;
    this.#log = log;
    this.#channel = about.link.openBytes(channel, {
      onData: async (data) => (await this.#input.promise)(data),
      onClosed: () => {
        this.#end();
      }
    });
  }

  get over(): boolean {
    return this.#over;
  }

  /** Resolves when nothing of it is left. */
  get ended(): Promise<null> {
    return this.#ended.promise;
  }

  /** @param allowed asked before each piece that is typed: false when it has been closed instead */
  pump(stream: Duplex, allowed: () => boolean): void {
    this.#stream = stream;
    stream.once('close', () => {
      this.#ended.resolve(null);
    });
    // How a stream of a guest ends says nothing an operator could use.
    stream.on('error', (error) => {
      this.#log('debug', 'console-broke', { vm: this.about.vm, reason: error.message });
    });
    if (this.#over) {
      stream.destroy();
      return;
    }
    const { readOnly, kind } = this.about;
    const filter = readOnly ? new RfbFilter() : null;
    this.#input.resolve(async (data) => {
      if (!allowed() || (readOnly && kind === 'serial')) return;
      try {
        const kept = filter?.take(data) ?? data;
        if (kept.length > 0) await taken(stream, kept);
      } catch (thrown) {
        this.close(Fault.from(thrown));
      }
    });
    void this.#tell(stream);
  }

  close(reason: Fault | null): void {
    this.#channel.close(reason);
    this.#end();
  }

  async #tell(stream: Duplex): Promise<void> {
    try {
      // One is under way while the next comes: a piece is as large as a record can be, and chunks are as they are.
      let last: Promise<void> | null = null;
      for await (const chunk of stream) {
        const sent = this.#channel.write(chunk as Buffer);
        await last;
        last = sent;
      }
      await last;
    } catch {
      // Either end broke: it is over all the same.
    }
    this.close(null);
  }

  #end(): void {
    if (this.#over) return;
    this.#over = true;
    if (this.#stream === null) this.#ended.resolve(null);
    else this.#stream.destroy();
    this.#onOver();
  }
}

/** Resolves when the stream has taken it, or is gone. */
const taken = (stream: Duplex, data: Uint8Array): Promise<void> =>
  new Promise((resolve) => {
    stream.write(data, () => {
      resolve();
    });
  });
