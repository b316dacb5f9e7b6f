// The second half of a move: the source sends the VM to the host that has given the permit.
import type { Host } from '#lib/model/fleet.ts';
import type { Reply } from '#lib/protocol/schema.ts';
import type { Job, VmTarget } from './job.ts';
import { leaveProblem } from './prepare-move.ts';

export type MoveOptions = {
  /** MiB per second; null: as fast as it goes. */
  readonly bandwidth: number | null;
  readonly autoConverge: boolean;
  /** Milliseconds it may stand still at the end; null: its host chooses. */
  readonly downtime: number | null;
};
export type MigrateVm = MoveOptions & { readonly to: Host; readonly permit: NonNullable<Reply['permit']> };

export const migrateVm: Job<'vm.migrate', VmTarget, MigrateVm> = {
  title:
    ({ vm: { name } }, { to }) =>
    (m) =>
      m.tasks.job.migrateVm(name, to.name),
  validate: (m, { host, vm }) => leaveProblem(m, { vm, from: host }),
  command: ({ vm }, { to, permit: { url, pin, token }, bandwidth, autoConverge, downtime }) => ({
    op: 'vm.migrate',
    args: { vm: vm.id, to: to.id, url, pin, token, bandwidth, autoConverge, downtime }
  })
};
