// What Xen's `xl` has done past libvirt, which knows nothing of it: domains, and devices of libvirt's own domains. Shown where
// the agent runs in domain 0, and nothing more. Whoever wants such a domain managed defines it in libvirt.
import { execFile } from 'node:child_process';
import type { VmId } from '../../../src/lib/model/ids.ts';
import type { Domain } from './domains.ts';
import { parseXlConfigs, parseXlList } from './xl-list.ts';
import type { XlConfig, XlListed } from './xl-list.ts';

export type XlDomain = XlListed & {
  readonly config: XlConfig | null;
  /** When xl was asked, ms since the epoch. */
  readonly at: number;
  /** Nanoseconds of CPU a millisecond, since the look before; null at the first. */
  readonly rate: number | null;
};

/** What libvirt runs a domain with, and what xl said of it while that was so. */
type Beside = { readonly run: string; readonly text: string; readonly config: XlConfig };

/** Runs of domains that libvirt has, `ID/NUMBER`, and the ids of all it knows, running or not. */
export type Managed = { readonly runs: ReadonlySet<string>; readonly ids: ReadonlySet<VmId> };

/** xl is two processes and, emulated, 0.35 s of domain 0's CPU: what it shows may be this old, ms. */
const EVERY = 10_000;
/** ms within which libvirt has started, restored or received what it is about to. */
const STARTED_IN = 60_000;
const TIMEOUT = 15_000;
const MAX_OUTPUT = 16 * 1024 * 1024;

export const runKey = (id: VmId, run: string): string => `${id}/${run}`;

export class XlDomains {
  readonly #ask: (args: readonly string[]) => Promise<string | null>;
  readonly #managed: () => Promise<Managed>;
  readonly #textOf: (id: VmId) => string;
  readonly #onNews: () => void;
  #known: ReadonlyMap<VmId, XlDomain> = new Map();
  #beside: ReadonlyMap<VmId, Beside> = new Map();
  /** Since when each run of a domain was there that libvirt knows, and did not have running: it may be starting it. */
  #suspects: ReadonlyMap<string, number> = new Map();
  #at = -Infinity;
  #looking: Promise<void> | null = null;
  #answers: boolean | null = null;

  /**
   * @param textOf the configuration that libvirt was last seen to run a domain with, as it printed it; '' when unknown
   * @param onNews called when others are there than before @param ask what xl prints; null when it cannot be run
   */
  constructor(
    managed: () => Promise<Managed>,
    textOf: (id: VmId) => string,
    onNews: () => void,
    ask: (args: readonly string[]) => Promise<string | null> = runXl
  ) {
    this.#managed = managed;
    this.#textOf = textOf;
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

  /** The devices xl sees in a domain of libvirt's; null while nothing is known of what libvirt runs it with now. */
  devicesOf({ id, live, texts }: Pick<Domain, 'id' | 'live' | 'texts'>): XlConfig | null {
    const beside = this.#beside.get(id);
    return beside !== undefined && beside.run === live?.run && beside.text === texts[0] ? beside.config : null;
  }

  async #look(): Promise<void> {
    const before = this.#known;
    try {
      // Whatever libvirt starts or ends meanwhile is in one of the two.
      const first = await this.#managed();
      const texts = new Map([...first.ids].map((id) => [id, this.#textOf(id)]));
      const printed = await this.#ask(['list', '-v']);
      const all = parseXlList(printed ?? '');
      const details = parseXlConfigs(all.length === 0 ? '' : ((await this.#ask(['list', '-l'])) ?? ''));
      const second = await this.#managed();
      const now = Date.now();
      const suspects = new Map<string, number>();
      const beside = new Map<VmId, Beside>();
      const found = all.filter(({ id, run }) => {
        const key = runKey(id, run);
        const [config, text = ''] = [details.get(run), texts.get(id)];
        if (first.runs.has(key) && config !== undefined && text !== '') beside.set(id, { run, text, config });
        if (first.runs.has(key) || second.runs.has(key)) return false;
        if (!first.ids.has(id) && !second.ids.has(id)) return true;
        const since = this.#suspects.get(key) ?? now;
        suspects.set(key, since);
        return now - since >= STARTED_IN;
      });
      const passed = now - this.#at;
      this.#known = new Map(
        found.map((domain) => {
          const last = before.get(domain.id);
          const rate = last?.run === domain.run ? Math.max(0, domain.cpuTime - last.cpuTime) / passed : null;
          return [domain.id, { ...domain, at: now, config: details.get(domain.run) ?? null, rate }];
        })
      );
      this.#suspects = suspects;
      this.#beside = beside;
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
export const runXl = (args: readonly string[]): Promise<string | null> =>
  new Promise((resolve) => {
    const options = { timeout: TIMEOUT, killSignal: 'SIGKILL', maxBuffer: MAX_OUTPUT } as const;
    execFile('xl', [...args], { ...options, env: { ...process.env, LC_ALL: 'C.UTF-8' } }, (error, stdout) => {
      resolve(error === null ? stdout : null);
    });
  });
