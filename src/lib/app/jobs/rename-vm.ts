// A new name for a VM, unique on its host.
import type { Job, VmTarget } from './job.ts';
import { nameProblem } from './name-check.ts';

export type RenameVm = { readonly name: string };

export const renameVm: Job<'vm.rename', VmTarget, RenameVm> = {
  title: ({ vm }, { name }) => `Rename ${vm.name} to ${name}`,
  validate: ({ host, vm }, { name }) =>
    name === vm.name
      ? 'That is its name already.'
      : nameProblem(
          name,
          [...host.vms.values()].map((other) => other.name)
        ),
  command: ({ vm }, input) => ({ op: 'vm.rename', args: { vm: vm.id, ...input } })
};
