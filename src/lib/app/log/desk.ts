// What can be done about a line of activity, also about the commands of others.
import type { TaskAbout } from '#lib/ui/tasks/task-about.ts';
import { cancellation } from '../tasks/cancellation.ts';
import type { LogRow } from './row.ts';
import { aboutTask, mayCancel, type Desk } from '../tasks/desk.ts';
import type { Task } from '../tasks/task.ts';

/** As `aboutTask` of any line of activity: as the task of this tab that it is, or as what may be cancelled though it was given elsewhere. */
export function aboutRow(
  desk: Desk,
  row: LogRow
): { readonly task: Task | null; readonly about: Pick<TaskAbout, 'cancel' | 'cancelling' | 'canRetry'> } {
  const { command, op, startedAt } = row;
  const task = command === null ? undefined : desk.tasks.list.find((each) => each.command === command);
  if (task !== undefined) return { task, about: aboutTask(desk, task, null) };
  const host = desk.fleet.host(row.host);
  const may = row.status === 'running' && mayCancel(desk, host, row.operator);
  if (!may || command === null || op === null) {
    return { task: null, about: { cancel: null, cancelling: false, canRetry: false } };
  }
  const cancel = cancellation(host, { command, op, startedAt }, desk.clock.now);
  return { task: null, about: { cancel, cancelling: desk.tasks.cancelling.includes(command), canRetry: false } };
}
