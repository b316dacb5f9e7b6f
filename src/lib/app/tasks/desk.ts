// What can be done about the commands of this tab: cancel one that runs, give one again that was not done.
import type { ResolvedPathname } from '$app/types';
import { roleAllows, type Host } from '#lib/model/fleet.ts';
import type { OperatorKey } from '#lib/model/ids.ts';
import type { TaskAbout } from '#lib/ui/tasks/task-about.ts';
import type { App } from '../app.svelte.ts';
import { cancellation } from './cancellation.ts';
import { farOf } from './far.ts';
import type { HostTarget } from '../jobs/job.ts';
import type { Task } from './task.ts';

export type Desk = Pick<App, 'fleet' | 'tasks' | 'clock' | 'operator'>;

/** What the fleet knows of a task as it is drawn. `href`: where its object is shown. */
export function aboutTask(desk: Desk, task: Task, href: ResolvedPathname | null): TaskAbout {
  const { fleet, tasks, clock, operator } = desk;
  const host = fleet.host(task.host);
  const running = task.status === 'running';
  return {
    href,
    progress: running ? farOf(host, task.command) : null,
    cancel:
      running && (task.by === null || mayCancel(desk, host, task.by.operator))
        ? cancellation(host, task, clock.now)
        : null,
    cancelling: running && tasks.cancelling.includes(task.command),
    canRetry: targetOf(fleet, task) !== null,
    by: task.by === null ? null : { label: task.by.label, you: task.by.operator === operator }
  };
}

/** Whoever gave a command may have it given up, and an admin anybody's. */
export function mayCancel({ operator }: Pick<Desk, 'operator'>, host: Host | null, by: OperatorKey | null): boolean {
  const role = host?.role ?? null;
  return role !== null && roleAllows(role, by !== null && by === operator ? 'operator' : 'admin');
}

/** Asks the host of a running command to give it up. */
export function cancelTask({ fleet, tasks }: Desk, command: Pick<Task, 'host' | 'command' | 'title'>): void {
  const host = fleet.host(command.host);
  if (host !== null) void tasks.cancel(host, command);
}

export function retryTask({ fleet, tasks }: Desk, task: Task): void {
  const target = targetOf(fleet, task);
  if (target !== null) void tasks.retry(task, target);
}

/** What a task that was not done could be done to now; null when it ended otherwise, or that is gone. */
function targetOf(fleet: Desk['fleet'], { status, op, host, vm }: Task): HostTarget | null {
  // An unknown end may have been a good one, and a second try would do it twice.
  if ((status !== 'failed' && status !== 'refused') || op === 'command.cancel') return null;
  if (vm !== null) return fleet.vm(vm);
  const on = fleet.host(host);
  return on === null ? null : { host: on };
}
