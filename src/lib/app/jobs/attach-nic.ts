// A network interface for a VM, on one of the host's networks; the host chooses its address (MAC).
import type { Job, VmTarget } from './job.ts';

export type AttachNic = { readonly network: string };

export const attachNic: Job<'vm.attach-nic', VmTarget, AttachNic> = {
  title: ({ vm }, { network }) => `Attach ${vm.name} to network ${network}`,
  validate: ({ host }, { network }) =>
    host.networks.some((candidate) => candidate.name === network) ? null : 'Choose a network.',
  command: ({ vm }, input) => ({ op: 'vm.attach-nic', args: { vm: vm.id, ...input } })
};
