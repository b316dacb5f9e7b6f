// One line of activity, whatever it comes from: a task of this tab, an entry of a host's journal, or something seen without a
// command. Times are by this computer's clock, so that hosts whose clocks disagree stand in one order.
import { faultAdvice } from '#lib/messages/fault-words.ts';
import type { Messages } from '#lib/messages/messages.ts';
import type { Activity, ActivityStatus, Host } from '#lib/model/fleet.ts';
import type { CommandId, HostId, OperatorKey, VmId } from '#lib/model/ids.ts';
import type { Millis } from '#lib/model/units.ts';
import { farOf, type Far } from '../tasks/far.ts';
import type { Seen } from '../notices/lookout.ts';
import type { Sight } from '../notices/sightings.ts';
import { outcomeWords, type Task } from '../tasks/task.ts';

/** `browser`: what this browser did or decided by itself, on no host. */
export type LogKind = 'task' | 'journal' | 'seen' | 'browser';
export type LogRow = {
  /** Unique in a list. */
  readonly id: string;
  readonly kind: LogKind;
  readonly status: ActivityStatus | 'seen';
  readonly title: string;
  /** What came of it, or why not; may be empty. */
  readonly words: string;
  readonly advice: string;
  /** The host's own words, where the title is another. */
  readonly summary: string | null;
  /** Empty where it is about none. */
  readonly host: HostId;
  readonly hostName: string;
  readonly vm: VmId | null;
  /** Null when there is no VM, or nobody knows its name any more. */
  readonly vmName: string | null;
  /** Null for what no command did. */
  readonly op: string | null;
  readonly who: string;
  /** Null for this tab's own tasks, and where nobody is known. */
  readonly operator: OperatorKey | null;
  /** Journal number on the host. */
  readonly number: number | null;
  readonly command: CommandId | null;
  /** What its sender says it is a part of. */
  readonly note: string | null;
  readonly startedAt: Millis;
  readonly endedAt: Millis | null;
  readonly progress: Far | null;
};

/** Ms it took, or takes until `now`; never below 0, null for what happened in an instant. */
export const tookOf = ({ kind, startedAt, endedAt }: LogRow, now: number): number | null =>
  kind === 'seen' || kind === 'browser' ? null : Math.max(0, (endedAt ?? now) - startedAt);

export function taskRow(m: Messages, task: Task, host: Host | null, vmName: string | null): LogRow {
  return {
    id: `task/${task.id}`,
    kind: 'task',
    status: task.status,
    title: task.title(m),
    words: outcomeWords(m, task),
    advice: task.fault === null ? '' : faultAdvice(m, task.fault),
    summary: null,
    host: task.host,
    hostName: host?.name ?? task.hostName,
    vm: task.vm,
    vmName,
    op: task.op,
    who: m.log.ofTab,
    operator: null,
    number: task.journal,
    command: task.command,
    note: task.because?.note ?? null,
    startedAt: task.startedAt,
    endedAt: task.endedAt,
    progress: task.status === 'running' ? farOf(host, task.command) : null
  };
}

export function journalRow(m: Messages, host: Host, activity: Activity): LogRow {
  const { command, note, number, op, operator, operatorLabel, reason, status, summary, vm } = activity;
  const vmName = vm === null ? null : (host.vms.get(vm)?.name ?? null);
  const title = m.tasks.activity(summary, op, vmName);
  const here = (at: Millis): Millis => Math.max(0, at - host.clockAhead) as Millis;
  return {
    id: `${host.id}/${number}`,
    kind: 'journal',
    status,
    title,
    words: reason ?? '',
    advice: '',
    summary: title === summary ? null : summary,
    host: host.id,
    hostName: host.name,
    vm,
    vmName,
    op,
    who: operatorLabel,
    operator,
    number,
    command,
    note,
    startedAt: here(activity.startedAt),
    endedAt: activity.endedAt === null ? null : here(activity.endedAt),
    progress: status === 'running' ? farOf(host, command) : null
  };
}

export function sightingRow(m: Messages, { at, host, hostName, number, sight, vm, vmName }: Seen): LogRow {
  return {
    id: `seen/${number}`,
    kind: 'seen',
    status: 'seen',
    title: sightTitle(m, sight, hostName, vmName ?? ''),
    words: sight.kind === 'trouble' ? sight.reason : '',
    advice: '',
    summary: null,
    host,
    hostName,
    vm,
    vmName,
    op: null,
    who: vm === null ? '' : m.log.bySomebody,
    operator: null,
    number: null,
    command: null,
    note: null,
    startedAt: at,
    endedAt: at,
    progress: null
  };
}

function sightTitle({ log }: Messages, sight: Sight, host: string, vm: string): string {
  switch (sight.kind) {
    case 'state':
      return log.sight.state(vm, sight.from, sight.to);
    case 'appeared':
    case 'gone':
    case 'changed':
      return log.sight[sight.kind](vm);
    default:
      return log.sight[sight.kind](host);
  }
}

/** Newest first; of one instant, the higher journal number first. */
export const newestFirst = (a: LogRow, b: LogRow): number =>
  b.startedAt - a.startedAt || (b.number ?? 0) - (a.number ?? 0);
/** Running first, then newest first: what can still be acted on stands on top. */
export const runningFirst = (a: LogRow, b: LogRow): number =>
  Number(b.status === 'running') - Number(a.status === 'running') || newestFirst(a, b);
