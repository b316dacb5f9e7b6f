// Setting the tags of a VM: hosts have no command for it yet, so nothing offers it. With one, this is its job.
import type { Messages } from '#lib/messages/messages.ts';
import type { Placed } from './fleet-view.svelte.ts';
import type { Task } from './task.ts';
import type { Tasks } from './tasks.svelte.ts';

type TagJob = {
  /** What is wrong with tags, one sentence; null when nothing is. */
  readonly problem: (m: Messages, tags: readonly string[]) => string | null;
  /** Resolves when the task has ended. */
  readonly start: (tasks: Tasks, placed: Placed, tags: readonly string[]) => Promise<Task>;
};
export const tagJob = null as TagJob | null;
