// Schedulers asked for plans for the same ground, one after another, so that each has the processor for itself. Every proposal is
// checked at once: those that cannot be are counted, the last good one stays.
import { Fault } from '#lib/model/fault.ts';
import { checkMoves } from '#lib/plan/check-moves.ts';
import { checkShares } from '#lib/plan/check-shares.ts';
import { costAfter } from '#lib/plan/made/figures.ts';
import { intentKind, type Ground } from '#lib/plan/made/ground.ts';
import type { Answer, AnswerState, Sample } from '#lib/plan/made/plan.ts';
import { plannedMoves } from '#lib/plan/made/planned-move.ts';
import { changing, plannedShares } from '#lib/plan/made/planned-share.ts';
import type { PlanRequest } from '#lib/plan/made/request.ts';
import { configOf, type Config } from '#lib/plugin/manifest.ts';
import type { Move, Share } from '#lib/plugin/scheduler.ts';
import type { Weights } from '#lib/plugin/weights.ts';
import { sharesOf, type Moves } from '#lib/sandbox/messages.ts';
import type { Sandbox } from '#lib/sandbox/sandbox.ts';
import type { Plugins } from '../plugins/plugins.svelte.ts';

/** One scheduler while it is asked. */
export type Contender = Pick<Answer, 'scheduler' | 'title' | 'fault' | 'note' | 'samples' | 'refused' | 'refusal'> & {
  readonly state: 'waiting' | 'running' | AnswerState;
  /** The last ones that may be; null before. */
  readonly moves: readonly Move[] | null;
  /** With them. */
  readonly shares: readonly Share[];
  readonly took: number;
};

export class Contest {
  readonly ground: Ground;
  readonly request: PlanRequest;
  readonly weights: Weights;
  #contenders = $state.raw<readonly Contender[]>([]);
  /** When the one that runs was asked, by `performance.now`; null while it is started. */
  #begun = $state.raw<number | null>(null);
  readonly #plugins: Plugins;
  readonly #control = new AbortController();

  constructor(plugins: Plugins, request: PlanRequest, weights: Weights, ground: Ground) {
    this.#plugins = plugins;
    this.request = request;
    this.weights = weights;
    this.ground = ground;
    this.#contenders = request.schedulers.map((scheduler) => ({
      scheduler,
      title: plugins.list.find(({ id }) => id === scheduler)?.manifest.title ?? scheduler,
      state: 'waiting',
      ...{ fault: null, moves: null, shares: [], note: '', samples: [], refused: 0, refusal: null, took: 0 }
    }));
  }

  get contenders(): readonly Contender[] {
    return this.#contenders;
  }

  get begun(): number | null {
    return this.#begun;
  }

  /** What is found so far stays. */
  cancel(): void {
    this.#control.abort();
  }

  /** Never rejects: what fails is said in its answer. */
  async run(): Promise<readonly Answer[]> {
    const { columns, was } = this.ground;
    const cost = costAfter(was, this.weights, []);
    for (const at of this.#contenders.keys()) {
      if (this.#control.signal.aborted) this.#set(at, { state: 'cancelled' });
      else await this.#ask(at, { at: 0, cost, moves: 0 });
    }
    return this.#contenders.map((one) => ({
      ...one,
      state: one.state === 'failed' || one.state === 'cancelled' ? one.state : 'done',
      moves: one.moves === null ? null : plannedMoves(columns, one.moves),
      shares: plannedShares(columns, one.shares)
    }));
  }

  async #ask(at: number, first: Sample): Promise<void> {
    const scheduler = this.request.schedulers[at] ?? '';
    const { signal } = this.#control;
    this.#set(at, { state: 'running', samples: [first] });
    let sandbox: Sandbox | null = null;
    let begun = performance.now();
    try {
      sandbox = await this.#plugins.load(scheduler);
      await sandbox.show(this.ground.columns, signal);
      begun = performance.now();
      this.#begun = begun;
      const terms = { config: this.#config(scheduler), weights: this.weights, seed: this.request.seed };
      const { budget } = this.request;
      const kind = intentKind(this.request);
      const { place, leave } = this.ground;
      await sandbox.propose(
        { ...terms, kind, place, leave, budget },
        (moves) => this.#take(at, moves, performance.now() - begun),
        signal
      );
      this.#plugins.worked(scheduler);
      this.#set(at, { state: 'done' });
    } catch (thrown) {
      if (signal.aborted) this.#set(at, { state: 'cancelled' });
      else this.#fail(at, scheduler, Fault.from(thrown));
    } finally {
      sandbox?.close();
      this.#begun = null;
      this.#set(at, { took: Math.round(performance.now() - begun) });
    }
  }

  #fail(at: number, scheduler: string, fault: Fault): void {
    if (fault.code === 'plugin-failed' || fault.code === 'bad-plugin') this.#plugins.failed(scheduler, fault);
    this.#set(at, { state: 'failed', fault });
  }

  /** @throws Fault `bad-argument`, `not-found` */
  #config(scheduler: string): Config {
    const plugin = this.#plugins.usable.find(({ id }) => id === scheduler);
    if (plugin === undefined) throw new Fault('not-found', { kind: 'plugin', id: scheduler });
    return configOf(plugin.manifest, { ...this.#plugins.configOf(plugin), ...this.request.configs[scheduler] });
  }

  #take(at: number, { vms, hosts, shares: rows, note }: Moves, elapsed: number): void {
    const { columns, before: growth } = this.ground;
    const moves: Move[] = [];
    for (const [index, vm] of vms.entries()) {
      const host = hosts[index] ?? -1;
      if (columns.vmHost[vm] !== host) moves.push({ vm, host });
    }
    const before = this.#contenders[at];
    if (before === undefined) return;
    const proposed = sharesOf(rows);
    const [wrong] = [...checkMoves(columns, moves), ...checkShares(columns, moves, proposed)];
    if (wrong !== undefined) {
      this.#set(at, { refused: before.refused + 1, refusal: wrong.reason });
      return;
    }
    const shares = changing(columns, proposed);
    const sample = {
      at: Math.round(elapsed),
      cost: costAfter(columns, this.weights, moves, growth, shares),
      moves: moves.length
    };
    this.#set(at, { moves, shares, note, samples: [...before.samples, sample] });
  }

  #set(at: number, change: Partial<Contender>): void {
    this.#contenders = this.#contenders.map((one, index) => (index === at ? { ...one, ...change } : one));
  }
}
