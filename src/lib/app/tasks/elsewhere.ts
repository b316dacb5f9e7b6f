// Commands that run on the hosts and were not given in this tab: by others, in another tab, or here before the page was loaded anew.
import type { Activity, Host } from '#lib/model/fleet.ts';
import type { CommandId } from '#lib/model/ids.ts';
import type { Millis } from '#lib/model/units.ts';
import { activityTitle } from '#lib/ui/tasks/activity-title.ts';
import type { Task } from './task.ts';

/** Ms for which one that tells no progress is seen to run before it is listed: most end within them. */
const BRIEF = 1000;
const MOVE = 'vm.migrate';
const NONE: readonly Task[] = [];

type Seen = { readonly task: Task; readonly activity: Activity; readonly at: number };

export class Elsewhere {
  /** By what a host has told: most hosts, most of the time, tell nothing new. */
  readonly #running = new WeakMap<readonly Activity[], readonly Activity[]>();
  #seen: ReadonlyMap<CommandId, Seen> = new Map();
  #list: readonly Task[] = NONE;
  #next = -1;

  /**
   * Those that run now, on hosts that can say so; newest first. The same array while nothing of it has changed.
   *
   * @param own tasks of this tab @param now by this computer's clock
   */
  of(hosts: readonly Host[], own: readonly Task[], now: number): readonly Task[] {
    const seen = new Map<CommandId, Seen>();
    const list: Task[] = [];
    for (const host of hosts) {
      if (host.link !== 'online') continue;
      for (const activity of this.#runningOf(host)) {
        const { command } = activity;
        if (own.some((task) => task.command === command)) continue;
        const known = this.#seen.get(command);
        const one = known?.activity === activity ? known : this.#see(host, activity, known ?? null, now);
        seen.set(command, one);
        if (host.progress.has(command) || now - one.at >= BRIEF) list.push(one.task);
      }
    }
    this.#seen = seen;
    const moves = new Set(
      [...own, ...list].flatMap(({ op, status, vm }) => (op === MOVE && status === 'running' ? vm : []))
    );
    // The other half of a move that is listed.
    const whole = list.filter(({ op, vm }) => op !== 'migration.arrive' || vm === null || !moves.has(vm));
    whole.sort((a, b) => b.startedAt - a.startedAt || a.id - b.id);
    const same = whole.length === this.#list.length && whole.every((task, at) => task === this.#list[at]);
    return same ? this.#list : (this.#list = whole);
  }

  #runningOf({ activity }: Host): readonly Activity[] {
    let running = this.#running.get(activity);
    if (running === undefined) {
      running = activity.filter(({ status }) => status === 'running');
      this.#running.set(activity, running);
    }
    return running;
  }

  #see(host: Host, activity: Activity, known: Seen | null, now: number): Seen {
    const { command, note, number, op, operator, operatorLabel, startedAt, vm } = activity;
    const task: Task = {
      id: known?.task.id ?? this.#next--,
      command,
      op,
      title: (m) => activityTitle(m, host, activity),
      host: host.id,
      hostName: host.name,
      vm,
      status: 'running',
      startedAt: Math.max(0, startedAt - host.clockAhead) as Millis,
      endedAt: null,
      fault: null,
      effects: [],
      journal: number,
      because: null,
      open: false,
      by: { operator, label: operatorLabel, note }
    };
    return { task, activity, at: known?.at ?? now };
  }
}
