// Removes a VM that is off, with or without its volumes. There is no way back: the page asks for the name first.
import type { Job, VmTarget } from './job.ts';

export type DeleteVm = { readonly deleteDisks: boolean };

export const deleteVm: Job<'vm.delete', VmTarget, DeleteVm> = {
  title: ({ vm }, { deleteDisks }) => `Delete ${vm.name}${deleteDisks ? ' and its disks' : ', keep its disks'}`,
  validate: ({ vm }) =>
    vm.state === 'off' || vm.state === 'crashed'
      ? null
      : `${vm.name} is ${vm.state}; shut it down or power it off first.`,
  command: ({ vm }, input) => ({ op: 'vm.delete', args: { vm: vm.id, ...input }, expect: vm.revision })
};
