// A VM that was moved by hand stays where it was put for a while: its tags say so, to every tab and scheduler.
import type { Sentence } from '#lib/messages/messages.ts';
import { MAX_TAGS } from '#lib/model/ids.ts';
import type { Host } from '#lib/model/fleet.ts';
import type { HostId, VmId } from '#lib/model/ids.ts';
import { liveTags, pinOf, pinTag } from '#lib/plan/fleet/tag-rules.ts';
import type { FleetView } from '../fleet/view.svelte.ts';
import type { VmTarget } from '../jobs/job.ts';
import type { MoveOptions } from '../jobs/migrate-vm.ts';
import { setTags } from '../jobs/set-tags.ts';
import { moveVm } from './move.ts';
import { recall, remember } from '../remembered.ts';
import type { Task } from '../tasks/task.ts';
import type { Tasks } from '../tasks/tasks.svelte.ts';

/** Minutes that may be chosen; 0: it is not pinned. */
export const PIN_MINUTES = [0, 15, 60, 240, 1_440] as const;
const USUAL = 60;
/** Ms that the target is given to show the VM, and between two looks. */
const SHOWN = 15_000;
const LOOK = 100;
/** Ms of a move by which its pin may end too soon. */
const BRIEF = 60_000;

/** As the operator chose last. */
export const pinMinutes = (): number => PIN_MINUTES.find((one) => String(one) === recall('pin')) ?? USUAL;
export const keepPinMinutes = (minutes: number): void => remember('pin', String(minutes));

/** The tags with another pin for a time, or (null) without any. @param now ms since 1970 */
export function pinned(tags: readonly string[], minutes: number | null, now: number): readonly string[] {
  const others = liveTags(tags, now).filter((tag) => pinOf(tag) === null);
  return minutes === null || others.length >= MAX_TAGS ? others : [...others, pinTag(now + minutes * 60_000)];
}

/**
 * A VM is moved by hand, and pinned before: a tab that closes on the way leaves it pinned. One that stays where it was has the tags
 * it had; when it could not be pinned, nothing else is tried. Never rejects.
 *
 * @param minutes from the end of the move; 0: it is not pinned
 */
export async function movePinned(
  app: { readonly fleet: FleetView; readonly tasks: Tasks },
  placed: VmTarget,
  to: Host,
  options: MoveOptions,
  minutes: number
): Promise<Task> {
  const task = await (minutes === 0
    ? moveVm(app.tasks, placed, to, options)
    : pinAndMove(app, placed, to, options, minutes));
  app.tasks.retryBy(task, async () => {
    const [now, there] = [app.fleet.vm(placed.vm.id), app.fleet.host(to.id)];
    if (now !== null && there !== null) await movePinned(app, now, there, options, minutes);
  });
  return task;
}

async function pinAndMove(...[app, placed, to, options, minutes]: Parameters<typeof movePinned>): Promise<Task> {
  const { tasks } = app;
  const { vm } = placed;
  const begun = Date.now();
  const pin = titled((m) => m.tasks.job.pinForMove(vm.name, to.name));
  const { task: first } = await tasks.lead(() => tasks.start(pin, placed, { tags: pinned(vm.tags, minutes, begun) }));
  // What keeps it from being tagged (another command, the link) keeps it from being moved.
  if (first.status !== 'done') return first;
  const task = await moveVm(tasks, placed, to, options);
  if (task.status === 'done') {
    if (Date.now() - begun > BRIEF) await pinMoved(app, vm.id, to.id, minutes);
  } else if (task.status !== 'unknown' && task.fault?.code !== 'busy') {
    // Of one that another command is about the pin runs out by itself.
    const unpin = titled((m) => m.tasks.job.unpinStayed(vm.name));
    await tasks.start(unpin, placed, { tags: liveTags(vm.tags, Date.now()) });
  }
  return task;
}

/** The change of tags as a part of a move is listed. */
const titled = (title: Sentence): typeof setTags => ({ ...setTags, title: () => title });

/** Pins a VM as soon as it is seen where it was moved to; nothing happens when it is not seen there. Never rejects. */
async function pinMoved(
  { fleet, tasks }: { readonly fleet: FleetView; readonly tasks: Tasks },
  id: VmId,
  to: HostId,
  minutes: number
): Promise<void> {
  for (let waited = 0; waited < SHOWN; waited += LOOK) {
    const host = fleet.host(to);
    const vm = host?.vms.get(id);
    if (host !== null && vm !== undefined && vm.state !== 'moving' && vm.state !== 'starting') {
      await tasks.start(setTags, { host, vm }, { tags: pinned(vm.tags, minutes, Date.now()) });
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, LOOK));
  }
}
