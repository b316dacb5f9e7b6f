// One command as the operator follows it: what was asked, how it ended and why. Immutable; the list replaces it.
import type { Fault } from '#lib/model/fault.ts';
import type { Effect } from '#lib/model/fleet.ts';
import type { HostId, VmId } from '#lib/model/ids.ts';
import type { Millis } from '#lib/model/units.ts';

export type TaskStatus = 'running' | 'done' | 'refused' | 'failed' | 'unknown';

export type Task = {
  /** Unique in this tab. */
  readonly id: number;
  readonly title: string;
  readonly host: HostId;
  readonly hostName: string;
  readonly vm: VmId | null;
  readonly status: TaskStatus;
  readonly startedAt: Millis;
  readonly endedAt: Millis | null;
  /** Why it was refused or failed, and what to do; null otherwise. */
  readonly fault: Fault | null;
  readonly effects: readonly Effect[];
  /** Journal number on the host; null while running, and for what is not journalled. */
  readonly journal: number | null;
  /** False once the operator has waved its failure away. */
  readonly open: boolean;
};

/** One effect in words: “guest sees 4”, “at next boot: 4”, “4 asked, 2 seen”. */
function effectWords(effect: Effect): string {
  const note = effect.note === null ? '' : ` (${effect.note})`;
  if (effect.when === 'next-boot') return `${effect.asked} at next boot${note}`;
  if (effect.seen === null) return `${effect.asked}${note}`;
  const who = effect.by === 'hypervisor' || effect.by === null ? 'host reports' : 'guest confirms';
  return effect.seen === effect.asked
    ? `${who} ${effect.seen}${note}`
    : `asked ${effect.asked}, ${who === 'guest confirms' ? 'guest sees' : who} ${effect.seen}${note}`;
}

/** What came of it, after the title: “guest confirms 4”; empty when there is nothing to add. */
export function outcomeWords(task: Task): string {
  if (task.fault) return task.fault.message;
  if (task.status === 'running') return '';
  return task.effects
    .filter((effect) => effect.resource !== 'name' && effect.resource !== 'existence')
    .map(effectWords)
    .join('; ');
}
