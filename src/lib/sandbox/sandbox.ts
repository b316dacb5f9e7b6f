// One plugin behind glass: asked through a port, stopped when it does not answer in time, and started anew for the next question.
import { Fault } from '../model/fault.ts';
import type { Columns } from '../plugin/columns.ts';
import { parseManifest } from '../plugin/manifest.ts';
import type { Manifest } from '../plugin/manifest.ts';
import { Misspoken } from './answers.ts';
import { Conversation, Stopped } from './conversation.ts';
import { changeOf } from './fleet-change.ts';
import { openFrame } from './frame.ts';
import { LIMITS } from './messages.ts';
import type { Abilities, Answer, Ask, Moves, ProposeTerms, Ranking, RankTerms, Said } from './messages.ts';
import runtime from './worker.ts?bundled';

export type SandboxOptions = {
  /** Address of the frame's page. */
  readonly frame?: string;
  /** What to call the plugin before its manifest is read. */
  readonly name?: string;
  /** Milliseconds for `propose` beyond its budget. */
  readonly grace?: number;
  /** Milliseconds for every other call. */
  readonly deadline?: number;
  /** Gets what the plugin wrote to its console, after each call. */
  readonly onsaid?: (said: Said) => void;
};
type Asked = { readonly ask: Ask; readonly ms: number; readonly onproposal: (moves: Moves) => void };
type Loaded = Extract<Answer, { is: 'loaded' }>;

const DEADLINE = 5_000;
const GRACE = 1_000;
/** Stopped so often in a row, it stays so until `restart`. */
const PATIENCE = 3;
const NO_VMS = new Int32Array(0);

/** @throws Fault `plugin-failed`, `bad-plugin`, `too-large` */
export async function loadPlugin(source: string, options: SandboxOptions = {}): Promise<Sandbox> {
  if (source.length > LIMITS.source) throw new Fault('too-large', { what: 'the plugin', limit: '1 MiB' });
  const sandbox = new Sandbox(source, options);
  await sandbox.restart();
  return sandbox;
}

export class Sandbox {
  #manifest: Manifest | null = null;
  #manifestText = '';
  #can: Abilities = { filter: false, score: false, propose: false };
  #columns: Columns | null = null;
  #open: Conversation | null = null;
  #failures = 0;
  readonly #closing = new AbortController();
  /** Calls wait for those before them. */
  #last: Promise<unknown> = Promise.resolve();
  readonly #source: string;
  readonly #options: SandboxOptions;

  constructor(source: string, options: SandboxOptions) {
    this.#source = source;
    this.#options = options;
  }

