// A run of a plan as the tray has it: what it is called, how far it is, how long it still takes. Pure.
import type { Messages } from '#lib/messages/messages.ts';
import type { Fleet } from '#lib/model/fleet.ts';
import type { HostId, VmId } from '#lib/model/ids.ts';
import type { Millis } from '#lib/model/units.ts';
import type { Outlook, Since } from '#lib/plan/made/outlook.ts';
import { stateOf, type Plan } from '#lib/plan/made/plan.ts';
import { isCancelled, type Run } from '#lib/plan/made/progress.ts';
import { planName } from '#lib/ui/plan/plan-words.ts';
import { farWords } from '#lib/ui/plan/run-words.ts';
import { planLink } from './links.ts';
import type { GroupStatus, MoveToCome, TaskGroup } from '../tasks/task.ts';

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

function toCome({ steps, progress, aborted }: Run): readonly MoveToCome[] {
  if (aborted) return [];
  return steps.flatMap(({ kind, vm, from, host }, at) =>
    kind === 'move' && progress[at]?.state === 'waiting'
      ? [{ vm: vm as VmId, from: from as HostId, to: host as HostId }]
      : []
  );
}

function statusOf(plan: Plan): GroupStatus {
  const state = stateOf(plan);
  if (state === 'done' || state === 'aborted') return state;
  const wrong = plan.run?.progress.some(
    (one) => one.state === 'stopped' || (one.state === 'failed' && !isCancelled(one))
  );
  return wrong === true ? 'failed' : 'paused';
}

/** @param running whether it is run at this moment */
export function planGroup(fleet: Fleet, plan: Plan, running: boolean, far: Outlook, since: Since): TaskGroup {
  const status = running ? 'running' : statusOf(plan);
  return {
    id: plan.id,
    title: (m) => nameOfPlan(m, plan, fleet),
    words: (m) => {
      if (running) return farWords(m, far);
      // Nothing comes to an end while nothing runs.
      const words = farWords(m, { ...far, left: null });
      const state = stateOf(plan);
      return state === 'paused' || state === 'aborted' ? m.planRun.stands(m.plans.state[state], words) : words;
    },
    share: far.share,
    status,
    toCome: running && plan.run !== null ? toCome(plan.run) : [],
    href: planLink(plan.id),
    startedAt: since.at as Millis,
    endedAt: running ? null : (Date.now() as Millis)
  };
}
