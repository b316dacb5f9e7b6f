// One command as the operator follows it: what was asked, how it ended and why. Immutable; the list replaces it.
import type { ResolvedPathname } from '$app/types';
import { faultMessage } from '#lib/messages/fault-words.ts';
import type { Messages, Sentence, ShellMessages } from '#lib/messages/messages.ts';
import type { Fault } from '#lib/model/fault.ts';
import { VM_STATES, type Effect } from '#lib/model/fleet.ts';
import type { CommandId, HostId, OperatorKey, VmId } from '#lib/model/ids.ts';
import type { Millis } from '#lib/model/units.ts';

export type TaskStatus = 'running' | 'done' | 'refused' | 'failed' | 'unknown';

/** What a command is a part of. `group`: its id, by which the tray puts tasks together; `note`: as the host's journal has it. */
export type Because = { readonly group: string; readonly step: number; readonly note: string };

/** `paused`: begun, not all of it done, and none of it running. */
export type GroupStatus = 'running' | 'done' | 'paused' | 'aborted' | 'failed';
/** A move that will be asked for when its turn comes. */
export type MoveToCome = { readonly vm: VmId; readonly from: HostId; readonly to: HostId };
/** What the tray says of tasks that are parts of one thing; said in any language. */
export type TaskGroup = {
  readonly id: string;
  readonly title: (m: Messages) => string;
  /** How far it is. */
  readonly words: (m: Messages) => string;
  /** 0 to 1. */
  readonly share: number;
  readonly status: GroupStatus;
  /** None while it is not running. */
  readonly toCome: readonly MoveToCome[];
  readonly href: ResolvedPathname;
  readonly startedAt: Millis;
  readonly endedAt: Millis | null;
};

/** Who gave a command, as the host's journal has it, and what it is a part of. */
export type GivenBy = { readonly operator: OperatorKey; readonly label: string; readonly note: string | null };

export type Task = {
  /** Unique in this tab. */
  readonly id: number;
  /** By which its host knows it, and its progress is told. */
  readonly command: CommandId;
  readonly op: string;
  readonly title: Sentence;
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
  readonly because: Because | null;
  /** False once the operator has waved its failure away. */
  readonly open: boolean;
  /** Whose it is, of one that was not given in this tab; null: this tab's. */
  readonly by: GivenBy | null;
};

/** Room given back after a move that was not done: a target that refuses, or does not hear of it, has given it back or does so by itself. */
export const tidiesItself = ({ op, status }: Pick<Task, 'op' | 'status'>): boolean =>
  op === 'migration.release' && status !== 'failed';

/** One effect in words: “guest confirms 4”, “4 at next boot”, “asked 4, guest sees 2”. */
function effectWords({ common, tasks: { effect: words } }: ShellMessages, effect: Effect): string {
  const said = (text: string): string => {
    const state = VM_STATES.find((known) => known === text);
    return state === undefined ? text : common.vmState[state];
  };
  const note = effect.note === null ? '' : words.note(effect.note);
  const asked = said(effect.asked);
  if (effect.when === 'next-boot') return words.atNextBoot(asked) + note;
  if (effect.seen === null) return asked + note;
  const seen = said(effect.seen);
  const byHost = effect.by === 'hypervisor' || effect.by === null;
  if (effect.seen === effect.asked) return (byHost ? words.hostReports(seen) : words.guestConfirms(seen)) + note;
  return (byHost ? words.hostSees(asked, seen) : words.guestSees(asked, seen)) + note;
}

const SAID_IN_TITLE: ReadonlySet<Effect['resource']> = new Set([
  'name',
  'existence',
  'tags',
  'notes',
  'protection',
  'autostart'
]);

/** What came of it, after the title: “guest confirms 4”; empty when there is nothing to add. */
export function outcomeWords(m: ShellMessages, task: Task): string {
  if (task.fault) return faultMessage(m, task.fault);
  if (task.status === 'running') return '';
  return task.effects
    .filter(({ resource }) => !SAID_IN_TITLE.has(resource))
    .map((effect) => effectWords(m, effect))
    .join(m.tasks.effect.separator);
}

/** “Pause db-1: guest confirms paused”. */
export function taskWords(m: ShellMessages, task: Task): string {
  const words = outcomeWords(m, task);
  return words === '' ? task.title(m) : m.tasks.titled(task.title(m), words);
}
