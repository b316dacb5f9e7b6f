// A copy of a VM that is off, on the same host: disks, settings, tags and notes, under another name, id and MACs.
import { wholeMib, formatBytes } from '#lib/ui/format.ts';
import { bytes } from '#lib/model/units.ts';
import type { Job, VmTarget } from './job.ts';
import { nameProblem } from './name-check.ts';

export type CloneVm = { readonly name: string };

export const cloneVm: Job<'vm.clone', VmTarget, CloneVm> = {
  title:
    ({ vm: { name } }, { name: to }) =>
    (m) =>
      m.tasks.job.cloneVm(name, to),
  validate(m, { host, vm }, { name }) {
    if (vm.state !== 'off' && vm.state !== 'crashed') return m.problem.cloneInState(vm.name, vm.state);
    const taken = [...host.vms.values()].map((other) => other.name);
    const problem = nameProblem(m, name, taken);
    if (problem !== null) return problem;
    for (const pool of host.pools) {
      const own = vm.disks.filter((disk) => disk.pool === pool.name && !disk.readOnly);
      const need = own.reduce((sum, disk) => sum + (disk.capacity ?? 0), 0);
      if (wholeMib(bytes(need)) > wholeMib(pool.free)) return m.problem.poolHas(pool.name, formatBytes(pool.free));
    }
    return null;
  },
  command: ({ vm }, input) => ({ op: 'vm.clone', args: { vm: vm.id, ...input } })
};
