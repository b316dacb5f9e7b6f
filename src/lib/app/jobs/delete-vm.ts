// Removes a VM that is off, with or without its volumes. There is no way back: the page asks for the name first.
import { isInactive } from '#lib/model/fleet.ts';
import type { Job, VmTarget } from './job.ts';

export type DeleteVm = { readonly deleteDisks: boolean };

export const deleteVm: Job<'vm.delete', VmTarget, DeleteVm> = {
  title:
    ({ vm: { name } }, { deleteDisks }) =>
    (m) =>
      m.tasks.job.deleteVm(name, deleteDisks),
  validate(m, { vm }) {
    if (vm.protected) return m.problem.deleteProtected(vm.name);
    return isInactive(vm) ? null : m.problem.deleteInState(vm.name, vm.state);
  },
  command: ({ vm }, input) => ({ op: 'vm.delete', args: { vm: vm.id, ...input }, expect: vm.revision })
};
