// A run of a plan as the tray has it: what it is called, how far it is, how long it still takes. Pure.
import type { Messages } from '#lib/messages/messages.ts';
import type { Fleet } from '#lib/model/fleet.ts';
import type { VmId } from '#lib/model/ids.ts';
import type { Millis } from '#lib/model/units.ts';
import type { Outlook, Since } from '#lib/plan/made/outlook.ts';
import { stateOf, type Plan } from '#lib/plan/made/plan.ts';
import { planName } from '#lib/ui/plan/plan-words.ts';
import { farWords } from '#lib/ui/plan/run-words.ts';
import { planLink } from './plan-links.ts';
import type { TaskGroup, TaskStatus } from './task.ts';

export function nameOfPlan(m: Pick<Messages, 'plans' | 'common'>, { request }: Plan, { hosts }: Fleet): string {
  const all = [...hosts.values()];
  const named = [
    ...request.resizes.map(({ vm }) => vm),
    ...request.starts,
    ...[...(request.back?.moves ?? []), ...(request.back?.shares ?? [])].map(({ vm }) => vm as VmId),
    ...(request.wanted === null ? [] : [request.wanted.like])
  ];
  const vms = named.flatMap((id) => all.find(({ vms }) => vms.has(id))?.vms.get(id) ?? []);
  return planName(m, request, all, vms);
}

/** @param running whether it is run at this moment */
export function planGroup(fleet: Fleet, plan: Plan, running: boolean, far: Outlook, since: Since): TaskGroup {
  const wrong = plan.run?.progress.some(({ state }) => state === 'failed' || state === 'stopped') ?? false;
  const status: TaskStatus = running ? 'running' : wrong ? 'failed' : stateOf(plan) === 'done' ? 'done' : 'refused';
  return {
    id: plan.id,
    title: (m) => nameOfPlan(m, plan, fleet),
    words: (m) => farWords(m, far),
    share: far.share,
    status,
    href: planLink(plan.id),
    startedAt: since.at as Millis,
    endedAt: running ? null : (Date.now() as Millis)
  };
}
