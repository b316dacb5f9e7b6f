// Takes a disk from a VM; its volume stays, unless its deletion is asked for too.
import type { Job, VmTarget } from './job.ts';

export type DetachDisk = { readonly target: string; readonly deleteVolume: boolean };

export const detachDisk: Job<'vm.detach-disk', VmTarget, DetachDisk> = {
  title: ({ vm }, { target, deleteVolume }) =>
    `Detach ${target} from ${vm.name}${deleteVolume ? ' and delete its volume' : ''}`,
  validate: ({ vm }, { target }) =>
    vm.disks.some((disk) => disk.target === target) ? null : `${vm.name} has no disk ${target} any more.`,
  command: ({ vm }, input) => ({ op: 'vm.detach-disk', args: { vm: vm.id, ...input }, expect: vm.revision })
};
