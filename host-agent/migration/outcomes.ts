// What has become of the VMs that came, or did not: kept for sources that were cut off and ask when they are back. One file.
import { readIfThere, writeDurably } from '../files/durable.ts';
import { Fields } from '../files/fields.ts';
import { HASH, sameHash } from './token.ts';

export const ENDS = ['arrived', 'absent'] as const;
export type End = (typeof ENDS)[number];
type Kept = { readonly hash: string; readonly from: string; readonly state: End; readonly at: number };

/** A source that is away longer than this is decided about by an operator. */
const LIFETIME = 30 * 86_400_000;
const MOST = 1_024;

export class Outcomes {
  readonly #path: string;
  readonly #now: () => number;
  #kept: readonly Kept[] = [];
  #writing: Promise<void> = Promise.resolve();

  constructor(path: string, now: () => number) {
    this.#path = path;
    this.#now = now;
  }

  /** @throws Fault `corrupt-state`, the system's errors: begun anew, it would forget what sources will ask for */
  async read(): Promise<void> {
    const text = await readIfThere(this.#path);
    if (text === null) return;
    const fields = Fields.parse(this.#path, text);
    fields.whole('version', 1, 1);
    this.#kept = fields.list('ended', (item) => ({
      hash: item.text('hash', HASH),
      from: item.text('from'),
      state: item.choice('state', ENDS),
      at: item.whole('at', 0)
    }));
    fields.end();
  }

  /** Null: never heard of, or long ago. */
  of(hash: string, from: string): End | null {
    return this.#kept.find((each) => sameHash(each.hash, hash) && each.from === from)?.state ?? null;
  }

  /** Resolves once it is on disk. */
  add(end: Omit<Kept, 'at'>): Promise<void> {
    const at = this.#now();
    this.#kept = [{ ...end, at }, ...this.#kept.filter((each) => at - each.at < LIFETIME)].slice(0, MOST);
    this.#writing = this.#writing
      .catch(() => undefined)
      .then(() => writeDurably(this.#path, `${JSON.stringify({ version: 1, ended: this.#kept })}\n`));
    return this.#writing;
  }
}
