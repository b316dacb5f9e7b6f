// Domains that were made with Xen's `xl` past libvirt, which knows nothing of them: shown where the agent runs in domain 0,
// and nothing more. Whoever wants them managed defines them in libvirt.
import { execFile } from 'node:child_process';
import type { VmId } from '../../../src/lib/model/ids.ts';
import { parseXlConfigs, parseXlList } from './xl-list.ts';
import type { XlConfig, XlListed } from './xl-list.ts';

export type XlDomain = XlListed & {
  readonly config: XlConfig | null;
  /** When xl was asked, ms since the epoch. */
  readonly at: number;
  /** Nanoseconds of CPU a millisecond, since the look before; null at the first. */
  readonly rate: number | null;
};

/** Runs of domains that libvirt has, `ID/NUMBER`, and the ids of all it knows, running or not. */
export type Managed = { readonly runs: ReadonlySet<string>; readonly ids: ReadonlySet<VmId> };

/** xl takes a process and about 0.1 s of CPU on a slow domain 0: what it shows may be this old, ms. */
const EVERY = 10_000;
/** ms within which libvirt has started, restored or received what it is about to. */
const STARTED_IN = 60_000;
const TIMEOUT = 15_000;
const MAX_OUTPUT = 16 * 1024 * 1024;

export const runKey = (id: VmId, run: string): string => `${id}/${run}`;

export class XlDomains {
  readonly #ask: (args: readonly string[]) => Promise<string | null>;
  readonly #managed: () => Promise<Managed>;
  readonly #onNews: () => void;
  #known: ReadonlyMap<VmId, XlDomain> = new Map();
  /** Since when each run of a domain was there that libvirt knows, and did not have running: it may be starting it. */
  #suspects: ReadonlyMap<string, number> = new Map();
  #at = -Infinity;
  #looking: Promise<void> | null = null;
  #answers: boolean | null = null;

  /** @param ask what xl prints; null when it cannot be run @param onNews called when others are there than before */
  constructor(
    managed: () => Promise<Managed>,
    onNews: () => void,
    ask: (args: readonly string[]) => Promise<string | null> = runXl
  ) {
    this.#managed = managed;
    this.#onNews = onNews;
    this.#ask = ask;
  }

  /** Whether xl answered at the last look; null before the first. */
  get answers(): boolean | null {
    return this.#answers;
  }

  /** What is known, at once but for the first time; looks anew in the background where that is old. Never throws. */
  async domains(): Promise<ReadonlyMap<VmId, XlDomain>> {
    if (Date.now() - this.#at >= EVERY) {
      const first = this.#answers === null;
      this.#looking ??= this.#look().finally(() => (this.#looking = null));
      if (first) await this.#looking;
    }
    return this.#known;
  }

  async #look(): Promise<void> {
    const before = this.#known;
    try {
      // Whatever libvirt starts or ends meanwhile is in one of the two.
      const first = await this.#managed();
      const printed = await this.#ask(['list', '-v']);
      const second = await this.#managed();
      const now = Date.now();
      const suspects = new Map<string, number>();
      const found = parseXlList(printed ?? '').filter(({ id, run }) => {
        const key = runKey(id, run);
        if (first.runs.has(key) || second.runs.has(key)) return false;
        if (!first.ids.has(id) && !second.ids.has(id)) return true;
        const since = this.#suspects.get(key) ?? now;
        suspects.set(key, since);
        return now - since >= STARTED_IN;
      });
      const configs = found.length === 0 ? '' : await this.#ask(['list', '-l']);
      const details = parseXlConfigs(configs ?? '');
      const passed = now - this.#at;
      this.#known = new Map(
        found.map((domain) => {
          const last = before.get(domain.id);
          const rate = last?.run === domain.run ? Math.max(0, domain.cpuTime - last.cpuTime) / passed : null;
          return [domain.id, { ...domain, at: now, config: details.get(domain.run) ?? null, rate }];
        })
      );
      this.#suspects = suspects;
      this.#at = now;
      this.#answers = printed !== null;
    } catch {
      // The daemon is away: nothing can be told apart. Looked at again at the next question.
      this.#answers ??= false;
    }
    if (told(before) !== told(this.#known)) this.#onNews();
  }
}

/** What of them is shown, but for what always changes. */
const told = (domains: ReadonlyMap<VmId, XlDomain>): string =>
  JSON.stringify([...domains.values()].map((domain) => ({ ...domain, at: 0, cpuTime: 0, rate: 0 })));

/** Null when it is not installed, not allowed, or fails. */
const runXl = (args: readonly string[]): Promise<string | null> =>
  new Promise((resolve) => {
    const options = { timeout: TIMEOUT, killSignal: 'SIGKILL', maxBuffer: MAX_OUTPUT } as const;
    execFile('xl', [...args], { ...options, env: { ...process.env, LC_ALL: 'C.UTF-8' } }, (error, stdout) => {
      resolve(error === null ? stdout : null);
    });
  });
