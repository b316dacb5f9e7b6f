// The plans of this browser: drafts, plans made and approved. Loaded when a page wants plans; but for maintenance, commands are sent
// by `runs` alone.
import { en } from '#lib/messages/en.ts';
import { Fault } from '#lib/model/fault.ts';
import type { Fleet, Vm } from '#lib/model/fleet.ts';
import type { Asked } from '#lib/plan/fleet/survey.ts';
import { groundOf, growthOf, offOf, wantedLike, type Ground } from '#lib/plan/made/ground.ts';
import { chosenOf, hasRun, type Answer, type Emptying, type Plan } from '#lib/plan/made/plan.ts';
import { recheck, type Recheck } from '#lib/plan/made/changes.ts';
import type { PlannedStep } from '#lib/plan/made/planned-step.ts';
import { newRun } from '#lib/plan/made/progress.ts';
import { NEW_REQUEST, type PlanRequest, type PlanScope } from '#lib/plan/made/request.ts';
import { movesOf, undoOf, type Undo } from '#lib/plan/made/undo.ts';
import { compileQuery } from '#lib/query/compile.ts';
import { emptyMap, withEntry, withoutEntry } from '../immutable-map.ts';
import { setOf } from '../immutable-set.ts';
import { Contest } from './contest.svelte.ts';
import { setMaintenance } from '../jobs/set-maintenance.ts';
import { backAnswer } from './back.ts';
import { PlanChannel, type Ask } from './channel.ts';
import { nameOfPlan, planGroup } from './group.ts';
import { PlanLock } from './lock.ts';
import { PlanRuns } from './run.svelte.ts';
import { PlanStore } from './store.ts';
import type { Planning } from './planning.svelte.ts';
import type { Plugins } from '../plugins/plugins.svelte.ts';
import type { Tasks } from '../tasks/tasks.svelte.ts';

/** A plan on the newest fleet; `fault`: it names what is not there any more. */
export type Look =
  { readonly ground: Ground; readonly recheck: Recheck; readonly fault: null } | { readonly fault: Fault };

export class Planner {
  readonly planning: Planning;
  readonly plugins: Plugins;
  readonly runs: PlanRuns;
  #plans = $state.raw<readonly Plan[]>([]);
  #contests = $state.raw<ReadonlyMap<string, Contest>>(emptyMap());
  #faults = $state.raw<ReadonlyMap<string, Fault>>(emptyMap());
  /** What plans of this tab were made on. */
  #grounds: ReadonlyMap<string, Ground> = emptyMap();
  readonly #store: PlanStore;
  readonly #channel = new PlanChannel();
  readonly #fleet: () => Fleet;
  readonly #tasks: Tasks;

