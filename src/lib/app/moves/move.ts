// A VM moved from host to host: room at the target, the VM on its way, and the room given up if it stayed where it was.
import { Fault } from '#lib/model/fault.ts';
import type { Host } from '#lib/model/fleet.ts';
import type { VmTarget } from '../jobs/job.ts';
import { migrateVm, type MoveOptions } from '../jobs/migrate-vm.ts';
import { prepareMove, releaseMove } from '../jobs/prepare-move.ts';
import type { Because, Task } from '../tasks/task.ts';
import type { Tasks } from '../tasks/tasks.svelte.ts';

/** What a move is a part of, and whether that still wants it when the room is there. */
export type PartOf = { readonly because: Because; readonly wanted: () => boolean };

/** The task that decided: the move, or the preparation that was refused. Never rejects. */
export async function moveVm(
  tasks: Tasks,
  placed: VmTarget,
  to: Host,
  options: MoveOptions,
  part: PartOf | null = null
): Promise<Task> {
  const leaving = { vm: placed.vm, from: placed.host };
  const because = part?.because ?? null;
  const prepare = () => tasks.start(prepareMove, { host: to }, leaving, because);
  // What a plan has begun is found and gone on with by whoever opens it.
  const prepared = await (part === null ? tasks.lead(prepare) : prepare());
  const permit = prepared.reply?.permit ?? null;
  if (permit === null) return prepared.task;
  const release = (): Promise<unknown> => tasks.start(releaseMove, { host: to }, leaving, because);
  if (part?.wanted() === false) {
    await release();
    return { ...prepared.task, status: 'refused', fault: new Fault('cancelled', { by: 'this tab', left: '' }) };
  }
  const { task } = await tasks.start(migrateVm, placed, { ...options, to, permit }, because);
  // Where nobody knows how it ended, the target finds out by itself; what has arrived stays in any case.
  if (task.status === 'refused' || task.status === 'failed') await release();
  return task;
}