  /** @throws Error before the plugin was loaded */
  get manifest(): Manifest {
    if (this.#manifest === null) throw new Error('not loaded');
    return this.#manifest;
  }
  get can(): Abilities {
    return this.#can;
  }
  /** True after it had to be stopped several times in a row: `restart` gives it another chance. */
  get givenUp(): boolean {
    return this.#failures >= PATIENCE;
  }

  /** Starts the plugin anew, whatever it did before. @throws as `loadPlugin` */
  restart(): Promise<void> {
    this.#failures = 0;
    this.#stop();
    return this.#next(async () => {
      await this.#started();
    });
  }

  /**
   * What the calls after it are about: handed over whole the first time and to a plugin that was started anew, then what is
   * another than before.
   */
  show(columns: Columns, signal?: AbortSignal): Promise<void> {
    return this.#next(async () => {
      this.#columns = columns;
      await this.#call({ ask: { ask: 'fleet', columns }, ms: this.#deadline, onproposal: nothing }, signal);
    });
  }

  /**
   * Scores of VMs on all hosts, and where each would go.
   * @throws Fault `plugin-failed`, `too-large`; the signal's reason when it was aborted
   */
  rank(terms: RankTerms, signal?: AbortSignal): Promise<Ranking> {
    return this.#next(async () => {
      if (terms.vms.length * (this.#columns?.hosts ?? 0) > LIMITS.scores) {
        throw new Fault('too-large', { what: 'what is to be ranked', limit: `${LIMITS.scores} scores` });
      }
      const ask: Ask = { ask: 'rank', ...terms };
      const answer = await this.#call({ ask, ms: this.#deadline, onproposal: nothing }, signal);
      if (answer.is !== 'ranked') throw new Misspoken('answered something else');
      return answer;
    });
  }

  /** Plans, each better than the one before by the plugin's own lights. Resolves when there will be no more. @throws as `rank` */
  propose(terms: ProposeTerms, onproposal: (moves: Moves) => void, signal?: AbortSignal): Promise<void> {
    return this.#next(async () => {
      const ms = terms.budget + (this.#options.grace ?? GRACE);
      await this.#call({ ask: { ask: 'propose', ...terms }, ms, onproposal }, signal);
    });
  }

  close(): void {
    this.#closing.abort();
    this.#stop();
  }

  get #deadline(): number {
    return this.#options.deadline ?? DEADLINE;
  }

  get #name(): string {
    return this.#manifest?.title ?? this.#options.name ?? '';
  }

  #next<Value>(work: () => Promise<Value>): Promise<Value> {
    const turn = this.#last.then(work, work);
    this.#last = turn.catch(nothing);
    return turn;
  }

  async #call(asked: Asked, signal: AbortSignal = NEVER): Promise<Answer> {
    signal.throwIfAborted();
    if (this.givenUp)
      throw this.#failed(`was stopped ${PATIENCE} times in a row, and stays so until you start it again`);
    const conversation = await this.#started();
    if (asked.ask.ask === 'fleet') return this.#hand(conversation, asked.ask.columns, signal);
    const answer = await this.#asked(conversation, asked, signal);
    // To be loaded is not enough: it has done something.
    this.#failures = 0;
    return answer;
  }

  async #hand(conversation: Conversation, columns: Columns, signal: AbortSignal): Promise<Answer> {
    const { fleet } = conversation;
    // One that was handed over while it was started is there already.
    if (fleet === columns) return { is: 'kept' };
    const change = fleet === null ? null : changeOf(fleet, columns);
    const ask: Ask = change === null ? { ask: 'fleet', columns } : { ask: 'change', change };
    // Until it answers nobody knows which one it has.
    conversation.fleet = null;
    const answer = await this.#asked(conversation, { ask, ms: this.#deadline, onproposal: nothing }, signal);
    conversation.fleet = columns;
    return answer;
  }

  async #asked(conversation: Conversation, { ask, ms, onproposal }: Asked, signal: AbortSignal): Promise<Answer> {
    const asked = ask.ask === 'rank' ? ask.vms : NO_VMS;
    const expected = { ask: ask.ask, asked, vms: this.#columns?.vms ?? 0, hosts: this.#columns?.hosts ?? 0 };
    let answer: Answer;
    try {
      answer = await conversation.ask(ask, { expected, ms, onproposal, signal });
    } catch (thrown) {
      if (this.#open === conversation) this.#stop();
      if (signal.aborted) throw thrown;
      if (!(thrown instanceof Stopped || thrown instanceof Misspoken)) throw thrown;
      if (!this.#closing.signal.aborted) this.#failures += 1;
      throw this.#failed(thrown.message);
    }
    if ('said' in answer && answer.said.lines.length > 0) this.#options.onsaid?.(answer.said);
    if (answer.is === 'failed') throw this.#failed(answer.reason);
    return answer;
  }

  /** The plugin as it runs; started, and given the fleet, when it does not. A process that died meanwhile is no fault of this call. */
  async #started(): Promise<Conversation> {
    const { signal } = this.#closing;
    if (signal.aborted) throw this.#failed('was closed');
    if (this.#open !== null && (await this.#open.isAlive())) return this.#open;
    this.#stop();
    const frame = await openFrame(this.#options.frame ?? '/plugin-frame.html', runtime, signal).catch(
      (cause: unknown) => {
        const reason = 'could not be started: the browser did not open its frame';
        throw this.#failed(this.#closing.signal.aborted ? 'was closed' : reason, cause);
      }
    );
    const conversation = new Conversation(frame);
    this.#open = conversation;
    try {
      await this.#load(conversation);
    } catch (thrown) {
      this.#stop();
      throw thrown;
    }
    return conversation;
  }

  async #load(conversation: Conversation): Promise<void> {
    const within = { ms: this.#deadline, onproposal: nothing };
    const answer = await this.#asked(conversation, { ask: { ask: 'load', source: this.#source }, ...within }, NEVER);
    if (answer.is === 'loaded') this.#read(answer);
    const columns = this.#columns;
    if (columns === null) return;
    await this.#hand(conversation, columns, NEVER);
  }

  /** @throws Fault `bad-plugin`; `plugin-failed` when it calls itself otherwise than it did */
  #read({ manifest: text, can }: Loaded): void {
    if (this.#manifest !== null && text !== this.#manifestText) throw this.#failed('has another manifest than before');
    let said: unknown;
    try {
      said = JSON.parse(text);
    } catch (cause) {
      throw new Fault('bad-plugin', { what: 'manifest', reason: 'cannot be read' }, { cause });
    }
    this.#manifest = parseManifest(said);
    this.#manifestText = text;
    this.#can = can;
  }

  #stop(): void {
    this.#open?.close();
    this.#open = null;
  }

  #failed(reason: string, cause?: unknown): Fault {
    return new Fault('plugin-failed', { plugin: this.#name, reason }, { cause });
  }
}

const NEVER = new AbortController().signal;
const nothing = (): void => undefined;
