// A new name for a VM, unique on its host.
import type { Job, VmTarget } from './job.ts';
import { nameProblem } from './name-check.ts';

export type RenameVm = { readonly name: string };

export const renameVm: Job<'vm.rename', VmTarget, RenameVm> = {
  title:
    ({ vm: { name } }, { name: to }) =>
    (m) =>
      m.tasks.job.renameVm(name, to),
  validate: (m, { host, vm }, { name }) =>
    name === vm.name
      ? m.problem.sameName
      : nameProblem(
          m,
          name,
          [...host.vms.values()].map((other) => other.name)
        ),
  command: ({ vm }, input) => ({ op: 'vm.rename', args: { vm: vm.id, ...input } })
};
