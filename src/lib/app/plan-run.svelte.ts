// Steps of approved plans are run: in their order, one at a time for each host, each checked on the newest fleet before. What became
// of them is kept with the plan. Migrations would be one more kind of job here.
import type { Host, Vm } from '#lib/model/fleet.ts';
import { mib, vcpus } from '#lib/model/units.ts';
import type { Survey } from '#lib/plan/fleet/survey.ts';
import { nextSteps, standings, tryAgain, WAITING, withProgress } from '#lib/plan/made/progress.ts';
import type { Progress, Run, Standing } from '#lib/plan/made/progress.ts';
import { checkStep } from '#lib/plan/made/step-check.ts';
import type { Plan } from '#lib/plan/made/plan.ts';
import type { PlannedStep } from '#lib/plan/made/planned-step.ts';
import type { PlanRequest } from '#lib/plan/made/request.ts';
import { isLive } from '#lib/ui/vm/hotplug.ts';
import { emptyMap, withEntry, withoutEntry } from './immutable-map.ts';
import { createVm } from './jobs/create-vm.ts';
import { power } from './jobs/power.ts';
import { setMemory } from './jobs/set-memory.ts';
import { setVcpus } from './jobs/set-vcpus.ts';
import { createLike } from './create-like.ts';
import type { Task } from './task.ts';
import type { Tasks } from './tasks.svelte.ts';

/** Steps of a host at once, as the order has it; and of all hosts. */
const PER_HOST = 1;
const AT_ONCE = 10;
/** Ms that the fleet is given to show what a host said is done, and between two looks. */
const SHOWN = 3_000;
const LOOK = 50;

/** Whether steps of that kind are run from here. New VMs are, when it is known what from. */
export const runsHere =
  ({ wanted }: Pick<PlanRequest, 'wanted'>) =>
  ({ kind }: PlannedStep): boolean =>
    kind === 'resize' || kind === 'start' || (kind === 'place' && (wanted?.image ?? null) !== null);

/** `stopping`: what runs is waited for, nothing more begins. */
export type Drive = 'running' | 'stopping';

export class PlanRuns {
  #drives = $state.raw<ReadonlyMap<string, Drive>>(emptyMap());
  readonly #tasks: Tasks;
  readonly #survey: () => Survey;
  readonly #plan: (id: string) => Plan | null;
  readonly #keep: (id: string, run: Run) => void;

  /** @param survey of the fleet as it is at this moment */
  constructor(
    tasks: Tasks,
    survey: () => Survey,
    plan: (id: string) => Plan | null,
    keep: (id: string, run: Run) => void
  ) {
    this.#tasks = tasks;
    this.#survey = survey;
    this.#plan = plan;
    this.#keep = keep;
  }

  /** Null while nothing of the plan is run. */
  of(id: string): Drive | null {
    return this.#drives.get(id) ?? null;
  }

  standings({ run, request }: Plan): readonly Standing[] {
    return run === null ? [] : standings(run, runsHere(request));
  }

  /** What runs is ended, nothing more is begun. */
  stop(id: string): void {
    if (this.#drives.has(id)) this.#drives = withEntry(this.#drives, id, 'stopping');
  }

  /** Runs what can run, what failed before once more; `only`: that step alone. Resolves when nothing more can; never rejects. */
  async start(id: string, only: number | null = null): Promise<void> {
    const plan = this.#plan(id);
    if (plan === null || plan.run === null || this.#drives.has(id)) return;
    this.#drives = withEntry(this.#drives, id, 'running');
    this.findOut(id);
    if (only === null) this.#change(id, tryAgain);
    else this.#change(id, (run) => withProgress(run, only, WAITING));
    let under: readonly Promise<unknown>[] = [];
    for (;;) {
      for (const at of this.#next(id, only).slice(0, AT_ONCE - under.length)) {
        const one: Promise<unknown> = this.#step(id, at).finally(
          () => (under = under.filter((other) => other !== one))
        );
        under = [...under, one];
      }
      if (under.length === 0) break;
      await Promise.race(under);
    }
    this.#drives = withoutEntry(this.#drives, id);
  }

  /**
   * What the fleet shows of the steps: what is where it should be is done, whoever did it; what ran in a tab that was closed is done
   * or is waiting again, as soon as its host can be seen.
   */
  findOut(id: string): void {
    const plan = this.#plan(id);
    if (plan === null || plan.run === null) return;
    const lost = this.of(id) === null;
    const survey = this.#survey();
    let { run } = plan;
    for (const [at, step] of plan.run.steps.entries()) {
      const state = run.progress[at]?.state ?? 'done';
      if (state === 'done' || (state === 'running' && !lost)) continue;
      const seen = checkStep(survey, step);
      const unseen = seen.is === 'stopped' && seen.change?.kind === 'host-offline';
      if (seen.is === 'done') run = withProgress(run, at, now('done'));
      else if (state === 'running' && !unseen) run = withProgress(run, at, WAITING);
    }
    if (run !== plan.run) this.#keep(id, run);
  }

  #next(id: string, only: number | null): readonly number[] {
    const plan = this.#plan(id);
    if (plan === null || plan.run === null || this.of(id) !== 'running') return [];
    return nextSteps(plan.run, runsHere(plan.request), PER_HOST, only);
  }

