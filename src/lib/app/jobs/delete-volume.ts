// Removes a volume no VM uses.
import type { HostTarget, Job } from './job.ts';

export type DeleteVolume = { readonly pool: string; readonly volume: string };

export const deleteVolume: Job<'volume.delete', HostTarget, DeleteVolume> = {
  title:
    (_, { pool, volume }) =>
    (m) =>
      m.tasks.job.deleteVolume(volume, pool),
  validate: ({ problem }, { host }, { pool, volume }) => {
    const found = host.pools
      .find((candidate) => candidate.name === pool)
      ?.volumes.find((candidate) => candidate.name === volume);
    if (!found) return problem.volumeGone;
    return found.usedBy === null ? null : problem.volumeUsed;
  },
  command: (_, input) => ({ op: 'volume.delete', args: input })
};
