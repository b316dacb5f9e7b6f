// When the end of a task is told beside the tray: what the operator has just done is seen where it was done, so only an end
// that may come when nobody looks any more, or a failure that only the folded tray would hint at. Pure.
import type { Notice } from './notices.ts';
import { tidiesItself, type Task } from '../tasks/task.ts';

/** Ms after which the operator may have turned to something else. */
const LONG = 4000;

/**
 * Null where the tray says enough:
 *
 *   end of a task                        tray unfolded   tray folded
 *   done, or cancelled; short            –               –
 *   done, or cancelled; long             –               toast
 *   refused, failed or unknown; short    –               toast
 *   refused, failed or unknown; long     toast           toast
 *
 * Nor of what a plan does as it should: the plan says how far it is. Nor of room given back
 * after a move, unless it is left behind.
 */
export function taskNotice(task: Task, trayFolded: boolean): Notice | null {
  const long = (task.endedAt ?? 0) - task.startedAt >= LONG;
  if (tidiesItself(task)) return null;
  const wanted = task.status === 'done' || task.fault?.code === 'cancelled';
  if (wanted && task.because !== null) return null;
  if (wanted ? !(long && trayFolded) : !(long || trayFolded)) return null;
  const tone = task.status === 'done' ? 'good' : wanted ? 'info' : 'bad';
  return { say: (m) => m.tasks.titled(task.title(m), m.tasks.status[task.status]), tone, of: null };
}
