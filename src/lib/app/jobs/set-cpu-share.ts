// How much of the host's CPU time a VM gets: now, or at the next boot.
import { CAP_PER_VCPU, MAX_WEIGHT } from '#lib/model/cpu-share.ts';
import type { CpuShare } from '#lib/model/cpu-share.ts';
import type { Job, VmTarget } from './job.ts';

export type SetCpuShare = CpuShare & { readonly when: 'now' | 'next-boot' };

export const setCpuShare: Job<'vm.set-cpu-share', VmTarget, SetCpuShare> = {
  title:
    ({ vm: { name } }, { weight, cap, when }) =>
    (m) =>
      m.tasks.job.setCpuShare(name, weight, cap, when === 'next-boot'),
  validate: ({ problem }, { vm }, { weight, cap }) => {
    const most = CAP_PER_VCPU * vm.vcpusMax;
    if (!Number.isInteger(weight) || weight < 1 || weight > MAX_WEIGHT) return problem.weight(MAX_WEIGHT);
    return cap !== null && (!Number.isInteger(cap) || cap < 1 || cap > most) ? problem.cap(most, vm.vcpusMax) : null;
  },
  command: ({ vm }, input) => ({ op: 'vm.set-cpu-share', args: { vm: vm.id, ...input } })
};