  async #step(id: string, at: number): Promise<void> {
    const plan = this.#plan(id);
    const step = plan?.run?.steps[at];
    if (plan === null || step === undefined) return;
    // A plan that was approved anew meanwhile has other steps.
    const tell = (progress: Progress): void =>
      this.#change(id, (run) => (run.steps[at] === step ? withProgress(run, at, progress) : run));
    const survey = this.#survey();
    const seen = checkStep(survey, step);
    if (seen.is !== 'free') {
      tell(seen.is === 'done' ? now('done') : { ...now('stopped'), change: seen.change, lacks: seen.lacks });
      return;
    }
    tell(now('running'));
    const failed = (await this.#run(step, survey, plan.request)).find(({ status }) => status !== 'done');
    if (failed === undefined) await this.#shown(step);
    tell(failed === undefined ? now('done') : { ...now('failed'), fault: failed.fault });
  }

  /** Its jobs, one after another, until one is not done. */
  async #run(step: PlannedStep, { hosts, vms }: Survey, { wanted }: PlanRequest): Promise<readonly Task[]> {
    const host = hosts.find(({ id }) => id === step.host);
    if (host === undefined) return [];
    if (step.kind === 'place') {
      const like = vms.find((vm) => vm?.id === wanted?.like);
      if (like === undefined || like === null || wanted === null) return [];
      const { task } = await this.#tasks.start(
        createVm,
        { host },
        createLike(host, like, step.name, wanted.image ?? '')
      );
      return [task];
    }
    const vm = vms.find((one) => one?.id === step.vm) ?? null;
    if (vm === null) return [];
    if (step.kind === 'start') return [(await this.#tasks.start(power('start'), { host, vm }, null)).task];
    return this.#resize(step, host, vm);
  }

  async #resize(step: PlannedStep, host: Host, vm: Vm): Promise<readonly Task[]> {
    const tasks: Task[] = [];
    const when = (what: 'vcpus' | 'memory') => (isLive(host, vm, what, step[what]) ? 'now' : 'next-boot');
    if (step.vcpus !== vm.vcpus) {
      const input = { vcpus: vcpus(step.vcpus), when: when('vcpus') } as const;
      tasks.push((await this.#tasks.start(setVcpus, { host, vm }, input)).task);
    }
    if (step.memory !== vm.memory && tasks.every(({ status }) => status === 'done')) {
      const input = { memory: mib(step.memory), when: when('memory') } as const;
      tasks.push((await this.#tasks.start(setMemory, { host, vm }, input)).task);
    }
    return tasks;
  }

  /** Until the fleet shows it: the next step is checked on that. */
  async #shown(step: PlannedStep): Promise<void> {
    for (let waited = 0; waited < SHOWN && checkStep(this.#survey(), step).is !== 'done'; waited += LOOK) {
      await new Promise((resolve) => setTimeout(resolve, LOOK));
    }
  }

  #change(id: string, change: (run: Run) => Run): void {
    const run = this.#plan(id)?.run ?? null;
    if (run !== null) this.#keep(id, change(run));
  }
}

const now = (state: Progress['state']): Progress => ({ ...WAITING, state, at: Date.now() });
