// The first half of a move: the target makes room, and gives the permit with which the VM may come.
import type { Messages } from '#lib/messages/messages.ts';
import type { Host, Vm } from '#lib/model/fleet.ts';
import { bytes } from '#lib/model/units.ts';
import { comingVm } from '#lib/session/coming.ts';
import { formatBytes, formatMib, wholeMib } from '#lib/ui/format.ts';
import { whyNot } from '../permission.ts';
import { freeMemory } from './create-vm.ts';
import type { HostTarget, Job } from './job.ts';

export type Leaving = { readonly vm: Vm; readonly from: Host };

/** The target is the host the VM shall go to. */
export const prepareMove: Job<'migration.prepare', HostTarget, Leaving> = {
  title:
    ({ host }, { vm }) =>
    (m) =>
      m.tasks.job.prepareMove(vm.name, host.name),
  validate: (m, { host }, leaving) => leaveProblem(m, leaving) ?? arriveProblem(m, host, leaving),
  command: (_, leaving) => ({ op: 'migration.prepare', args: comingVm(leaving.from, leaving.vm) })
};

/** Takes the room back. */
export const releaseMove: Job<'migration.release', HostTarget, Leaving> = {
  title:
    ({ host }, { vm }) =>
    (m) =>
      m.tasks.job.cancel(m.tasks.job.prepareMove(vm.name, host.name)),
  validate: () => null,
  command: (_, { vm }) => ({ op: 'migration.release', args: { vm: vm.id } })
};

/** Why the VM cannot leave, wherever it should go; null when it can. */
export function leaveProblem({ problem }: Messages, { vm, from }: Leaving): string | null {
  const simulated = from.facts?.simulated === true;
  if (!isOn(vm) && !(simulated && isOff(vm))) return problem.moveInState(vm.name, vm.state);
  for (const disk of vm.disks) {
    if (disk.volume === null && disk.device === 'cdrom') continue;
    if (disk.readOnly && !simulated) return problem.moveReadOnly(disk.target);
    if (disk.volume === null || disk.pool === null || disk.capacity === null) return problem.moveNoPool(disk.target);
  }
  return null;
}

const isOn = ({ state }: Vm): boolean => state === 'running' || state === 'paused';
const isOff = ({ state }: Vm): boolean => state === 'off' || state === 'crashed';

/** Why it cannot go to this host; null when nothing speaks against it. The host decides for itself again. */
export function arriveProblem(m: Messages, to: Host, { vm, from }: Leaving): string | null {
  const { problem } = m;
  const [there, here] = [to.facts, from.facts];
  if (to.id === from.id) return problem.moveHere;
  const blocked = whyNot(m, to);
  if (blocked !== null || there === null || here === null) return blocked ?? m.common.linkState.offline;
  if (there.hypervisor !== here.hypervisor) return problem.moveHypervisor(there.hypervisor, here.hypervisor);
  if (there.accelerator !== here.accelerator) return problem.moveAccelerator(there.accelerator, here.accelerator);
  if (there.accelerator !== 'emulated' && there.cpuModel !== here.cpuModel) return problem.moveCpu(there.cpuModel);
  if ([...to.vms.values()].some((other) => other.id === vm.id || other.name === vm.name)) return problem.name.taken;
  const lacking = vm.nics.find(({ network }) => !to.networks.some(({ name }) => name === network));
  if (lacking !== undefined) return problem.moveNetwork(lacking.network);
  const free = freeMemory(to);
  if (isOn(vm) && free !== null && vm.memory > free) return problem.moveMemory(formatMib(free));
  const need = new Map<string, number>();
  for (const { pool, capacity } of vm.disks) {
    if (pool !== null) need.set(pool, (need.get(pool) ?? 0) + (capacity ?? 0));
  }
  for (const [name, size] of need) {
    const pool = to.pools.find((each) => each.name === name);
    if (pool === undefined) return problem.movePool(name);
    if (wholeMib(bytes(size)) > wholeMib(pool.free)) return problem.poolHas(name, formatBytes(pool.free));
  }
  return null;
}
