// Maintenance of a host: while it is on, no VM comes there and none is started.
import { MAX_REMARK } from '#lib/protocol/attributes.ts';
import type { HostTarget, Job } from './job.ts';

export type SetMaintenance = { readonly on: boolean; readonly reason: string };

export const setMaintenance: Job<'host.set-maintenance', HostTarget, SetMaintenance> = {
  title:
    ({ host: { name } }, { on }) =>
    (m) =>
      m.tasks.job.setMaintenance(name, on),
  validate: ({ problem }, _, { reason }) => (reason.length > MAX_REMARK ? problem.longReason(MAX_REMARK) : null),
  command: (_, input) => ({ op: 'host.set-maintenance', args: input })
};
