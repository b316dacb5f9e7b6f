// Approved plans run: in their order, within their limits, each step checked on the newest fleet before. What became of the steps is
// kept with the plan, so that a run outlives its tab; one tab at a time runs a plan, the others see it.
import type { Fault } from '#lib/model/fault.ts';
import type { Fleet } from '#lib/model/fleet.ts';
import type { Survey } from '#lib/plan/fleet/survey.ts';
import type { Plan } from '#lib/plan/made/plan.ts';
import type { PlannedStep } from '#lib/plan/made/planned-step.ts';
import { logged, tell, tryAgain, WAITING, withProgress } from '#lib/plan/made/progress.ts';
import type { Progress, Run } from '#lib/plan/made/progress.ts';
import { copied, outlook, type Outlook, type Since } from '#lib/plan/made/outlook.ts';
import type { PlanRequest } from '#lib/plan/made/request.ts';
import type { RunOptions } from '#lib/plan/made/run-options.ts';
import { nextSteps, standings, type Standing } from '#lib/plan/made/standing.ts';
import { checkStep, type StepCheck } from '#lib/plan/made/step-check.ts';
import { cancellation } from '../tasks/cancellation.ts';
import { farOf, type Far } from '../tasks/far.ts';
import { emptyMap, withEntry, withoutEntry } from '../immutable-map.ts';
import { setOf } from '../immutable-set.ts';
import { runningOf } from './commands.ts';
import { runStep } from './jobs.ts';
import type { PlanLock } from './lock.ts';
import { printPlanNote } from './note.ts';
import type { Tasks } from '../tasks/tasks.svelte.ts';

/** Ms that the fleet is given to show what a host said is done: of a move, by two hosts. */
const SHOWN = { move: 10_000, other: 3_000 };
/** Ms between two looks for that, and for the truth about steps that are not this tab's own. */
const LOOK = 100;
const FIND = 500;
/** Ms between two times that is told how far it is. */
const TELL = 1_000;
/** Ms after which a VM that neither of two hosts tells of is gone: they never report at the same instant. */
const GONE = 60_000;

/** Whether steps of that kind are run from here. New VMs are, when it is known what from. */
export const runsHere =
  ({ wanted }: Pick<PlanRequest, 'wanted'>) =>
  ({ kind }: PlannedStep): boolean =>
    kind !== 'place' || (wanted?.image ?? null) !== null;

/** `pausing`, `aborting`: what runs is waited for, nothing more begins. */
export type Drive = 'running' | 'pausing' | 'aborting';

export type PlanRunsOptions = {
  readonly tasks: Tasks;
  readonly lock: PlanLock;
  /** As it is shown at this moment. */
  readonly fleet: () => Fleet;
  /** Of that, with nothing asked for. */
  readonly survey: () => Survey;
  readonly plan: (id: string) => Plan | null;
  readonly keep: (id: string, run: Run) => void;
  /** Takes over what another tab has kept of a plan. */
  readonly renew: (id: string) => Promise<void>;
  /** As journals of hosts call a plan. */
  readonly name: (plan: Plan) => string;
  /** Told how far it is: while it is run once a second and with each step, and when that ends. */
  readonly onFar: (plan: Plan, running: boolean, far: Outlook, since: Since) => void;
};

export class PlanRuns {
  #drives = $state.raw<ReadonlyMap<string, Drive>>(emptyMap());
  #since = $state.raw<ReadonlyMap<string, Since>>(emptyMap());
  #elsewhere = $state.raw<ReadonlyMap<string, true>>(emptyMap());
  /** Whose locks this tab has asked for: what holds one of them is this tab itself. */
  #holding: ReadonlyMap<string, true> = emptyMap();
  /** Steps whose commands are this tab's own, by index. */
  #own: ReadonlyMap<string, ReadonlySet<number>> = emptyMap();
  readonly #o: PlanRunsOptions;

  constructor(options: PlanRunsOptions) {
    this.#o = options;
  }

  /** Null while this tab runs nothing of the plan. */
  of(id: string): Drive | null {
    return this.#drives.get(id) ?? null;
  }
  /** Whether another tab runs it. */
  elsewhere(id: string): boolean {
    return this.#elsewhere.has(id);
  }

  standings({ run, request }: Plan): readonly Standing[] {
    return run === null ? [] : standings(run, runsHere(request));
  }

