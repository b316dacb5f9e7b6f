// A network interface for a VM, on one of the host's networks; the host chooses its address (MAC).
import type { Job, VmTarget } from './job.ts';

export type AttachNic = { readonly network: string };

export const attachNic: Job<'vm.attach-nic', VmTarget, AttachNic> = {
  title:
    ({ vm: { name } }, { network }) =>
    (m) =>
      m.tasks.job.attachNic(name, network),
  validate: (m, { host }, { network }) =>
    host.networks.some((candidate) => candidate.name === network) ? null : m.problem.chooseNetwork,
  command: ({ vm }, input) => ({ op: 'vm.attach-nic', args: { vm: vm.id, ...input } })
};
