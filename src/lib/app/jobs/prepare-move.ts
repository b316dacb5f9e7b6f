// The first half of a move: the target makes room, and gives the permit with which the VM may come.
import type { Messages } from '#lib/messages/messages.ts';
import type { Disk, Host, Vm } from '#lib/model/fleet.ts';
import { bytes } from '#lib/model/units.ts';
import { comingVm } from '#lib/session/coming.ts';
import { formatBytes, formatMib, wholeMib } from '#lib/ui/format.ts';
import { whyNoVm } from '../permission.ts';
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
      m.tasks.job.releaseMove(vm.name, host.name),
  validate: () => null,
  command: (_, { vm }) => ({ op: 'migration.release', args: { vm: vm.id } })
};

/** All that keeps the VM from leaving, wherever it should go; null when nothing does. */
export function leaveProblem({ problem }: Messages, { vm, from }: Leaving): string | null {
  if (!isOn(vm) && !isOff(vm)) return problem.moveInState(vm.name, vm.state);
  const never = neverMoves(from);
  if (never !== null) return problem.moveNever(from.name, never);
  if (from.facts?.hypervisor === 'xen') {
    const found = [
      ...(vm.kind === 'pvh' ? [] : [problem.moveXenKind(vm.kind.toUpperCase())]),
      ...(vm.state === 'running' ? [] : [problem.moveXenRuns]),
      ...(vm.disks.length === 0 ? [] : [problem.moveXenDisks])
    ];
    return found.join(' ') || null;
  }
  const homeless = vm.disks.filter(
    ({ device, pool, volume }) => device === 'disk' && (pool === null || volume === null)
  );
  return homeless.map(({ target }) => problem.moveNoPool(target)).join(' ') || null;
}

/** Why VMs move neither to nor from it, in its words; null also of an agent that says nothing of it. */
function neverMoves({ facts }: Host): string | null {
  const capability = facts?.capabilities.find(({ name }) => name === 'migrate');
  return capability?.live === false ? capability.reason : null;
}

const isOn = ({ state }: Vm): boolean => state === 'running' || state === 'paused';
const isOff = ({ state }: Vm): boolean => state === 'off' || state === 'crashed';

/** All that keeps it from going to this host, a sentence each; the host decides for itself again. */
export function arriveProblems(m: Messages, to: Host, { vm, from }: Leaving): readonly string[] {
  const { problem } = m;
  const [there, here] = [to.facts, from.facts];
  if (to.id === from.id) return [problem.moveHere];
  const blocked = whyNoVm(m, to);
  if (blocked !== null || there === null || here === null) return [blocked ?? m.common.linkState.offline];
  const never = neverMoves(to);
  if (never !== null) return [problem.moveNever(to.name, never)];
  if (there.hypervisor !== here.hypervisor) {
    const { hypervisor } = m.frame;
    const kind = here.hypervisor === 'xen' ? ` ${vm.kind.toUpperCase()}` : '';
    return [problem.moveHypervisor(hypervisor[there.hypervisor], `${hypervisor[here.hypervisor]}${kind}`)];
  }
  const found: string[] = [];
  if (there.accelerator !== here.accelerator) {
    found.push(problem.moveAccelerator(there.accelerator, here.accelerator));
  } else if (there.accelerator !== 'emulated' && there.cpuModel !== here.cpuModel) {
    found.push(problem.moveCpu(there.cpuModel));
  }
  if ([...to.vms.values()].some((other) => other.id === vm.id || other.name === vm.name))
    found.push(problem.name.taken);
  const networks = new Set(vm.nics.map(({ network }) => network));
  for (const { name } of to.networks) networks.delete(name);
  found.push(...[...networks].map(problem.moveNetwork));
  const free = freeMemory(to);
  if (isOn(vm) && free !== null && vm.memory > free) found.push(problem.moveMemory(formatMib(free)));
  for (const [name, size] of sizes(to, vm)) {
    const pool = to.pools.find((each) => each.name === name);
    if (pool === undefined) found.push(problem.movePool(name));
    else if (wholeMib(bytes(size)) > wholeMib(pool.free)) found.push(problem.poolHas(name, formatBytes(pool.free)));
  }
  const large = vm.disks.filter((disk) => disk.readOnly && !isThere(to, disk) && (disk.capacity ?? 0) > MOST_READ_ONLY);
  return [...found, ...large.map(({ target }) => problem.moveReadOnly(target))];
}

/** `arriveProblems` in one; null when there are none. */
export const arriveProblem = (m: Messages, to: Host, leaving: Leaving): string | null =>
  arriveProblems(m, to, leaving).join(' ') || null;

/** Bytes sent ahead at most, as by the host. */
const MOST_READ_ONLY = 256 * 2 ** 20;

/** Disks of which the host has a volume with the same pool and name: if it is the same storage they stay where they are. */
export const maybeShared = (to: Host, vm: Vm): readonly string[] =>
  vm.disks.filter((disk) => isThere(to, disk)).map(({ target }) => target);

const isThere = (to: Host, { pool, volume }: Disk): boolean =>
  volume !== null &&
  to.pools.some(({ name, volumes }) => name === pool && volumes.some((each) => each.name === volume));

/** What has to be made there, by pool. */
function sizes(to: Host, { disks }: Vm): ReadonlyMap<string, number> {
  const need = new Map<string, number>();
  for (const disk of disks) {
    const more = isThere(to, disk) ? 0 : (disk.capacity ?? 0);
    if (disk.pool !== null) need.set(disk.pool, (need.get(disk.pool) ?? 0) + more);
  }
  return need;
}
