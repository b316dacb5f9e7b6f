// The commands of a plan that run at this moment: this tab's own, and those another tab has sent, by the journals of their hosts.
import type { Sentence } from '#lib/messages/messages.ts';
import type { Fleet, Host } from '#lib/model/fleet.ts';
import type { CommandId } from '#lib/model/ids.ts';
import { readPlanNote } from './note.ts';
import type { Tasks } from '../tasks/tasks.svelte.ts';

export type PlanCommand = {
  readonly step: number;
  readonly host: Host;
  readonly command: CommandId;
  readonly op: string;
  readonly startedAt: number;
  readonly title: Sentence;
};

export function runningOf(tasks: Tasks, { hosts }: Fleet, plan: string): readonly PlanCommand[] {
  const found = new Map<CommandId, PlanCommand>();
  for (const host of hosts.values()) {
    for (const { status, command, note, summary, op, startedAt } of host.activity) {
      const of = status === 'running' && note !== null ? readPlanNote(note) : null;
      if (of?.plan === plan) found.set(command, { step: of.step, host, command, op, startedAt, title: () => summary });
    }
  }
  for (const { because, host: id, ...task } of tasks.running) {
    const host = hosts.get(id);
    if (host === undefined || because?.group !== plan) continue;
    const { command, op, startedAt, title } = task;
    found.set(command, { step: because.step, host, command, op, startedAt, title });
  }
  return [...found.values()];
}
