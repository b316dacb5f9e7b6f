// The commands of this tab, running and finished, newest first: sent here, followed here, kept until the tab closes.
import type { Messages, Sentence } from '#lib/messages/messages.ts';
import { Fault, type FaultCode } from '#lib/model/fault.ts';
import type { Host } from '#lib/model/fleet.ts';
import type { Millis } from '#lib/model/units.ts';
import type { CommandId, VmId } from '#lib/model/ids.ts';
import type { Op, Reply } from '#lib/protocol/schema.ts';
import type { Client } from '#lib/session/client.ts';
import { commandIdFrom } from '#lib/session/new-command.ts';
import { cancelCommand } from '../jobs/cancel-command.ts';
import type { HostTarget, Job } from '../jobs/job.ts';
import { refusal } from '../permission.ts';
import type { Because, Task, TaskGroup, TaskStatus } from './task.ts';

const KEPT = 500;
/** How a task ends that got no reply; otherwise it failed. */
const STATUS: Readonly<Partial<Record<FaultCode, TaskStatus>>> = {
  unanswered: 'unknown',
  timeout: 'unknown',
  offline: 'refused'
};

/** Whoever shows the sentence ends it. */
const invalid = (sentence: string | null): Fault | null =>
  sentence === null ? null : new Fault('not-sent', { reason: sentence.replace(/[.。]$/, '') });

/** They are what a command's arguments are refused in. */
const unloaded = (): Fault =>
  new Fault('not-sent', {
    reason: 'part of this app could not be loaded: its gateway does not answer, or has another version of it by now'
  });

export class Tasks {
  #list = $state.raw<readonly Task[]>([]);
  #cancelling = $state.raw<readonly CommandId[]>([]);
  #groups = $state.raw<readonly TaskGroup[]>([]);
  #next = 1;
  #leading = 0;
  /** How to give the command of a task once more. */
  readonly #again = new WeakMap<Sentence, (target: HostTarget) => Promise<unknown>>();
  readonly #client: () => Client | null;
  readonly #faultOf: (reply: Reply) => Fault | null;
  readonly #now: () => number;
  readonly #messages: () => Promise<Messages>;
  /** Called with each task that has ended. */
  readonly #onEnd: (task: Task) => void;

  constructor(
    client: () => Client | null,
    faultOf: (reply: Reply) => Fault | null,
    now: () => number,
    messages: () => Promise<Messages>,
    onEnd: (task: Task) => void
  ) {
    this.#client = client;
    this.#faultOf = faultOf;
    this.#now = now;
    this.#messages = messages;
    this.#onEnd = onEnd;
  }

  get list(): readonly Task[] {
    return this.#list;
  }

  get running(): readonly Task[] {
    return this.#list.filter((task) => task.status === 'running');
  }

  /** What tasks of `because` are parts of, newest first. */
  get groups(): readonly TaskGroup[] {
    return this.#groups;
  }

  /** In the place of what was said of it before. */
  tellGroup(group: TaskGroup): void {
    const at = this.#groups.findIndex(({ id }) => id === group.id);
    this.#groups = at < 0 ? [group, ...this.#groups] : this.#groups.with(at, group);
  }

  /** Commands that their hosts have been asked to give up, and have not answered. */
  get cancelling(): readonly CommandId[] {
    return this.#cancelling;
  }

  /** Failures about this VM that the operator has not waved away. */
  openFailures(vm: VmId): readonly Task[] {
    return this.#list.filter((task) => task.vm === vm && task.open && task.fault !== null);
  }

  dismiss(id: number): void {
    this.#list = this.#list.map((task) => (task.id === id ? { ...task, open: false } : task));
  }

  clearFinished(): void {
    this.#list = this.#list.filter((task) => task.status === 'running');
    this.#groups = this.#groups.filter((group) => group.status === 'running');
  }

