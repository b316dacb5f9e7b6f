// Takes a disk from a VM; its volume stays, unless its deletion is asked for too.
import type { Job, VmTarget } from './job.ts';

export type DetachDisk = { readonly target: string; readonly deleteVolume: boolean };

export const detachDisk: Job<'vm.detach-disk', VmTarget, DetachDisk> = {
  title:
    ({ vm: { name } }, { target, deleteVolume }) =>
    (m) =>
      m.tasks.job.detachDisk(name, target, deleteVolume),
  validate(m, { vm }, { target, deleteVolume }) {
    if (deleteVolume && vm.protected) return m.problem.deleteProtected(vm.name);
    return vm.disks.some((disk) => disk.target === target) ? null : m.problem.noSuchDisk(vm.name, target);
  },
  command: ({ vm }, input) => ({ op: 'vm.detach-disk', args: { vm: vm.id, ...input }, expect: vm.revision })
};
