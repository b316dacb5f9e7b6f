// A disk for a VM: an existing unused volume, or a new one of a given capacity.
import type { Mib } from '#lib/model/units.ts';
import { formatMib, wholeMib } from '#lib/ui/format.ts';
import type { Job, VmTarget } from './job.ts';

export type AttachDisk =
  | { readonly pool: string; readonly volume: string; readonly capacity: null }
  | { readonly pool: string; readonly volume: null; readonly capacity: Mib };

export const attachDisk: Job<'vm.attach-disk', VmTarget, AttachDisk> = {
  title: ({ vm }, { volume, capacity }) =>
    volume === null ? `Attach a new disk of ${formatMib(capacity)} to ${vm.name}` : `Attach ${volume} to ${vm.name}`,
  validate: ({ host }, input) => {
    const pool = host.pools.find((candidate) => candidate.name === input.pool);
    if (!pool) return 'Choose a pool.';
    if (input.volume !== null) {
      const volume = pool.volumes.find((candidate) => candidate.name === input.volume);
      return volume?.usedBy === null ? null : 'Choose a volume that no VM uses.';
    }
    if (input.capacity < 1) return 'A disk needs a size.';
    return input.capacity > wholeMib(pool.free) ? `${pool.name} has ${formatMib(wholeMib(pool.free))} free.` : null;
  },
  command: ({ vm }, input) => ({ op: 'vm.attach-disk', args: { vm: vm.id, ...input } })
};
