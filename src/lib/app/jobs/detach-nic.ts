// Takes a network interface from a VM.
import type { Job, VmTarget } from './job.ts';

export type DetachNic = { readonly mac: string };

export const detachNic: Job<'vm.detach-nic', VmTarget, DetachNic> = {
  title:
    ({ vm: { name } }, { mac }) =>
    (m) =>
      m.tasks.job.detachNic(name, mac),
  validate: (m, { vm }, { mac }) => (vm.nics.some((nic) => nic.mac === mac) ? null : m.problem.noSuchNic(vm.name, mac)),
  command: ({ vm }, input) => ({ op: 'vm.detach-nic', args: { vm: vm.id, ...input }, expect: vm.revision })
};
