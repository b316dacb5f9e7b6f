// A disk for a VM: an existing unused volume, or a new one of a given capacity.
import type { Mib } from '#lib/model/units.ts';
import { formatMib, wholeMib } from '#lib/ui/format.ts';
import type { Job, VmTarget } from './job.ts';

export type AttachDisk =
  | { readonly pool: string; readonly volume: string; readonly capacity: null }
  | { readonly pool: string; readonly volume: null; readonly capacity: Mib };

export const attachDisk: Job<'vm.attach-disk', VmTarget, AttachDisk> = {
  title:
    ({ vm: { name } }, { volume, capacity }) =>
    ({ tasks: { job } }) =>
      volume === null ? job.attachNewDisk(name, formatMib(capacity)) : job.attachVolume(name, volume),
  validate: ({ problem }, { host }, input) => {
    const pool = host.pools.find((candidate) => candidate.name === input.pool);
    if (!pool) return problem.choosePool;
    if (input.volume !== null) {
      const volume = pool.volumes.find((candidate) => candidate.name === input.volume);
      return volume?.usedBy === null ? null : problem.chooseVolume;
    }
    if (input.capacity < 1) return problem.diskSize;
    return input.capacity > wholeMib(pool.free) ? problem.poolHas(pool.name, formatMib(wholeMib(pool.free))) : null;
  },
  command: ({ vm }, input) => ({ op: 'vm.attach-disk', args: { vm: vm.id, ...input } })
};
