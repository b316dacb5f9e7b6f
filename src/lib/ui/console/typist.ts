// From the keyboard to a serial line: what is typed goes at once, what is pasted in pieces between it.
import type { ConsoleChannel } from '#lib/session/console.ts';

/** Bytes of a paste sent before what was typed meanwhile has its turn. */
const PIECE = 4_096;
/** Typed (or answered by the terminal itself) and not taken by the line: more is dropped, as a keyboard does. */
const MOST_WAITING = 65_536;

export type Pasting = {
  readonly signal: AbortSignal;
  /** Bytes or characters sent so far, and in all. */
  readonly onprogress: (sent: number, all: number) => void;
};

export class Typist {
  readonly #channel: ConsoleChannel;
  #waiting = 0;

  constructor(channel: ConsoleChannel) {
    this.#channel = channel;
  }

  type(data: Uint8Array): void {
    if (this.#channel.readOnly || this.#waiting + data.length > MOST_WAITING) return;
    this.#waiting += data.length;
    const taken = (): void => {
      this.#waiting -= data.length;
    };
    this.#channel.write(data).then(taken, taken);
  }

  /** Resolves when all of it was sent; rejects with the signal's reason, or with what ended the channel. */
  async paste(data: Uint8Array, { signal, onprogress }: Pasting): Promise<void> {
    const { promise: cancelled, reject } = Promise.withResolvers<never>();
    const cancel = (): void => reject(signal.reason);
    cancelled.catch(() => undefined);
    signal.addEventListener('abort', cancel);
    try {
      for (let at = 0; at < data.length; at += PIECE) {
        signal.throwIfAborted();
        onprogress(at, data.length);
        // A line that takes nothing must not hold the operator.
        await Promise.race([this.#channel.write(data.subarray(at, at + PIECE)), cancelled]);
      }
      onprogress(data.length, data.length);
    } finally {
      signal.removeEventListener('abort', cancel);
    }
  }
}

/**
 * Pasted text as a terminal sends it: lines end as Enter does, and no control character but TAB is in it, so that a text can
 * neither press Ctrl-C nor end the brackets a shell asked for.
 */
export function pasteBytes(text: string, bracketed: boolean): Uint8Array {
  // eslint-disable-next-line no-control-regex
  const plain = text.replace(/\r\n?|\n/g, '\r').replace(/[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]/g, '');
  return new TextEncoder().encode(bracketed ? `\x1b[200~${plain}\x1b[201~` : plain);
}
