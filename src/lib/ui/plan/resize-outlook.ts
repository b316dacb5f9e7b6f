// What a VM's new size would mean: what is wrong with it, and whether it applies at the next boot only. Pure.
import { setMemory } from '#lib/app/jobs/set-memory.ts';
import { setVcpus } from '#lib/app/jobs/set-vcpus.ts';
import type { VmTarget } from '#lib/app/jobs/job.ts';
import type { Messages } from '#lib/messages/messages.ts';
import { mib, vcpus } from '#lib/model/units.ts';
import type { Resize } from '#lib/plan/fleet/survey.ts';
import { prospect } from '../vm/hotplug.ts';

/** `vcpus`, `memory`: what is wrong with each; `whole`: with both, or the VM. Null where nothing is. */
export type ResizeOutlook = {
  readonly vcpus: string | null;
  readonly memory: string | null;
  readonly whole: string | null;
  /** Why it applies at the next boot only. */
  readonly later: string | null;
};

/** @param resize with 0 for what could not be read */
export function resizeOutlook(m: Messages, target: VmTarget | null, resize: Resize): ResizeOutlook {
  const none = { vcpus: null, memory: null, whole: null, later: null };
  if (target === null) return { ...none, whole: m.plans.noSuchVm };
  const { host, vm } = target;
  if (vm.state === 'saved') return { ...none, whole: m.problem.changeSaved(vm.name) };
  if (vm.state === 'off' || vm.state === 'crashed') return { ...none, whole: m.plans.isOff(vm.name) };
  const found = {
    vcpus: setVcpus.validate(m, target, { vcpus: vcpus(resize.vcpus), when: 'now' }),
    memory:
      resize.memory < 1 ? m.plans.badSize : setMemory.validate(m, target, { memory: mib(resize.memory), when: 'now' })
  };
  const same = resize.vcpus === vm.vcpus && resize.memory === vm.memory;
  const late = (['vcpus', 'memory'] as const)
    .filter((what) => resize[what] !== vm[what] && found[what] === null)
    .map((what) => prospect(m, host, vm, what, resize[what]))
    .find(({ live }) => !live);
  return {
    ...found,
    whole: same ? m.plans.sameSize : null,
    later: late === undefined ? null : m.plans.nextBoot(late.words ?? '')
  };
}

export const isGood = ({ vcpus: cpus, memory, whole }: ResizeOutlook): boolean =>
  cpus === null && memory === null && whole === null;
