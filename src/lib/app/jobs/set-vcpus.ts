// The number of processors: now (as far as the host can do that to a running guest), or at the next boot.
import type { Vcpus } from '#lib/model/units.ts';
import type { Job, VmTarget } from './job.ts';

export type SetVcpus = { readonly vcpus: Vcpus; readonly when: 'now' | 'next-boot' };

export const setVcpus: Job<'vm.set-vcpus', VmTarget, SetVcpus> = {
  title: ({ vm }, { vcpus, when }) =>
    `Set vCPUs of ${vm.name} to ${vcpus}${when === 'next-boot' ? ' at next boot' : ''}`,
  validate: ({ vm }, { vcpus }) =>
    vcpus < 1
      ? 'A VM needs at least one vCPU.'
      : vcpus > vm.vcpusMax
        ? `This VM was made for at most ${vm.vcpusMax} vCPUs.`
        : null,
  command: ({ vm }, input) => ({ op: 'vm.set-vcpus', args: { vm: vm.id, ...input } })
};
