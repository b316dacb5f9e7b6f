// The memory of a VM: now (balloon or hot-plugged modules, as the host can), or at the next boot.
import type { Mib } from '#lib/model/units.ts';
import { formatMib } from '#lib/ui/format.ts';
import type { Job, VmTarget } from './job.ts';

export type SetMemory = { readonly memory: Mib; readonly when: 'now' | 'next-boot' };

export const setMemory: Job<'vm.set-memory', VmTarget, SetMemory> = {
  title:
    ({ vm: { name } }, { memory, when }) =>
    (m) =>
      m.tasks.job.setMemory(name, formatMib(memory), when === 'next-boot'),
  validate: ({ problem }, { vm }, { memory }) =>
    memory < 1 ? problem.someMemory : memory > vm.memoryMax ? problem.madeForMemory(formatMib(vm.memoryMax)) : null,
  command: ({ vm }, input) => ({ op: 'vm.set-memory', args: { vm: vm.id, ...input } })
};
