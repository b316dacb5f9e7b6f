// The number of processors: now (as far as the host can do that to a running guest), or at the next boot.
import type { Vcpus } from '#lib/model/units.ts';
import type { Job, VmTarget } from './job.ts';

export type SetVcpus = { readonly vcpus: Vcpus; readonly when: 'now' | 'next-boot' };

export const setVcpus: Job<'vm.set-vcpus', VmTarget, SetVcpus> = {
  title:
    ({ vm: { name } }, { vcpus, when }) =>
    (m) =>
      m.tasks.job.setVcpus(name, vcpus, when === 'next-boot'),
  validate: ({ problem }, { vm }, { vcpus }) =>
    vcpus < 1 ? problem.someVcpus : vcpus > vm.vcpusMax ? problem.madeForVcpus(vm.vcpusMax) : null,
  command: ({ vm }, input) => ({ op: 'vm.set-vcpus', args: { vm: vm.id, ...input } })
};
