// Where a VM runs that was leaving, while its host cannot find out: the operator's own word.
import type { Activity, Host } from '#lib/model/fleet.ts';
import type { VmId } from '#lib/model/ids.ts';
import type { Args } from '#lib/protocol/schema.ts';
import type { Job, VmTarget } from './job.ts';

export type Runs = Args<'migration.decide'>['runs'];

export const decideMove: Job<'migration.decide', VmTarget, Runs> = {
  title:
    ({ vm }, runs) =>
    (m) =>
      m.tasks.job.decideMove(vm.name, runs),
  validate: () => null,
  command: ({ vm }, runs) => ({ op: 'migration.decide', args: { vm: vm.id, runs } })
};

/** The move of this VM that its host is finding out the end of; null: there is none. */
export const undecidedMove = ({ activity, progress }: Host, vm: VmId): Activity | null =>
  activity.find(
    (each) => each.vm === vm && each.op === 'vm.migrate' && progress.get(each.command)?.stage === 'finding-out'
  ) ?? null;