  private constructor(planning: Planning, plugins: Plugins, store: PlanStore, fleet: () => Fleet, tasks: Tasks) {
    this.planning = planning;
    this.plugins = plugins;
    this.#store = store;
    this.#fleet = fleet;
    this.#tasks = tasks;
    this.runs = new PlanRuns({
      tasks,
      lock: new PlanLock('locks' in navigator ? navigator.locks : null),
      fleet,
      survey: () => planning.survey(),
      plan: (id) => this.plan(id),
      keep: (id, run) => this.#change(id, { run }),
      renew: (id) => this.#renew(id),
      name: (plan) => nameOfPlan(en, plan, fleet()),
      onFar: (plan, running, far, since) => tasks.tellGroup(planGroup(fleet(), plan, running, far, since))
    });
    this.#channel.listen(
      (id) => void this.#renew(id),
      (id, ask) => {
        if (this.runs.of(id) !== null) this.ask(id, ask);
      }
    );
  }

  /** @param fleet as it is shown at this moment */
  static async open(planning: Planning, plugins: Plugins, fleet: () => Fleet, tasks: Tasks): Promise<Planner> {
    const store = await PlanStore.open();
    const planner = new Planner(planning, plugins, store, fleet, tasks);
    planner.#plans = (await store.all()).sort(byAge);
    return planner;
  }

  /** Newest first. */
  get plans(): readonly Plan[] {
    return this.#plans;
  }
  plan(id: string): Plan | null {
    return this.#plans.find((plan) => plan.id === id) ?? null;
  }
  /** What is being asked for a plan; null when nothing is. */
  contest(id: string): Contest | null {
    return this.#contests.get(id) ?? null;
  }
  /** Why it could not even be asked for. */
  faultOf(id: string): Fault | null {
    return this.#faults.get(id) ?? null;
  }

  /** Keeps what is to be asked for. @returns the id of the plan */
  draft(request: PlanRequest, id: string = newId()): string {
    const { weights } = this.planning;
    this.#keep({ id, at: Date.now(), request, weights, answers: [], chosen: null, ...UNAPPROVED });
    return id;
  }

  /** Keeps a plan that was made elsewhere, its first answer chosen. @param ground it was made on @returns its id */
  adopt(request: PlanRequest, answers: readonly Answer[], ground: Ground): string {
    const id = this.draft(request);
    this.#grounds = withEntry(this.#grounds, id, ground);
    this.#change(id, { answers, chosen: answers[0]?.scheduler ?? null });
    return id;
  }

  /** Asks the schedulers of a plan, which loses the answers it had; one that has run stays as it is. */
  async run(id: string): Promise<void> {
    const plan = this.plan(id);
    if (plan === null || hasRun(plan) || this.#contests.has(id)) return;
    this.#faults = withoutEntry(this.#faults, id);
    this.withdraw(id);
    if (plan.request.kind === 'undo') {
      this.#goBack(id);
      return;
    }
    const { weights } = this.planning;
    let contest: Contest;
    try {
      contest = new Contest(this.plugins, plan.request, weights, this.groundNow(plan.request));
    } catch (thrown) {
      this.#faults = withEntry(this.#faults, id, Fault.from(thrown));
      return;
    }
    this.#contests = withEntry(this.#contests, id, contest);
    const answers = await contest.run();
    this.#contests = withoutEntry(this.#contests, id);
    const now = this.plan(id);
    if (now === null || hasRun(now)) return; // removed, or run in another tab, meanwhile
    this.#grounds = withEntry(this.#grounds, id, contest.ground);
    const [only] = answers;
    const chosen = answers.length === 1 && only !== undefined && only.moves !== null ? only.scheduler : null;
    this.#keep({ ...plan, at: Date.now(), weights, answers, chosen, ...UNAPPROVED });
  }

  /** Asks for it once more: of one that has run, in a plan of its own. @returns the id of the one that is asked for */
  again(id: string): string {
    const plan = this.plan(id);
    const { back = null } = plan?.request ?? {};
    const fresh = plan === null || !hasRun(plan) ? id : (this.#wayBack(back?.of) ?? this.draft(plan.request));
    void this.run(fresh);
    return fresh;
  }

  /** What is to become of a run, wherever it runs. */
  ask(id: string, ask: Ask): void {
    if (this.runs.elsewhere(id)) this.#channel.ask(id, ask);
    else if (ask === 'pause') this.runs.pause(id);
    else this.runs.abort(id, ask === 'abort-now');
  }

  /** The way back from what a plan has done; null of one that was not run. */
  undoOf({ run }: Plan): Undo | null {
    return run === null ? null : undoOf(run, this.planning.survey());
  }

  /**
   * Keeps the way back as a plan of its own, to be approved and run.
   * @param also plans whose moves go back with it @returns its id; null when there is nothing to undo
   */
  undo(id: string, also: readonly string[] = []): string | null {
    const way = this.#wayBack(id, also);
    if (way !== null) this.#goBack(way);
    return way;
  }

  #wayBack(id: string | undefined, also: readonly string[] = []): string | null {
    const plan = this.plan(id ?? '');
    const undo = plan === null ? null : this.undoOf(plan);
    if (plan === null || undo === null) return null;
    const moves = movesOf([...also.flatMap((other) => this.undoOf(this.plan(other) ?? plan) ?? []), undo]);
    if (moves.length + undo.resizes.length + undo.shares.length === 0) return null;
    const back = { of: plan.id, moves, shares: undo.shares };
    return this.draft({ ...NEW_REQUEST, kind: 'undo', back, resizes: undo.resizes });
  }

  cancel(id: string): void {
    this.#contests.get(id)?.cancel();
  }

  /** Of one that has not run. */
  choose(id: string, scheduler: string | null): void {
    if (this.#isRecord(id)) return;
    this.withdraw(id);
    this.#change(id, { chosen: scheduler });
  }

  /**
   * Hosts that an approved plan drains go into maintenance, and stay in it until somebody ends it. One that has run stays as it is.
   * @param vms of the steps approved
   */
  approve(id: string, vms: readonly string[], steps: readonly PlannedStep[]): void {
    const plan = this.plan(id);
    if (plan === null || hasRun(plan)) return;
    this.#change(id, { approved: vms, run: newRun(steps, Date.now()), emptying: this.#emptying(plan.request) });
    this.#maintain(id);
  }

  /** Takes its approval back, while nothing of it was begun. */
  withdraw(id: string): void {
    if ((this.plan(id)?.approved ?? null) !== null && !this.#isRecord(id)) this.#change(id, UNAPPROVED);
  }

  /** With the record of what it has done, if it has run. */
  remove(id: string): void {
    this.cancel(id);
    this.runs.pause(id);
    this.#plans = this.#plans.filter((plan) => plan.id !== id);
    this.#grounds = withoutEntry(this.#grounds, id);
    void this.#store.remove(id).then(() => this.#channel.tellKept(id));
  }

  #isRecord(id: string): boolean {
    const plan = this.plan(id);
    return plan !== null && hasRun(plan);
  }

  /** The maintenances of hosts that it empties. */
  #emptying({ kind, leave }: PlanRequest): readonly Emptying[] {
    if (kind !== 'evacuate') return [];
    return leave.flatMap((host) => {
      const maintenance = this.#fleet().hosts.get(host)?.facts?.maintenance ?? null;
      return maintenance === null ? [] : [{ host, since: maintenance.since }];
    });
  }

  /** Nothing comes to the hosts that the plan drains. */
  #maintain(id: string): void {
    for (const change of this.plan(id)?.request.branch ?? []) {
      const host = change.what === 'drain' ? this.#fleet().hosts.get(change.host) : undefined;
      if (host?.facts?.maintenance !== null) continue;
      void this.#tasks.start(setMaintenance, { host }, { on: true, reason: '' });
    }
  }

  /** No scheduler is asked: the request says where each VM goes. */
  #goBack(id: string): void {
    const plan = this.plan(id);
    if (plan === null) return;
    const begun = performance.now();
    try {
      const ground = this.groundNow(plan.request);
      const answer = backAnswer(plan.request, ground, plan.weights, () => Math.round(performance.now() - begun));
      this.#grounds = withEntry(this.#grounds, id, ground);
      this.#keep({ ...plan, at: Date.now(), answers: [answer], chosen: answer.scheduler, ...UNAPPROVED });
    } catch (thrown) {
      this.#faults = withEntry(this.#faults, id, Fault.from(thrown));
    }
  }

  /** As another tab has kept it; what this tab runs is only kept here, and what it has changed meanwhile is newer than what was read. */
  async #renew(id: string): Promise<void> {
    if (!this.#store.keeps || this.runs.of(id) !== null) return;
    const before = this.plan(id);
    const plan = await this.#store.get(id);
    if (this.runs.of(id) !== null || this.plan(id) !== before) return;
    const others = this.#plans.filter((other) => other.id !== id);
    this.#plans = plan === null ? others : [plan, ...others].sort(byAge);
  }

  /** What the plan was made on; null when that was before this tab. */
  groundOf(id: string): Ground | null {
    return this.#grounds.get(id) ?? null;
  }

  /** The plan on the newest fleet; of another answer than the chosen one too. */
  look(plan: Plan, answer: Answer | null = chosenOf(plan)): Look {
    try {
      const ground = this.groundNow(plan.request);
      return { ground, recheck: recheck(ground.columns, answer?.moves ?? [], answer?.shares), fault: null };
    } catch (thrown) {
      return { fault: Fault.from(thrown) };
    }
  }

  /** What a plan would be made on now. @throws Fault `not-found` */
  groundNow(request: PlanRequest): Ground {
    const { kind, wanted } = request;
    const vm = kind === 'place' && wanted !== null ? this.#vm(wanted.like) : null;
    const off = offOf(request);
    const survey = this.planning.survey({
      ...scopeOf(request.scope),
      ...(off === undefined ? {} : { off }),
      pins: kind === 'rebalance',
      wanted: vm === null || wanted === null ? [] : wantedLike(vm, wanted.count, wanted.image),
      ...growthOf(request)
    });
    return groundOf(request, survey, this.planning.weights);
  }

  #vm(id: Vm['id']): Vm {
    for (const host of this.#fleet().hosts.values()) {
      const vm = host.vms.get(id);
      if (vm !== undefined) return vm;
    }
    throw new Fault('not-found', { kind: 'VM', id });
  }

  #change(id: string, change: Partial<Plan>): void {
    const plan = this.plan(id);
    if (plan !== null) this.#keep({ ...plan, ...change, at: Date.now() });
  }

  #keep(plan: Plan): void {
    this.#plans = [plan, ...this.#plans.filter(({ id }) => id !== plan.id)].sort(byAge);
    void this.#store.put(plan).then(() => this.#channel.tellKept(plan.id));
  }
}

const UNAPPROVED = { approved: null, run: null, emptying: [] } as const satisfies Partial<Plan>;

/** Also where the browser has no `randomUUID`: pages without TLS. */
const newId = (): string =>
  [...crypto.getRandomValues(new Uint8Array(8))].map((byte) => byte.toString(16).padStart(2, '0')).join('');

const byAge = (one: Plan, other: Plan): number => other.at - one.at;

function scopeOf(scope: PlanScope): Pick<Asked, 'scope'> {
  switch (scope.kind) {
    case 'all':
      return {};
    case 'site':
      return { scope: (_, host) => host.site === scope.site };
    case 'hosts': {
      const hosts = setOf(scope.hosts);
      return { scope: (_, host) => hosts.has(host.id) };
    }
    case 'query': {
      const query = compileQuery(scope.query);
      return { scope: (vm, host) => query.vm(host, vm) };
    }
  }
}
