// What a step of a plan is in commands: the jobs that carry it out, one after another, until one is not done.
import { Fault } from '#lib/model/fault.ts';
import type { Host, Vm } from '#lib/model/fleet.ts';
import { mib, vcpus } from '#lib/model/units.ts';
import type { Survey } from '#lib/plan/fleet/survey.ts';
import type { PlannedStep } from '#lib/plan/made/planned-step.ts';
import type { PlanRequest } from '#lib/plan/made/request.ts';
import type { RunOptions } from '#lib/plan/made/run-options.ts';
import { isLive } from '#lib/ui/vm/hotplug.ts';
import { createLike } from '../create/like.ts';
import { createVm } from '../jobs/create-vm.ts';
import { power } from '../jobs/power.ts';
import { setCpuShare } from '../jobs/set-cpu-share.ts';
import { setMemory } from '../jobs/set-memory.ts';
import { setVcpus } from '../jobs/set-vcpus.ts';
import { moveVm, type PartOf } from '../moves/move.ts';
import type { Task } from '../tasks/task.ts';
import type { Tasks } from '../tasks/tasks.svelte.ts';

/** What decides of a step: how its last command ended. */
export type StepEnd = Pick<Task, 'status' | 'fault' | 'journal'> & Partial<Pick<Task, 'host'>>;

const gone = (kind: string, id: string): StepEnd => ({
  status: 'refused',
  fault: new Fault('not-found', { kind, id }),
  journal: null
});

/** Never rejects: a step of which no command can be made has failed. @param survey on which the step was found free */
export async function runStep(...step: Parameters<typeof carryOut>): Promise<StepEnd> {
  try {
    return await carryOut(...step);
  } catch (thrown) {
    return { status: 'failed', fault: Fault.from(thrown), journal: null };
  }
}

async function carryOut(
  tasks: Tasks,
  step: PlannedStep,
  { hosts, vms }: Survey,
  { wanted }: PlanRequest,
  { bandwidth, autoConverge }: RunOptions,
  part: PartOf
): Promise<StepEnd> {
  const { because } = part;
  const hostOf = (id: string): Host | undefined => hosts.find((host) => host.id === id);
  const host = hostOf(step.host);
  if (host === undefined) return gone('host', step.hostName);
  if (step.kind === 'place') {
    const like = vms.find((vm) => vm?.id === wanted?.like) ?? null;
    if (like === null || wanted === null) return gone('VM', wanted?.like ?? step.name);
    const asked = createLike(host, like, step.name, wanted.image ?? '');
    return (await tasks.start(createVm, { host }, asked, because)).task;
  }
  const vm = hostOf(step.kind === 'move' ? step.from : step.host)?.vms.get(step.vm as Vm['id']);
  if (vm === undefined) return gone('VM', step.name);
  if (step.kind === 'start') return (await tasks.start(power('start'), { host, vm }, null, because)).task;
  if (step.share !== null)
    return (await tasks.start(setCpuShare, { host, vm }, { ...step.share.to, when: 'now' }, because)).task;
  if (step.kind === 'resize') return resize(tasks, step, host, vm, part);
  const from = hostOf(step.from);
  if (from === undefined) return gone('host', step.fromName);
  return moveVm(tasks, { host: from, vm }, host, { bandwidth, autoConverge, downtime: null }, part);
}

async function resize(tasks: Tasks, step: PlannedStep, host: Host, vm: Vm, { because }: PartOf): Promise<StepEnd> {
  let end: StepEnd = { status: 'done', fault: null, journal: null };
  const when = (what: 'vcpus' | 'memory') => (isLive(host, vm, what, step[what]) ? 'now' : 'next-boot');
  if (step.vcpus !== vm.vcpus) {
    const input = { vcpus: vcpus(step.vcpus), when: when('vcpus') } as const;
    end = (await tasks.start(setVcpus, { host, vm }, input, because)).task;
  }
  if (step.memory !== vm.memory && end.status === 'done') {
    const input = { memory: mib(step.memory), when: when('memory') } as const;
    end = (await tasks.start(setMemory, { host, vm }, input, because)).task;
  }
  return end;
}
