// Tasks as the tray lists them: what is a part of something stands under that. Pure.
import type { Task, TaskGroup } from '#lib/app/tasks/task.ts';

/** A task alone, or a group with its tasks, running ones first, then newest first. */
export type TaskItem = { readonly key: string; readonly group: TaskGroup | null; readonly tasks: readonly Task[] };

const running = ({ status }: Pick<Task | TaskGroup, 'status'>): boolean => status === 'running';
const runningFirst = <Of>(all: readonly Of[], test: (one: Of) => boolean): readonly Of[] => [
  ...all.filter(test),
  ...all.filter((one) => !test(one))
];

/** @param tasks newest first. @returns running ones first, then newest first; a group stands where its newest task does */
export function taskItems(tasks: readonly Task[], groups: readonly TaskGroup[]): readonly TaskItem[] {
  const items: TaskItem[] = [];
  const placed = new Set<string>();
  for (const task of tasks) {
    const group = groups.find(({ id }) => id === task.because?.group) ?? null;
    if (group === null) items.push({ key: `task ${task.command}`, group, tasks: [task] });
    else if (!placed.has(group.id)) {
      placed.add(group.id);
      const own = tasks.filter(({ because }) => because?.group === group.id);
      items.push({ key: `group ${group.id}`, group, tasks: runningFirst(own, running) });
    }
  }
  return runningFirst(items, ({ group, tasks: own }) => (group === null ? own.some(running) : running(group)));
}