  /** How far a step is whose command runs, whoever sent it; null while its host tells nothing. */
  far(id: string, at: number): Far | null {
    const running = runningOf(this.#o.tasks, this.#o.fleet(), id).filter(({ step }) => step === at);
    return running.map(({ host, command }) => farOf(host, command)).find((far) => far !== null) ?? null;
  }

  outlook(plan: Plan, run: Run, now: number): Outlook {
    return outlook(run, runsHere(plan.request), (at) => this.#part(plan.id, at), this.#since.get(plan.id) ?? null, now);
  }

  /** What it is run with; while it runs, of the steps that are still to begin. */
  setOptions(id: string, options: RunOptions): void {
    this.#change(id, (run) => ({ ...run, options }));
  }

  /** Nothing more is begun. */
  pause(id: string): void {
    if (this.of(id) === 'running') this.#drives = withEntry(this.#drives, id, 'pausing');
  }

  /** Nothing more is begun, and the rest is given up. @param now what runs is cancelled too, where its host can */
  abort(id: string, now: boolean): void {
    if (this.of(id) !== null) this.#drives = withEntry(this.#drives, id, 'aborting');
    else this.#change(id, (run) => logged(run, 'aborted', Date.now()));
    this.#change(id, (run) => ({ ...run, aborted: true }));
    if (!now) return;
    for (const { host, ...one } of runningOf(this.#o.tasks, this.#o.fleet(), id)) {
      if (cancellation(host, one, Date.now()) !== null) void this.#o.tasks.cancel(host, one);
    }
  }

  /** Runs what can run, what failed before once more; `only`: that step alone. Resolves when nothing more can; never rejects. */
  async start(id: string, only: number | null = null): Promise<void> {
    if ((this.#o.plan(id)?.run ?? null) === null || this.#holding.has(id)) return;
    this.#holding = withEntry(this.#holding, id, true);
    const held = await this.#o.lock
      .hold(id, () => this.#drive(id, only))
      .finally(() => (this.#holding = withoutEntry(this.#holding, id)));
    if (!held) await this.look(id);
  }

  /** Whether another tab runs it, and if not, what the fleet shows of its steps. Called again and again while it is shown. */
  async look(id: string): Promise<void> {
    const unknown = (): boolean => !this.#holding.has(id) && !this.elsewhere(id);
    if (unknown() && (await this.#o.lock.isHeld(id)) && unknown()) {
      this.#elsewhere = withEntry(this.#elsewhere, id, true);
      void this.#o.lock.freed(id).then(async () => {
        // Before that, what is found out would be kept in the place of what the other tab has kept last.
        await this.#o.renew(id);
        this.#elsewhere = withoutEntry(this.#elsewhere, id);
        this.findOut(id);
      });
    }
    this.findOut(id);
  }

  /**
   * What is where it should be is done, whoever did it; what ran in a tab that was closed goes on, is done, or is waiting again; what
   * nobody knew the end of is done or failed, as soon as its hosts tell.
   */
  findOut(id: string): void {
    const plan = this.#o.plan(id);
    if (plan === null || plan.run === null || this.elsewhere(id)) return;
    const survey = this.#o.survey();
    let { run } = plan;
    for (const [at, step] of plan.run.steps.entries()) {
      const was = plan.run.progress[at] ?? WAITING;
      if (was.state === 'done' || this.#own.get(id)?.has(at) === true) continue;
      const seen = checkStep(survey, step);
      if (seen.is === 'done') run = tell(run, at, now('done'), 'seen');
      else if ((was.state === 'running' || was.state === 'unknown') && isKnown(seen, was)) {
        run = tell(
          run,
          at,
          was.state === 'running' ? { ...WAITING, at: Date.now() } : now('failed', was.fault),
          'seen'
        );
      }
    }
    if (run !== plan.run) this.#o.keep(id, run);
  }

  async #drive(id: string, only: number | null): Promise<void> {
    await this.#o.renew(id);
    if ((this.#o.plan(id)?.run ?? null) === null) return;
    this.#drives = withEntry(this.#drives, id, 'running');
    this.findOut(id);
    this.#change(id, (run) => {
      const fresh = only === null ? tryAgain(run) : withProgress({ ...run, aborted: false }, only, WAITING);
      const since = { mib: copied(fresh, (at) => this.#part(id, at)), at: Date.now() };
      this.#since = withEntry(this.#since, id, since);
      return logged(fresh, 'run', since.at);
    });
    const timer = setInterval(() => this.#tellFar(id), TELL);
    try {
      await this.#loop(id, only);
    } finally {
      clearInterval(timer);
      const ended = this.of(id);
      this.#drives = withoutEntry(this.#drives, id);
      const end = ended === 'pausing' ? 'paused' : ended === 'aborting' ? 'aborted' : 'ended';
      this.#change(id, (run) => logged(run, end, Date.now()));
      this.#since = withoutEntry(this.#since, id);
      this.#own = withoutEntry(this.#own, id);
    }
  }

  async #loop(id: string, only: number | null): Promise<void> {
    let under: readonly Promise<unknown>[] = [];
    for (;;) {
      for (const at of this.#next(id, only)) {
        const one: Promise<unknown> = this.#step(id, at).finally(
          () => (under = under.filter((other) => other !== one))
        );
        under = [...under, one];
      }
      const lost = this.of(id) === 'running' && this.#lost(id);
      if (under.length === 0 && !lost) return;
      await Promise.race(lost ? [...under, wait(FIND)] : under);
      if (lost) this.findOut(id);
    }
  }

  /** Whether a step is under way that is not this tab's own, or of which nobody knows. */
  #lost(id: string): boolean {
    const progress = this.#o.plan(id)?.run?.progress ?? [];
    return progress.some(
      ({ state }, at) => (state === 'running' || state === 'unknown') && this.#own.get(id)?.has(at) !== true
    );
  }

  #next(id: string, only: number | null): readonly number[] {
    const plan = this.#o.plan(id);
    if (plan === null || plan.run === null || this.of(id) !== 'running') return [];
    return nextSteps(plan.run, runsHere(plan.request), only);
  }

  async #step(id: string, at: number): Promise<void> {
    const plan = this.#o.plan(id);
    const step = plan?.run?.steps[at];
    if (plan === null || plan.run === null || step === undefined) return;
    // A plan that was approved anew meanwhile has other steps.
    const say = (...[progress, what, journal]: [Progress, ('step' | 'seen')?, (number | null)?]): void =>
      this.#change(id, (run) => (run.steps[at] === step ? tell(run, at, progress, what, journal) : run));
    const survey = this.#o.survey();
    const seen = checkStep(survey, step);
    if (seen.is !== 'free') {
      if (seen.is === 'stopped') say({ ...now('stopped'), change: seen.change, lacks: seen.lacks });
      else say(now(seen.is === 'done' ? 'done' : 'running'), 'seen');
      return;
    }
    this.#setOwn(id, at, true);
    say(now('running'));
    const note = printPlanNote({ plan: id, step: at, name: this.#o.name(plan) });
    const part = {
      because: { group: id, step: at, note },
      wanted: () => this.#o.plan(id)?.run?.aborted === false
    };
    const end = await runStep(this.#o.tasks, step, survey, plan.request, plan.run.options, part);
    if (end.status === 'done') await this.#shown(step);
    this.#setOwn(id, at, false);
    const state = end.status === 'done' || end.status === 'unknown' ? end.status : 'failed';
    // Of the journal of the host that has the VM; where the target refused, it stands in another one.
    const of = step.kind === 'move' ? step.from : step.host;
    say(now(state, end.fault), 'step', end.host === of ? end.journal : null);
  }

  #setOwn(id: string, at: number, own: boolean): void {
    const others = [...(this.#own.get(id) ?? [])].filter((other) => other !== at);
    this.#own = withEntry(this.#own, id, setOf(own ? [...others, at] : others));
  }

  /** Until the fleet shows it: the next step is checked on that. */
  async #shown(step: PlannedStep): Promise<void> {
    const most = step.kind === 'move' ? SHOWN.move : SHOWN.other;
    for (let waited = 0; waited < most && checkStep(this.#o.survey(), step).is !== 'done'; waited += LOOK) {
      await wait(LOOK);
    }
  }

  /** 0 to 1 of a step that runs. */
  #part(id: string, at: number): number {
    return (this.far(id, at)?.percent ?? 0) / 100;
  }

  #tellFar(id: string): void {
    const plan = this.#o.plan(id);
    const since = this.#since.get(id);
    if (plan === null || plan.run === null || since === undefined) return;
    this.#o.onFar(plan, this.of(id) !== null, this.outlook(plan, plan.run, Date.now()), since);
  }

  #change(id: string, change: (run: Run) => Run): void {
    const run = this.#o.plan(id)?.run ?? null;
    if (run === null) return;
    this.#o.keep(id, change(run));
    this.#tellFar(id);
  }
}

/** Whether the fleet tells that a step is not under way any more, and was not done. */
function isKnown(seen: StepCheck, { at }: Progress): boolean {
  if (seen.is !== 'stopped') return seen.is === 'free';
  if (seen.change?.kind === 'vm-gone') return Date.now() - at > GONE;
  return seen.change?.kind !== 'host-offline';
}

const now = (state: Progress['state'], fault: Fault | null = null): Progress => ({
  ...WAITING,
  state,
  fault,
  at: Date.now()
});
const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
