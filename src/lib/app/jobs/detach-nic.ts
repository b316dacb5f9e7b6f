// Takes a network interface from a VM.
import type { Job, VmTarget } from './job.ts';

export type DetachNic = { readonly mac: string };

export const detachNic: Job<'vm.detach-nic', VmTarget, DetachNic> = {
  title: ({ vm }, { mac }) => `Detach network interface ${mac} from ${vm.name}`,
  validate: ({ vm }, { mac }) =>
    vm.nics.some((nic) => nic.mac === mac) ? null : `${vm.name} has no interface ${mac} any more.`,
  command: ({ vm }, input) => ({ op: 'vm.detach-nic', args: { vm: vm.id, ...input }, expect: vm.revision })
};
