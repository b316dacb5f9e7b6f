// Makes a disk larger: the guest sees the new size; its file system is the guest's own matter. Never smaller.
import type { Mib } from '#lib/model/units.ts';
import { formatBytes, formatMib, wholeMib } from '#lib/ui/format.ts';
import type { Job, VmTarget } from './job.ts';

export type GrowDisk = { readonly target: string; readonly capacity: Mib };

export const growDisk: Job<'vm.grow-disk', VmTarget, GrowDisk> = {
  title: ({ vm }, { target, capacity }) => `Grow ${target} of ${vm.name} to ${formatMib(capacity)}`,
  validate: ({ vm, host }, { target, capacity }) => {
    const disk = vm.disks.find((candidate) => candidate.target === target);
    if (!disk) return `${vm.name} has no disk ${target} any more.`;
    if (disk.capacity !== null && capacity <= wholeMib(disk.capacity)) {
      return `It has ${formatBytes(disk.capacity)} now; a disk can only grow.`;
    }
    const pool = host.pools.find((candidate) => candidate.name === disk.pool);
    const more = capacity - (disk.capacity === null ? 0 : wholeMib(disk.capacity));
    return pool && more > wholeMib(pool.free) ? `${pool.name} has ${formatBytes(pool.free)} free.` : null;
  },
  command: ({ vm }, input) => ({ op: 'vm.grow-disk', args: { vm: vm.id, ...input } })
};
