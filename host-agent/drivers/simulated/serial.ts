// The serial line of a simulated VM: it says what it is, echoes, and answers a few words.
import { createHash } from 'node:crypto';
import type { Hash } from 'node:crypto';
import { Duplex } from 'node:stream';
import type { Guest } from './guest.ts';

type Count = { readonly sum: Hash; bytes: number };

const CTRL_C = 0x03;
const CTRL_D = 0x04;
const BACKSPACE: ReadonlySet<number> = new Set([0x08, 0x7f]);
const [CR, LF] = [0x0d, 0x0a];
const LONGEST = 4096;
/** Some of what `yes` says. */
const YES = Buffer.from('y\r\n'.repeat(4096));
const WORDS = 'help, uname, uptime, free, nproc, echo WORDS, yes (until a key), sum (bytes until Ctrl-D), clear';

export class SerialLine extends Duplex {
  readonly #guest: () => Guest | undefined;
  readonly #now: () => number;
  #line: number[] = [];
  #doing: 'prompt' | 'yes' | Count = 'prompt';
  /** A writer that waits until what it brought about is read. */
  #waiting: (() => void) | null = null;

  constructor(guest: () => Guest | undefined, now: () => number) {
    super();
    this.#guest = guest;
    this.#now = now;
    this.push(`\r\n\x1b[1mThis is the serial line of ${this.#name}, simulated: nothing here is real.\x1b[0m\r\n`);
    this.push(`Words: ${WORDS}\r\n${this.#prompt}`);
  }

  override _read(): void {
    const go = this.#waiting;
    this.#waiting = null;
    go?.();
    if (this.#doing === 'yes') this.push(YES);
  }

  override _write(chunk: Buffer, _: BufferEncoding, callback: () => void): void {
    const said: string[] = [];
    for (const byte of chunk) this.#type(byte, said);
    if (said.length === 0 || this.push(said.join(''))) callback();
    else this.#waiting = callback;
  }

  override _destroy(error: Error | null, callback: (error: Error | null) => void): void {
    this.#waiting?.();
    callback(error);
  }

  get #name(): string {
    // Whatever it is called must not steer the terminal.
    return (this.#guest()?.name ?? 'nobody').replace(/[\p{Cc}\p{Cf}]/gu, '');
  }

  get #prompt(): string {
    return `${this.#name}:~# `;
  }

  #type(byte: number, said: string[]): void {
    if (typeof this.#doing === 'object') {
      this.#count(this.#doing, byte, said);
      return;
    }
    if (this.#doing === 'yes' || byte === CTRL_C) {
      this.#doing = 'prompt';
      this.#line = [];
      said.push(`^C\r\n${this.#prompt}`);
    } else if (byte === CR || byte === LF) {
      const words = Buffer.from(this.#line).toString('utf8').trim();
      this.#line = [];
      said.push('\r\n', this.#answer(words));
    } else if (BACKSPACE.has(byte)) {
      if (this.#line.pop() !== undefined) said.push('\b \b');
    } else if (byte >= 0x20 && this.#line.length < LONGEST) {
      this.#line.push(byte);
      said.push(byte < 0x80 ? String.fromCharCode(byte) : '');
    }
  }

  #count(doing: Count, byte: number, said: string[]): void {
    if (byte !== CTRL_D) {
      doing.sum.update(Uint8Array.of(byte));
      doing.bytes++;
      return;
    }
    this.#doing = 'prompt';
    said.push(`${doing.bytes} bytes, sha256 ${doing.sum.digest('hex')}\r\n${this.#prompt}`);
  }

  /** What a line brings about, and the prompt unless it goes on. */
  #answer(words: string): string {
    this.#doing = words === 'yes' ? 'yes' : words === 'sum' ? { sum: createHash('sha256'), bytes: 0 } : 'prompt';
    return this.#doing === 'prompt' ? `${this.#say(words)}${this.#prompt}` : '';
  }

  #say(words: string): string {
    const [word = '', ...rest] = words.split(/\s+/);
    const live = this.#guest()?.live;
    switch (word) {
      case '':
        return '';
      case 'help':
        return `${WORDS}\r\n`;
      case 'uname':
        return `Simulated ${this.#name} 1.0\r\n`;
      case 'uptime':
        return `up ${Math.floor((this.#now() - (live?.startedAt ?? this.#now())) / 1000)} seconds (simulated)\r\n`;
      case 'free':
        return `${live?.memory ?? 0} MiB (simulated)\r\n`;
      case 'nproc':
        return `${live?.vcpus ?? 0}\r\n`;
      case 'echo':
        return `${rest.join(' ').replace(/\p{Cc}/gu, '')}\r\n`;
      case 'clear':
        return '\x1b[H\x1b[2J';
      default:
        return `${word.replace(/\p{Cc}/gu, '')}: not found (simulated)\r\n`;
    }
  }
}