  /**
   * Sends `job` and follows it to its end. Never rejects: a refusal before sending, the host's refusal, a failure and an
   * unknown end are all ends of the task. `reply` is null when none came.
   */
  async start<O extends Op, Target extends HostTarget, Input>(
    job: Job<O, Target, Input>,
    target: Target,
    input: Input,
    because: Because | null = null
  ): Promise<{ readonly task: Task; readonly reply: Reply | null }> {
    const { host, vm = null } = target;
    const title = job.title(target, input);
    const { op, args, expect = null } = job.command(target, input);
    // A job for VMs is only ever given one again.
    this.#again.set(title, (fresh) => this.start(job, fresh as Target, input, because));
    const task = this.#add({
      id: this.#next++,
      command: commandIdFrom(crypto.getRandomValues(new Uint8Array(16))),
      op,
      title,
      host: host.id,
      hostName: host.name,
      vm: vm?.id ?? null,
      status: 'running',
      startedAt: this.#now() as Millis,
      endedAt: null,
      fault: null,
      effects: [],
      journal: null,
      because,
      open: true,
      by: null
    });
    const client = this.#client();
    const m = await this.#messages().catch(() => null);
    const before = refusal(host, 'viewer') ?? (m === null ? unloaded() : invalid(job.validate(m, target, input)));
    if (before !== null || client === null) {
      const fault = before ?? new Fault('offline', { host: host.name, since: 'this tab opened' });
      return { task: this.#end(task, { status: 'refused', fault }), reply: null };
    }
    const note = because?.note ?? null;
    const ask = (): Promise<Reply> => client.run(host.id, op, args, { expect, id: task.command, note });
    try {
      const reply = await ask();
      return { task: this.#answered(task, reply), reply };
    } catch (thrown) {
      const fault = Fault.from(thrown);
      const ended = this.#end(task, { status: STATUS[fault.code] ?? 'failed', fault });
      if (fault.code === 'unanswered') this.#askLater(client, ended, ask);
      return { task: ended, reply: null };
    }
  }

  /** Whether only this tab knows what is to follow on a command that runs: closed now, it would leave something half done. */
  get leading(): boolean {
    return this.#leading > 0;
  }

  /** A command, or several, on which another of this tab is to follow. @returns what `work` does */
  async lead<Result>(work: () => Promise<Result>): Promise<Result> {
    this.#leading++;
    try {
      return await work();
    } finally {
      this.#leading--;
    }
  }

  /** Asks the host of a running command to give it up: a task of its own. */
  async cancel(host: Host, { command, title }: Pick<Task, 'command' | 'title'>): Promise<void> {
    if (this.#cancelling.includes(command)) return;
    this.#cancelling = [...this.#cancelling, command];
    await this.start(cancelCommand, { host }, { command, title });
    this.#cancelling = this.#cancelling.filter((other) => other !== command);
  }

  /** Gives the command of a task that was not done once more, as host and VM are now. */
  async retry(task: Task, target: HostTarget): Promise<void> {
    this.dismiss(task.id);
    await this.#again.get(task.title)?.(target);
  }

  /** Gives anew what the command was a part of, where alone it would be of no use. */
  retryBy({ title }: Task, again: (target: HostTarget) => Promise<unknown>): void {
    this.#again.set(title, again);
  }

  /** A host that is back, and has written the command down, is asked what came of it: under its id nothing is done twice. */
  #askLater(client: Client, task: Task, ask: () => Promise<Reply>): void {
    const stop = client.onFleet((fleet) => {
      const host = fleet.hosts.get(task.host);
      if (host?.link !== 'online' || !host.activity.some(({ command }) => command === task.command)) return;
      stop();
      this.#put({ ...task, status: 'running', fault: null, endedAt: null });
      ask().then(
        (reply) => this.#answered(task, reply),
        () => {
          this.#put(task);
          this.#askLater(client, task, ask);
        }
      );
    });
  }

  #answered(task: Task, reply: Reply): Task {
    const { status, effects, journal } = reply;
    return this.#end(task, { status, fault: this.#faultOf(reply), effects, journal });
  }

  /** What failed before and has been done now needs nobody's attention; the list keeps it. */
  #overcome({ id, op, vm }: Task): void {
    if (vm === null) return;
    for (const task of this.openFailures(vm)) if (task.op === op && task.id < id) this.dismiss(task.id);
  }

  #put(task: Task): void {
    this.#list = this.#list.map((other) => (other.id === task.id ? task : other));
  }

  #add(task: Task): Task {
    this.#list = [task, ...this.#list].slice(0, KEPT);
    return task;
  }

  #end(task: Task, end: Partial<Task>): Task {
    const ended: Task = { ...task, ...end, endedAt: this.#now() as Millis };
    this.#put(ended);
    if (ended.status === 'done') this.#overcome(ended);
    this.#onEnd(ended);
    return ended;
  }
}
