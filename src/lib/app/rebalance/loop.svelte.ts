// The rebalance loop of this browser: every round measures, looks for a plan where one could pay, and proposes or runs it. One tab
// leads (Web Locks); the others show what it does. Loaded when it is switched on, or looked at.
import type { Messages } from '#lib/messages/messages.ts';
import { Fault } from '#lib/model/fault.ts';
import { inMaintenance, isUnheard, type Fleet } from '#lib/model/fleet.ts';
import { stateOf, type Answer } from '#lib/plan/made/plan.ts';
import { movesIn } from '#lib/plan/made/planned-move.ts';
import { NEW_REQUEST, type PlanRequest } from '#lib/plan/made/request.ts';
import { Contest } from '../plans/contest.svelte.ts';
import { foundWords } from '#lib/ui/plan/rebalance-words.ts';
import { sharesIn } from '#lib/plan/made/planned-share.ts';
import { approveWhole } from '../plans/approval.ts';
import type { Planner } from '../plans/planner.svelte.ts';
import type { Planning } from '../plans/planning.svelte.ts';
import { recall, remember } from '../remembered.ts';
import type { Toasts } from '../notices/toasts.svelte.ts';
import { dismissed, FRESH, glance, judge, ran, type Hindrance, type Measured } from '#lib/plan/rebalance/decide.ts';
import { Watch } from '#lib/plan/rebalance/hindrance.ts';
import { costNow, imbalanceNow, openHosts, proposalOf, spreadOf } from '#lib/plan/rebalance/measure.ts';
import { MOST_ROUNDS, RoundStore, type Kept, type Round } from './round-store.ts';
import { DEFAULT_REBALANCE, minuteOfDay, readRebalance, type RebalanceSettings } from '#lib/plan/rebalance/settings.ts';

/** Tried in this order. */
const USUAL = ['min-cost', 'spread'];
/** Ms a scheduler has. */
const BUDGET = 2_000;
/** Rounds in which links and maintenance must have stayed as they are. */
const CALM = 2;
/** Ms between two looks whether the hosts of a page just loaded have been heard. */
const SOON = 500;
const NAME = 'smps-rebalance';

export type RebalanceWorld = {
  readonly planning: Planning;
  readonly fleet: () => Fleet;
  readonly toasts: Toasts;
  readonly messages: () => Promise<Messages>;
};

export class Rebalance {
  readonly planner: Planner;
  #settings = $state.raw<RebalanceSettings>(DEFAULT_REBALANCE);
  #kept = $state.raw<Kept>({ state: FRESH, plan: null });
  #rounds = $state.raw<readonly Round[]>([]);
  #leads = $state.raw(false);
  #failure = $state.raw<Fault | null>(null);
  readonly #world: RebalanceWorld;
  readonly #store: RoundStore;
  readonly #watch = new Watch();
  readonly #others = 'BroadcastChannel' in globalThis ? new BroadcastChannel(NAME) : null;
  #leading: AbortController | null = null;
  /** Plans ran in the last round. */
  #ranPlans = false;
  #wake: () => void = () => undefined;

  private constructor(world: RebalanceWorld, planner: Planner, store: RoundStore) {
    this.#world = world;
    this.planner = planner;
    this.#store = store;
    this.#settings = readRebalance(recall('rebalance'));
  }

  static async open(world: RebalanceWorld): Promise<Rebalance> {
    const [planner, store] = await Promise.all([world.planning.planner, RoundStore.open()]);
    const loop = new Rebalance(world, planner, store);
    await loop.#read();
    return loop;
  }

  /** Leads from now on if it is switched on and no other tab does, until the answered function is called. */
  start(): () => void {
    const reread = (): void => void this.#read();
    const resettle = ({ key }: StorageEvent): void => {
      if (key === NAME) this.#apply(readRebalance(recall('rebalance')));
    };
    this.#others?.addEventListener('message', reread);
    addEventListener('storage', resettle);
    this.#apply(this.#settings);
    return () => {
      this.#leading?.abort();
      removeEventListener('storage', resettle);
      this.#others?.close();
    };
  }

