// A VM moved from host to host: room at the target, the VM on its way, and the room given up if it stayed where it was.
import type { Host } from '#lib/model/fleet.ts';
import type { VmTarget } from './jobs/job.ts';
import { migrateVm, type MoveOptions } from './jobs/migrate-vm.ts';
import { prepareMove, releaseMove } from './jobs/prepare-move.ts';
import type { Task } from './task.ts';
import type { Tasks } from './tasks.svelte.ts';

/** The task that decided: the move, or the preparation that was refused. Never rejects. */
export async function moveVm(tasks: Tasks, placed: VmTarget, to: Host, options: MoveOptions): Promise<Task> {
  const leaving = { vm: placed.vm, from: placed.host };
  const prepared = await tasks.start(prepareMove, { host: to }, leaving);
  const permit = prepared.reply?.permit ?? null;
  if (permit === null) return prepared.task;
  const { task } = await tasks.start(migrateVm, placed, { ...options, to, permit });
  // Where nobody knows how it ended, the target finds out by itself; what has arrived stays in any case.
  if (task.status === 'refused' || task.status === 'failed') await tasks.start(releaseMove, { host: to }, leaving);
  return task;
}
