// What the two agents say to each other about a VM that moves, beside what their hypervisors say: a line of JSON each, strictly
// read by whoever hears it. The VM becomes valid at the target by the source's last word, `take`, and not before.
import type { Duplex } from 'node:stream';
import { Fault } from '../../src/lib/model/fault.ts';
import { Fields } from '../files/fields.ts';

/** Bytes of a line: a configuration is some kilobytes. */
const LONGEST = 4 * 1024 * 1024;
/** Of reasons that are passed on. */
const SHORT = 1024;

export class Talk {
  readonly #stream: Duplex;
  readonly #chunks: AsyncIterator<Buffer>;
  #rest = Buffer.alloc(0);

  constructor(stream: Duplex) {
    stream.on('error', () => undefined); // The one who listens is told that it is over.
    this.#stream = stream;
    this.#chunks = (stream as AsyncIterable<Buffer>)[Symbol.asyncIterator]();
  }

  say(what: object): void {
    this.#stream.write(`${JSON.stringify(what)}\n`);
  }

  /** The other's next line. @throws Fault `link-ended`, `too-large`, `corrupt-state` */
  async hear(): Promise<Fields> {
    for (let seen = 0; ;) {
      const end = this.#rest.indexOf(10, seen);
      if (end >= 0) {
        const text = this.#rest.toString('utf8', 0, end);
        this.#rest = this.#rest.subarray(end + 1);
        return Fields.parse('what the other agent says', text);
      }
      seen = this.#rest.length;
      if (seen > LONGEST)
        throw new Fault('too-large', { what: 'what the other agent says', limit: `${LONGEST} bytes` });
      this.#rest = Buffer.concat([this.#rest, await this.#more()]);
    }
  }

  /** The other's answer: what `read` makes of it, or why not. @throws as `hear` */
  async answer<Value>(read: (fields: Fields) => Value): Promise<{ readonly value: Value } | { readonly why: string }> {
    const fields = await this.hear();
    const why = fields.maybe('refused', () => fields.text('refused').slice(0, SHORT));
    if (why !== null) return { why };
    const value = read(fields);
    fields.end();
    return { value };
  }

  /** So many bytes that follow, as they come. @throws Fault `link-ended` */
  async take(length: number, sink: (chunk: Buffer) => Promise<void>): Promise<void> {
    for (let left = length; left > 0;) {
      if (this.#rest.length === 0) this.#rest = await this.#more();
      const part = this.#rest.subarray(0, left);
      this.#rest = this.#rest.subarray(part.length);
      left -= part.length;
      await sink(part);
    }
  }

  async #more(): Promise<Buffer<ArrayBuffer>> {
    const next = await this.#chunks.next().catch(() => null);
    if (next === null || next.done === true) {
      throw new Fault('link-ended', { what: 'the connection between the hosts', by: 'the other host or the network' });
    }
    return Buffer.from(next.value);
  }

  end(): void {
    this.#stream.end();
  }
}
