// The screen of a simulated VM: a small RFB 3.8 server (RFC 6143) with a test picture that says what it is. The pointer leaves
// a mark, and every key changes the colour, so that it can be seen whether input arrives.
import { Duplex } from 'node:stream';
import { HANDSHAKE, kindOf, MESSAGE, notRfb } from '../rfb.ts';

export const WIDTH = 320;
export const HEIGHT = 200;

/** Seven rows of five dots each, most significant bit left. */
const LETTERS: Readonly<Record<string, readonly number[]>> = {
  A: [14, 17, 17, 31, 17, 17, 17],
  D: [30, 17, 17, 17, 17, 17, 30],
  E: [31, 16, 16, 30, 16, 16, 31],
  I: [14, 4, 4, 4, 4, 4, 14],
  L: [16, 16, 16, 16, 16, 16, 31],
  M: [17, 27, 21, 21, 17, 17, 17],
  S: [15, 16, 16, 14, 1, 1, 30],
  T: [31, 4, 4, 4, 4, 4, 4],
  U: [17, 17, 17, 17, 17, 17, 14]
};
const TEXT = 'SIMULATED';
const DOT = 5;
const LEFT = Math.floor((WIDTH - TEXT.length * 6 * DOT + DOT) / 2);
const TOP = Math.floor((HEIGHT - 7 * DOT) / 2);

type Colour = readonly [red: number, green: number, blue: number];
type PixelFormat = { bytes: number; big: boolean; max: Colour; shift: Colour };

/** 32 bits, little-endian, 8 bits each of blue, green and red. */
const USUAL: PixelFormat = { bytes: 4, big: false, max: [255, 255, 255], shift: [16, 8, 0] };

export class Screen extends Duplex {
  readonly #name: string;
  #handshake = 0;
  #rest: Buffer = Buffer.alloc(0);
  #format = USUAL;
  #keys = 0;
  #pointer: readonly [number, number] | null = null;
  #drawn = false;
  #asked = false;
  #waiting: (() => void) | null = null;

  constructor(name: string) {
    super();
    this.#name = name;
    this.push('RFB 003.008\n');
  }

  override _read(): void {
    const go = this.#waiting;
    this.#waiting = null;
    go?.();
  }

  override _write(chunk: Buffer, _: BufferEncoding, callback: (error?: Error) => void): void {
    try {
      this.#rest = Buffer.concat([this.#rest, chunk]);
      while (this.#take());
    } catch (thrown) {
      callback(thrown as Error);
      return;
    }
    if (!this.#asked || this.#drawn || this.push(this.#picture())) callback();
    else this.#waiting = callback;
  }

  override _destroy(error: Error | null, callback: (error: Error | null) => void): void {
    this.#waiting?.();
    callback(error);
  }

  /** One message of the client; false: none is whole. */
  #take(): boolean {
    const expected = HANDSHAKE[this.#handshake];
    const length = this.#rest.length === 0 ? null : (expected?.length ?? kindOf(this.#rest).length(this.#rest));
    if (length === null || this.#rest.length < length) return false;
    const message = this.#rest.subarray(0, length);
    this.#rest = this.#rest.subarray(length);
    if (expected === undefined) this.#on(message);
    else this.#greet(message, expected);
    return true;
  }

  #greet(message: Buffer, expected: Buffer): void {
    this.#handshake++;
    if (this.#handshake < HANDSHAKE.length && !message.equals(expected)) throw notRfb('another handshake');
    if (this.#handshake === 1) this.push(Buffer.from([1, 1]));
    else if (this.#handshake === 2) this.push(Buffer.alloc(4));
    else this.push(this.#serverInit());
  }

  #serverInit(): Buffer {
    const name = Buffer.from(`${this.#name} (simulated)`);
    const head = Buffer.alloc(24);
    head.writeUInt16BE(WIDTH, 0);
    head.writeUInt16BE(HEIGHT, 2);
    head.set([32, 24, 0, 1, 0, 255, 0, 255, 0, 255, ...USUAL.shift], 4);
    head.writeUInt32BE(name.length, 20);
    return Buffer.concat([head, name]);
  }

  #on(message: Buffer): void {
    switch (message[0]) {
      case MESSAGE.PIXEL_FORMAT:
        this.#format = formatOf(message);
        this.#drawn = false;
        break;
      case MESSAGE.UPDATE_REQUEST:
        this.#asked = true;
        if (message[1] === 0) this.#drawn = false;
        break;
      case MESSAGE.KEY:
        if (message[1] === 1) this.#changed(() => this.#keys++);
        break;
      case MESSAGE.POINTER:
        this.#changed(() => (this.#pointer = [message.readUInt16BE(2), message.readUInt16BE(4)]));
        break;
      // Encodings: raw is always allowed. Texts and what QEMU adds change nothing here.
      default:
    }
  }

  #changed(change: () => void): void {
    change();
    this.#drawn = false;
  }

  /** FramebufferUpdate: one rectangle, raw. */
  #picture(): Buffer {
    this.#asked = false;
    this.#drawn = true;
    const { bytes, big } = this.#format;
    const update = Buffer.alloc(16 + WIDTH * HEIGHT * bytes);
    update.writeUInt16BE(1, 2);
    update.writeUInt16BE(WIDTH, 8);
    update.writeUInt16BE(HEIGHT, 10);
    for (let y = 0, at = 16; y < HEIGHT; y++) {
      for (let x = 0; x < WIDTH; x++, at += bytes) {
        const pixel = this.#pixel(this.#colour(x, y));
        if (big) update.writeUIntBE(pixel, at, bytes);
        else update.writeUIntLE(pixel, at, bytes);
      }
    }
    return update;
  }

  #pixel(colour: Colour): number {
    const { max, shift } = this.#format;
    return colour.reduce(
      (sum, part, index) => sum + Math.round((part * (max[index] ?? 0)) / 255) * 2 ** (shift[index] ?? 0),
      0
    );
  }

  #colour(x: number, y: number): Colour {
    const [px, py] = this.#pointer ?? [-9, -9];
    if (Math.abs(x - px) < 4 && Math.abs(y - py) < 4) return [255, 220, 0];
    const [column, row] = [Math.floor((x - LEFT) / DOT), Math.floor((y - TOP) / DOT)];
    const dots = LETTERS[TEXT[Math.floor(column / 6)] ?? '']?.[row] ?? 0;
    if (column >= 0 && column % 6 < 5 && (dots >> (4 - (column % 6))) & 1) return [255, 255, 255];
    const bar = (Math.floor((x * 8) / WIDTH) + this.#keys) % 8;
    return [bar & 4 ? 120 : 30, bar & 2 ? 120 : 30, bar & 1 ? 140 : 40];
  }
}

function formatOf(message: Buffer): PixelFormat {
  const [bits = 0, , big, trueColour] = message.subarray(4);
  if (trueColour === 0 || ![8, 16, 32].includes(bits)) throw notRfb(`pixels of ${bits} bits`);
  const max: Colour = [message.readUInt16BE(8), message.readUInt16BE(10), message.readUInt16BE(12)];
  const shift: Colour = [message[14] ?? 0, message[15] ?? 0, message[16] ?? 0];
  if (max.some((each, index) => each * 2 ** (shift[index] ?? 0) >= 2 ** bits))
    throw notRfb('colours beyond its pixels');
  return { bytes: bits / 8, big: big !== 0, max, shift };
}
