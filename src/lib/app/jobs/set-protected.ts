// Protection of a VM: while it is on, neither the VM nor its volumes can be deleted.
import type { Job, VmTarget } from './job.ts';

export type SetProtected = { readonly protected: boolean };

export const setProtected: Job<'vm.set-protected', VmTarget, SetProtected> = {
  title:
    ({ vm: { name } }, input) =>
    (m) =>
      m.tasks.job.setProtected(name, input.protected),
  validate: () => null,
  command: ({ vm }, input) => ({ op: 'vm.set-protected', args: { vm: vm.id, ...input } })
};
