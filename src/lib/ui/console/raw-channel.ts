// A console's byte channel as noVNC wants its socket: what a WebSocket has, on the object itself.
import { Fault } from '#lib/model/fault.ts';
import { MAX_PIECE } from '#lib/session/byte-channel.ts';
import type { ConsoleChannel } from '#lib/session/console.ts';

/** RFB's FramebufferUpdateRequest, incremental: noVNC sends it when all that came before has been drawn. */
const MORE_WANTED = [3, 1] as const;

export type RawEvents = {
  /** A whole picture has been drawn. */
  drawn(): void;
  /** Once: null when the host closed the channel in good order. Not after `close`, which is to follow: by RFB's `disconnect`. */
  ended(fault: Fault | null): void;
};

export class RawChannel {
  readonly protocol = '';
  binaryType: BinaryType = 'arraybuffer';
  readyState: 'connecting' | 'open' | 'closed' = 'connecting';
  onopen: (event: object) => void = ignore;
  onmessage: (event: { readonly data: ArrayBuffer }) => void = ignore;
  onclose: (event: object) => void = ignore;
  onerror: (event: object) => void = ignore;
  readonly #channel: ConsoleChannel;
  readonly #events: RawEvents;
  #over = false;
  #whole: Uint8Array<ArrayBuffer> | null = null;

  constructor(channel: ConsoleChannel, events: RawEvents) {
    this.#channel = channel;
    this.#events = events;
  }

  /** To be called once noVNC listens. */
  open(): void {
    this.readyState = 'open';
    this.onopen({});
    this.#channel.attach({
      onData: (data) => {
        this.#receive(data);
      },
      onClosed: (fault) => {
        this.#end(fault);
      }
    });
  }

  send(data: Uint8Array): void {
    if (this.readyState !== 'open') return;
    // A view of a buffer that noVNC goes on to fill.
    this.#channel.write(data.slice()).catch(ignore);
    if (data[0] === MORE_WANTED[0] && data[1] === MORE_WANTED[1]) this.#events.drawn();
  }

  close(): void {
    if (this.readyState === 'closed') return;
    this.readyState = 'closed';
    this.#channel.close();
    // As a socket does: not while it is being closed.
    queueMicrotask(() => this.onclose({}));
  }

  #receive(data: Uint8Array): void {
    if (this.readyState !== 'open' || this.#over) return;
    try {
      this.onmessage({ data: this.#bufferOf(data) });
    } catch (thrown) {
      // Thrown on, it would end the link with all that it carries.
      const reason = thrown instanceof Error ? thrown.message : String(thrown);
      this.#end(new Fault('malformed', { where: 'the screen', reason }));
    }
  }

  /** noVNC has copied it when it returns, and would copy a view once more before that: whole pieces share one buffer. */
  #bufferOf(data: Uint8Array): ArrayBuffer {
    const bytes = data.length === MAX_PIECE ? (this.#whole ??= new Uint8Array(MAX_PIECE)) : new Uint8Array(data.length);
    bytes.set(data);
    return bytes.buffer;
  }

  #end(fault: Fault | null): void {
    if (this.readyState === 'closed' || this.#over) return;
    this.#over = true;
    this.#events.ended(fault);
  }
}

const ignore = (): void => undefined;
