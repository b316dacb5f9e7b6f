// The plugin's side of the port: holds the fleet, calls the plugin, answers. Runs wherever there is something to post with: in the
// sandbox's worker (`worker.ts`), and in tests in Node.
import { FleetView } from '../plugin/fleet-view.ts';
import type { Columns } from '../plugin/columns.ts';
import type { Intent, Scheduler } from '../plugin/scheduler.ts';
import { Random } from '../plan/search/random.ts';
import type { ConsoleCapture } from './console-capture.ts';
import { changed } from './fleet-change.ts';
import { LIMITS } from './messages.ts';
import type { Answer, Asked, ProposeTerms, Terms } from './messages.ts';
import { unpacked } from './parcel.ts';
import { propose } from './propose.ts';
import { rank } from './rank.ts';
import { Broken, reasonOf } from './words.ts';

export type Realm = {
  readonly post: (answer: Answer) => void;
  /** Milliseconds; never falls. */
  readonly now: () => number;
  /** Evaluates a module. @returns its default export */
  readonly load: (source: string) => Promise<unknown>;
  readonly console: ConsoleCapture;
};

export class Runtime {
  readonly #realm: Realm;
  #scheduler: Scheduler | null = null;
  #columns: Columns | null = null;

  constructor(realm: Realm) {
    this.#realm = realm;
  }

  /** Answers once, `propose` with proposals before. Never rejects. */
  async answer(ask: Asked): Promise<void> {
    try {
      this.#realm.post(await this.#answer(ask));
    } catch (thrown) {
      this.#realm.post({ is: 'failed', reason: reasonOf(thrown), said: this.#realm.console.take() });
    }
  }

  async #answer(ask: Asked): Promise<Answer> {
    switch (ask.ask) {
      case 'load':
        return this.#load(ask.source);
      case 'fleet':
        this.#columns = unpacked(ask.parcel);
        return { is: 'kept' };
      case 'change':
        if (this.#columns === null) throw new Broken('was told of a change before it had a fleet');
        this.#columns = changed(this.#columns, ask.change);
        return { is: 'kept' };
      case 'rank': {
        const { scheduler, fleet } = this.#ready();
        const ranking = rank(scheduler, fleet, ask.vms, this.#intent(ask));
        return { is: 'ranked', ...ranking, said: this.#realm.console.take() };
      }
      case 'propose': {
        const { scheduler, fleet } = this.#ready();
        propose(scheduler, fleet, this.#intent(ask), (moves) => this.#realm.post({ is: 'proposal', ...moves }));
        return { is: 'done', said: this.#realm.console.take() };
      }
    }
  }

  async #load(source: string): Promise<Answer> {
    const made = await this.#realm.load(source);
    if (typeof made !== 'object' || made === null) throw new Broken('has no default export that is an object');
    const scheduler = made as Scheduler;
    // As text: what is no plain data ends here.
    const manifest = JSON.stringify(scheduler.manifest) as string | undefined;
    if (manifest === undefined) throw new Broken('has no manifest');
    if (manifest.length > LIMITS.manifest) throw new Broken('has a manifest that is too large');
    const has = (name: 'filter' | 'score' | 'propose'): boolean => typeof scheduler[name] === 'function';
    this.#scheduler = scheduler;
    const can = { filter: has('filter'), score: has('score'), propose: has('propose') };
    return { is: 'loaded', manifest, can, said: this.#realm.console.take() };
  }

  /** A fleet as it was handed over, whatever the plugin was asked before. */
  #ready(): { scheduler: Scheduler; fleet: FleetView } {
    if (this.#scheduler === null || this.#columns === null) throw new Broken('was asked before it had a fleet');
    return { scheduler: this.#scheduler, fleet: new FleetView(this.#columns) };
  }

  #intent(terms: Terms & Partial<ProposeTerms>): Intent {
    const { now } = this.#realm;
    const began = now();
    const random = new Random(terms.seed);
    return {
      kind: terms.kind ?? 'place',
      place: terms.place ?? [],
      leave: terms.leave ?? [],
      weights: terms.weights,
      config: terms.config,
      budget: terms.budget ?? RANK_BUDGET,
      seed: terms.seed,
      elapsed: () => now() - began,
      random: () => random.next()
    };
  }
}

/** Milliseconds; what ranking takes longer than its deadline is stopped from outside. */
const RANK_BUDGET = 5_000;
