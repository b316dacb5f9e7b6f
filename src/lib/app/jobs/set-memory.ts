// The memory of a VM: now (balloon or hot-plugged modules, as the host can), or at the next boot.
import type { Mib } from '#lib/model/units.ts';
import { formatMib } from '#lib/ui/format.ts';
import type { Job, VmTarget } from './job.ts';

export type SetMemory = { readonly memory: Mib; readonly when: 'now' | 'next-boot' };

export const setMemory: Job<'vm.set-memory', VmTarget, SetMemory> = {
  title: ({ vm }, { memory, when }) =>
    `Set memory of ${vm.name} to ${formatMib(memory)}${when === 'next-boot' ? ' at next boot' : ''}`,
  validate: ({ vm }, { memory }) =>
    memory < 1
      ? 'A VM needs some memory.'
      : memory > vm.memoryMax
        ? `This VM was made for at most ${formatMib(vm.memoryMax)}.`
        : null,
  command: ({ vm }, input) => ({ op: 'vm.set-memory', args: { vm: vm.id, ...input } })
};
