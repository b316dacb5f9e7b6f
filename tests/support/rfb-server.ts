// The far end of a screen, on a console in memory: RFB 3.8 without a password, one picture in raw pixels, keys collected.
import type { MemoryConsole } from './memory-console.ts';

export type Key = { readonly keysym: number; readonly down: boolean };

/** Lengths of the client's messages after the handshake, by kind; SetEncodings says its own. */
const LENGTHS: Readonly<Record<number, number>> = { 0: 20, 3: 10, 4: 8, 5: 6, 251: 24 };
const EXTENDED_DESKTOP_SIZE = -308;

export class RfbServer {
  readonly keys: Key[] = [];
  /** What the client wished its size to be (SetDesktopSize). */
  readonly wishes: (readonly [width: number, height: number])[] = [];
  readonly #console: MemoryConsole;
  readonly #size: readonly [width: number, height: number];
  readonly #colour: readonly [number, number, number];
  #stage: 'version' | 'security' | 'init' | 'messages' = 'version';
  #buffer: number[] = [];

  /** @param colour of the picture: red, green, blue, the order noVNC asks for */
  constructor(console: MemoryConsole, size: readonly [number, number], colour: readonly [number, number, number]) {
    this.#console = console;
    this.#size = size;
    this.#colour = colour;
    console.onWrite = (data) => {
      this.#buffer.push(...data);
      while (this.#step());
    };
    void console.say('RFB 003.008\n');
  }

  /** @returns whether there may be more to read */
  #step(): boolean {
    switch (this.#stage) {
      case 'version':
        if (!this.#take(12)) return false;
        this.#stage = 'security';
        this.#say([1, 1]);
        return true;
      case 'security':
        if (!this.#take(1)) return false;
        this.#stage = 'init';
        this.#say([0, 0, 0, 0]);
        return true;
      case 'init': {
        if (!this.#take(1)) return false;
        this.#stage = 'messages';
        const format = [32, 24, 0, 1, 0, 255, 0, 255, 0, 255, 16, 8, 0, 0, 0, 0];
        this.#say([...u16(this.#size[0]), ...u16(this.#size[1]), ...format, 0, 0, 0, 1, 0x78]);
        return true;
      }
      case 'messages':
        return this.#message();
    }
  }

  #message(): boolean {
    const [kind = -1, , high = 0, low = 0] = this.#buffer;
    const length = kind === 2 ? 4 + 4 * (high * 256 + low) : LENGTHS[kind];
    if (kind === -1 || (kind === 2 && this.#buffer.length < 4)) return false;
    if (length === undefined) throw new Error(`a client's message of kind ${kind}`);
    const message = this.#take(length);
    if (message === null) return false;
    if (kind === 4)
      this.keys.push({ keysym: new DataView(Uint8Array.from(message).buffer).getUint32(4), down: message[1] === 1 });
    if (kind === 251) {
      const { buffer } = Uint8Array.from(message);
      this.wishes.push([new DataView(buffer).getUint16(2), new DataView(buffer).getUint16(4)]);
    }
    // The whole picture; what comes after it never changes.
    if (kind === 3 && message[1] === 0) this.#draw();
    return true;
  }

  #draw(): void {
    const [width, height] = this.#size;
    const pixels = Array.from({ length: width * height }, () => [...this.#colour, 0]).flat();
    this.#say([0, 0, 0, 1, 0, 0, 0, 0, ...u16(width), ...u16(height), 0, 0, 0, 0, ...pixels]);
  }

  /** Says that its size may be wished for: an ExtendedDesktopSize of one screen, by the server's own word. */
  offerResize(): void {
    const size = [...u16(this.#size[0]), ...u16(this.#size[1])];
    const screen = [0, 0, 0, 1, 0, 0, 0, 0, ...size, 0, 0, 0, 0];
    const encoding = [...new Uint8Array(Int32Array.of(EXTENDED_DESKTOP_SIZE).buffer)].reverse();
    this.#say([0, 0, 0, 1, 0, 0, 0, 0, ...size, ...encoding, 1, 0, 0, 0, ...screen]);
  }

  #take(length: number): number[] | null {
    return this.#buffer.length < length ? null : this.#buffer.splice(0, length);
  }

  #say(data: readonly number[]): void {
    void this.#console.say(Uint8Array.from(data));
  }
}

const u16 = (n: number): [number, number] => [n >> 8, n & 255];
