// Removes a volume no VM uses.
import type { HostTarget, Job } from './job.ts';

export type DeleteVolume = { readonly pool: string; readonly volume: string };

export const deleteVolume: Job<'volume.delete', HostTarget, DeleteVolume> = {
  title: (_, { pool, volume }) => `Delete volume ${volume} of pool ${pool}`,
  validate: ({ host }, { pool, volume }) => {
    const found = host.pools
      .find((candidate) => candidate.name === pool)
      ?.volumes.find((candidate) => candidate.name === volume);
    if (!found) return 'This volume is not there any more.';
    return found.usedBy === null ? null : 'A VM uses this volume: detach it first.';
  },
  command: (_, input) => ({ op: 'volume.delete', args: input })
};
