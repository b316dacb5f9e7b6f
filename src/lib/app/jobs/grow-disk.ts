// Makes a disk larger: the guest sees the new size; its file system is the guest's own matter. Never smaller.
import type { Mib } from '#lib/model/units.ts';
import { formatBytes, formatMib, wholeMib } from '#lib/ui/format.ts';
import type { Job, VmTarget } from './job.ts';

export type GrowDisk = { readonly target: string; readonly capacity: Mib };

export const growDisk: Job<'vm.grow-disk', VmTarget, GrowDisk> = {
  title:
    ({ vm: { name } }, { target, capacity }) =>
    (m) =>
      m.tasks.job.growDisk(name, target, formatMib(capacity)),
  validate: ({ problem }, { vm, host }, { target, capacity }) => {
    const disk = vm.disks.find((candidate) => candidate.target === target);
    if (!disk) return problem.noSuchDisk(vm.name, target);
    if (disk.capacity !== null && capacity <= wholeMib(disk.capacity)) {
      return problem.onlyGrows(formatBytes(disk.capacity));
    }
    const pool = host.pools.find((candidate) => candidate.name === disk.pool);
    const more = capacity - (disk.capacity === null ? 0 : wholeMib(disk.capacity));
    return pool && more > wholeMib(pool.free) ? problem.poolHas(pool.name, formatBytes(pool.free)) : null;
  },
  command: ({ vm }, input) => ({ op: 'vm.grow-disk', args: { vm: vm.id, ...input } })
};