  get settings(): RebalanceSettings {
    return this.#settings;
  }
  set settings(settings: RebalanceSettings) {
    remember('rebalance', JSON.stringify(settings));
    this.#apply(settings);
  }
  /** Oldest first. */
  get rounds(): readonly Round[] {
    return this.#rounds;
  }
  /** Whether it is this tab that does it. */
  get leads(): boolean {
    return this.#leads;
  }
  /** Why the last round of this tab came to no decision; null: it did. */
  get failure(): Fault | null {
    return this.#failure;
  }
  /** False where tabs cannot agree on one of them: without TLS. */
  get possible(): boolean {
    return 'locks' in navigator;
  }
  /** The plan that waits for the operator; null: none. */
  get proposal(): string | null {
    return this.#kept.state.standing ? this.#kept.plan : null;
  }

  /** Approves the plan that waits, as far as it can still be, and runs it. @returns whether anything can be run */
  accept(): boolean {
    const plan = this.proposal;
    if (plan === null || approveWhole(this.planner, plan) === 0) return false;
    void this.#run(plan);
    return true;
  }

  /** As it is now it is well. */
  async dismiss(): Promise<void> {
    await this.#keep({ state: dismissed(this.#kept.state), plan: null });
  }

  #apply(settings: RebalanceSettings): void {
    this.#settings = settings;
    if (settings.level === 'off' || !this.possible) {
      this.#leading?.abort();
      this.#leading = null;
    } else if (this.#leading === null) {
      this.#leading = new AbortController();
      void this.#lead(this.#leading.signal);
    } else this.#wake();
  }

  async #lead(signal: AbortSignal): Promise<void> {
    await navigator.locks
      .request(NAME, { signal }, async () => {
        this.#leads = true;
        try {
          await this.#read();
          await this.#hostsHeard(signal);
          while (!signal.aborted) {
            await this.#tryRound();
            await this.#pause(signal, this.#settings.every);
          }
        } finally {
          // While the lock is held: whoever has it next may be this tab, switched on again.
          this.#leads = false;
        }
      })
      .catch(() => undefined);
  }

  /** What is on hosts that are being linked to is not known: not for longer than to the next round. */
  async #hostsHeard(signal: AbortSignal): Promise<void> {
    const until = Date.now() + this.#settings.every;
    const waits = (): boolean => [...this.#world.fleet().hosts.values()].some(isUnheard);
    while (waits() && Date.now() < until && !signal.aborted) await this.#pause(signal, SOON);
  }

  /** Other settings end it, also those that came while the last round was decided. */
  #pause(signal: AbortSignal, time: number): Promise<void> {
    return new Promise((resolve) => {
      const end = (): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', end);
        resolve();
      };
      const timer = setTimeout(end, time);
      this.#wake = end;
      signal.addEventListener('abort', end);
      if (signal.aborted) end();
    });
  }

  /** The next one is begun all the same: what was in the way of this one may be gone by then. */
  async #tryRound(): Promise<void> {
    try {
      await this.#round();
      this.#failure = null;
    } catch (thrown) {
      const again = this.#failure !== null;
      this.#failure = Fault.from(thrown);
      if (!again) void this.#tell(({ rebalance }) => rebalance.noticeFailed, 'bad');
    }
  }

  async #round(): Promise<void> {
    const { planner } = this;
    const settings = this.#settings;
    this.#follow();
    const request = this.#request();
    const ground = planner.groundNow(request);
    const { columns } = ground;
    const { weights } = planner.planning;
    const at = Date.now();
    const seen: Measured = {
      at,
      minute: minuteOfDay(at),
      cost: imbalanceNow(columns, weights),
      hosts: openHosts(columns).length,
      hindrance: this.#hindrance(request, at)
    };
    let step = glance(this.#kept.state, settings, seen);
    let found: Round['found'] = null;
    let answers: readonly Answer[] = [];
    if (step === null) {
      answers = await new Contest(planner.plugins, request, weights, ground).run();
      const [answer] = answers;
      if (answer?.state === 'done') {
        const moves = movesIn(columns, answer.moves ?? []).filter(({ vm, host }) => vm >= 0 && host >= 0);
        const shares = sharesIn(columns, answer.shares).filter(({ vm }) => vm >= 0);
        found = proposalOf(columns, weights, moves, shares);
        step = judge(this.#kept.state, settings, seen, found);
      } else step = glance(this.#kept.state, settings, { ...seen, hindrance: 'failed' });
      // It was switched off meanwhile.
      if (step === null || this.#settings.level === 'off') return;
    }
    const { state, decision } = step;
    let { plan } = this.#kept;
    if (decision.is === 'gone') plan = null;
    if (decision.is === 'propose' || decision.is === 'run') plan = planner.adopt(request, answers, ground);
    const concerns = ['propose', 'run', 'standing', 'gone'].includes(decision.is);
    const spread = spreadOf(columns);
    const round: Round = {
      at: seen.at,
      cost: costNow(columns, weights),
      spread,
      found,
      decision,
      plan: concerns ? plan : null
    };
    this.#rounds = [...this.#rounds, round].slice(-MOST_ROUNDS);
    await this.#keep({ state, plan }, round);
    if (decision.is === 'propose' || decision.is === 'run') {
      const say = decision.is === 'run' ? 'noticeRuns' : 'noticeProposed';
      void this.#tell((m) => m.rebalance[say](foundWords(m, found)), 'info');
    }
    if (decision.is === 'run' && plan !== null && approveWhole(planner, plan) > 0) await this.#run(plan);
  }

  /** Never rejects: what cannot be said for want of words stands on the page all the same. */
  async #tell(say: (m: Messages) => string, tone: 'info' | 'bad'): Promise<void> {
    const messages = await this.#world.messages().catch(() => null);
    if (messages !== null) this.#world.toasts.show(() => say(messages), tone, NAME);
  }

  /** What became of the plan that waits, and of those that ran. */
  #follow(): void {
    const { plans, runs } = this.planner;
    const runsNow = plans.some(({ id }) => runs.of(id) !== null || runs.elsewhere(id));
    const { state, plan } = this.#kept;
    const waiting = plan === null ? null : this.planner.plan(plan);
    if (state.standing && waiting === null) this.#kept = { state: dismissed(state), plan: null };
    else if (state.standing && waiting !== null && stateOf(waiting) === 'done') this.#ended(true);
    else if (this.#ranPlans && !runsNow) this.#ended(true);
    this.#ranPlans = runsNow;
  }

  async #run(plan: string): Promise<void> {
    await this.planner.runs.start(plan);
    const now = this.planner.plan(plan);
    this.#ranPlans = false;
    this.#ended(now !== null && stateOf(now) === 'done');
    await this.#keep(this.#kept);
  }

  #ended(whole: boolean): void {
    this.#kept = { state: ran(this.#kept.state, this.#settings, Date.now(), whole), plan: null };
  }

  /** VMs of hosts in maintenance are their operators' to move. */
  #request(): PlanRequest {
    const all = [...this.#world.fleet().hosts.values()];
    const open = all.filter((host) => !inMaintenance(host));
    const ids = this.planner.plugins.usable.map(({ id }) => id);
    const scheduler = USUAL.find((id) => ids.includes(id)) ?? ids[0];
    return {
      ...NEW_REQUEST,
      scope: open.length === all.length ? { kind: 'all' } : { kind: 'hosts', hosts: open.map(({ id }) => id) },
      schedulers: scheduler === undefined ? [] : [scheduler],
      budget: BUDGET
    };
  }

  #hindrance({ schedulers }: PlanRequest, at: number): Hindrance | null {
    const { plans, runs } = this.planner;
    const { hosts } = this.#world.fleet();
    const moving = this.#watch.look({ hosts }, at, CALM * this.#settings.every);
    if ([...hosts.values()].filter(({ link }) => link === 'online').length < 2) return 'few-hosts';
    if (schedulers.length === 0) return 'no-scheduler';
    return plans.some(({ id }) => runs.of(id) !== null || runs.elsewhere(id)) ? 'plan-runs' : moving;
  }

  async #keep(kept: Kept, round: Round | null = null): Promise<void> {
    this.#kept = kept;
    await this.#store.put(round, kept);
    this.#others?.postMessage(null);
  }

  async #read(): Promise<void> {
    [this.#rounds, this.#kept] = await Promise.all([this.#store.rounds(), this.#store.kept()]);
  }
}
