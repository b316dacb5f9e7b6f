// What changes from one look to the next: flags, room and demand, row by row. A host's rows are made of that host alone.
import { inMaintenance, isInactive } from '../../model/fleet.ts';
import type { Host, Vm } from '../../model/fleet.ts';
import type { VmId } from '../../model/ids.ts';
import {
  CPU,
  DISK,
  DISK_IO,
  HOST_MAINTENANCE,
  HOST_ONLINE,
  HOST_SHARES,
  HOST_SIMULATED,
  MEMORY,
  NET,
  SHARE_CAP,
  SHARE_LEAST,
  SHARE_WANTED,
  SHARE_WEIGHT,
  SHARE_WIDTH,
  VCPUS,
  VM_MOVABLE,
  VM_NEW,
  VM_RUNNING,
  WIDTH
} from '../../plugin/columns.ts';
import type { Columns } from '../../plugin/columns.ts';
import type { Reason } from '../reason.ts';
import { MILLI_OF_PERCENT } from '../shares.ts';
import type { ExpectedLoad } from './expected-load.ts';
import { whyClosed } from './requirement.ts';
import type { PlanSettings } from './settings.ts';
import type { Resize, WantedVm } from './survey.ts';
import { tagRules } from './tag-rules.ts';

/** Rows of hosts and of VMs, as the columns have them. */
export type Figures = Pick<Columns, 'capacity' | 'safety' | 'base' | 'vmFlags' | 'demand' | 'share' | 'moveMib'> & {
  /** As `Survey.held`, whatever the scope. */
  readonly held: (Reason | null)[];
};

/** What rows are made with. */
export type Basis = {
  readonly expected: ExpectedLoad;
  readonly settings: PlanSettings;
  readonly resizes: ReadonlyMap<VmId, Resize>;
  readonly starts: ReadonlySet<VmId>;
};

const BYTES_OF_MIB = 2 ** 20;
const KIB = 1024;
const MILLI = 1000;

export const noFigures = (hosts: number, vms: number): Figures => ({
  capacity: new Float64Array(hosts * WIDTH),
  safety: new Float64Array(hosts * WIDTH),
  base: new Float64Array(hosts * WIDTH),
  vmFlags: new Uint8Array(vms),
  demand: new Float64Array(vms * WIDTH),
  share: new Int32Array(vms * SHARE_WIDTH),
  moveMib: new Float64Array(vms),
  held: Array<Reason | null>(vms).fill(null)
});

/** @param at row of the host @param first row of its first VM; rows of VMs are zeros yet */
export function writeHost(host: Host, basis: Basis, into: Figures, at: number, first: number): void {
  for (const rows of [into.capacity, into.safety, into.base]) rows.fill(0, at * WIDTH, (at + 1) * WIDTH);
  writeCapacity(host, basis.settings, into, at * WIDTH);
  const allocations = allocationsOf(host);
  const closed = whyClosed(host);
  let [vm, disks, cpu] = [first, 0, 0];
  for (const one of host.vms.values()) {
    const row = vm * WIDTH;
    const disk = diskMib(one, allocations);
    const off = isInactive(one);
    const running = !off || basis.starts.has(one.id);
    if (running) {
      writeDemand(one, basis, into.demand, row);
      if (one.state === 'running') writeShare(one, basis, into.share, vm * SHARE_WIDTH, closed === null);
      into.moveMib[vm] = Math.round(host.vmLoads.get(one.id)?.memoryUsed ?? one.memory) + disk;
    }
    into.demand[row + DISK] = disk;
    disks += disk;
    if (!off) cpu += into.demand[row + CPU]!;
    const why = closed ?? whyHeld(one, host);
    into.held[vm] = why;
    into.vmFlags[vm] = (running ? VM_RUNNING : 0) | (why === null ? VM_MOVABLE : 0);
    vm += 1;
  }
  writeBase(host, disks, cpu, into.base, at * WIDTH);
}

export function writeWanted(wanted: readonly WantedVm[], { settings }: Basis, into: Figures, first: number): void {
  for (const [index, one] of wanted.entries()) {
    const vm = first + index;
    const row = vm * WIDTH;
    into.vmFlags[vm] = VM_NEW | VM_MOVABLE;
    into.demand[row + VCPUS] = one.vcpus;
    into.demand[row + MEMORY] = one.memory;
    into.demand[row + DISK] = one.disk;
    into.demand[row + CPU] = Math.round(one.vcpus * 1000 * settings.assumedCpu);
  }
}

export const flagsOf = (host: Host): number =>
  (whyClosed(host) === null ? HOST_ONLINE : 0) |
  (inMaintenance(host) ? HOST_MAINTENANCE : 0) |
  (host.facts?.simulated === true ? HOST_SIMULATED : 0) |
  (host.facts?.capabilities.some(({ name, live }) => name === 'cpu-share' && live) === true ? HOST_SHARES : 0);

function whyHeld(vm: Vm, host: Host): Reason | null {
  if (vm.unmanaged !== null) return { kind: 'unmanaged' };
  if (vm.state !== 'running') return { kind: 'vm-state', state: vm.state };
  const stays = host.facts?.hypervisor === 'xen' ? whyItStays(vm) : null;
  if (stays !== null) return { kind: 'stays-on-xen', because: stays };
  return whyFixed(vm);
}

/** Why a VM that is off could not be moved so either; null when it can. A saved one has memory that is its host's. */
export function whyHeldOff(vm: Vm, host: Host): Reason | null {
  if (vm.unmanaged !== null) return { kind: 'unmanaged' };
  if (vm.state !== 'off' && vm.state !== 'crashed') return { kind: 'vm-state', state: vm.state };
  if (host.facts?.hypervisor === 'xen') return { kind: 'stays-on-xen', because: 'off' };
  return whyFixed(vm);
}

function whyFixed(vm: Vm): Reason | null {
  if (tagRules(vm.tags).pinned) return { kind: 'pinned' };
  const loose = vm.disks.find((disk) => disk.device === 'disk' && disk.pool === null);
  return loose === undefined ? null : { kind: 'loose-disk', target: loose.target };
}

/** What of a VM keeps it on its Xen host while it runs, as docs/HYPERVISORS.md has it: hosts refuse to move it. */
function whyItStays({ kind, disks }: Vm): 'pv' | 'hvm' | 'disks' | null {
  if (kind !== 'pvh') return kind;
  return disks.length > 0 ? 'disks' : null;
}

function writeCapacity(
  { facts, pools }: Host,
  settings: PlanSettings,
  { capacity, safety }: Pick<Figures, 'capacity' | 'safety'>,
  row: number
): void {
  if (facts === null) return;
  const { cpus, memory } = facts;
  capacity[row + VCPUS] = Math.floor(cpus * settings.overcommit);
  capacity[row + MEMORY] = Math.max(0, Math.floor(memory * (1 - settings.reserveShare) - settings.reserveMib));
  capacity[row + DISK] = Math.floor(pools.reduce((total, pool) => total + pool.capacity, 0) / BYTES_OF_MIB);
  capacity[row + CPU] = cpus * 1000;
  capacity[row + DISK_IO] = settings.diskIo;
  capacity[row + NET] = settings.net;
  const shares = [1, settings.safety.memory, 1, settings.safety.cpu, settings.safety.diskIo, settings.safety.net];
  for (const [r, share] of shares.entries()) safety[row + r] = Math.floor(capacity[row + r]! * share);
}

function writeDemand(vm: Vm, { expected, settings, resizes }: Basis, demand: Float64Array, row: number): void {
  const load = expected.of(vm.id);
  const resize = isInactive(vm) ? undefined : resizes.get(vm.id);
  demand[row + VCPUS] = resize?.vcpus ?? vm.vcpus;
  demand[row + MEMORY] = resize?.memory ?? vm.memory;
  // More vCPUs do not make more work, and what a cap leaves it is all it can ever use.
  const most = vm.cpuShare?.cap ?? null;
  const wanted = usual(vm, load?.cpu ?? null, settings);
  demand[row + CPU] = most === null ? wanted : Math.min(wanted, most * MILLI_OF_PERCENT);
  demand[row + DISK_IO] = Math.round((load?.disk ?? 0) / KIB);
  demand[row + NET] = Math.round((load?.net ?? 0) / KIB);
}

/** Milli-CPUs. @param cpu expected, percent of its vCPUs; null: not known */
const usual = ({ vcpus }: Vm, cpu: number | null, { assumedCpu }: PlanSettings): number =>
  Math.round(vcpus * MILLI * (cpu === null ? assumedCpu : cpu / 100));

/** From this part of its cap on it is the cap that a VM uses, and nobody knows what it would use without. */
const AT_CAP = 0.9;

/** @param reached whether its host takes commands */
function writeShare(vm: Vm, { expected, settings }: Basis, share: Int32Array, row: number, reached: boolean): void {
  if (vm.cpuShare === null) return;
  const { weight, cap } = vm.cpuShare;
  const { yields } = tagRules(vm.tags);
  const known = expected.of(vm.id)?.cpu ?? null;
  const uses = usual(vm, known, settings);
  const held = cap !== null && known !== null && uses >= AT_CAP * cap * MILLI_OF_PERCENT;
  share[row + SHARE_WEIGHT] = weight;
  share[row + SHARE_CAP] = cap ?? 0;
  share[row + SHARE_LEAST] = yields === null || !reached || vm.unmanaged !== null ? 0 : Math.ceil(vm.vcpus * yields);
  share[row + SHARE_WANTED] = held ? vm.vcpus * MILLI : uses;
}

/** What is in use beside the VMs: measured, less what is expected of them. @param disks, cpu what its VMs demand together */
function writeBase({ facts, load, pools }: Host, disks: number, cpu: number, base: Float64Array, row: number): void {
  if (facts === null) return;
  const used = pools.reduce((total, { capacity, free }) => total + capacity - free, 0) / BYTES_OF_MIB;
  base[row + DISK] = Math.max(0, Math.ceil(used) - disks);
  // Memory that no VM can ever have: a Xen host's own domain holds it.
  base[row + MEMORY] = facts.domainZero?.memory ?? 0;
  const busy = Math.round(facts.cpus * 10 * (load?.cpu ?? 0));
  base[row + CPU] = Math.max(0, busy - cpu);
}

/** Bytes each volume takes, by pool and name. */
const allocationsOf = ({ pools }: Host): ReadonlyMap<string, number> =>
  new Map(
    pools.flatMap((pool) =>
      pool.volumes.map(({ name, allocation, capacity }) => [`${pool.name}/${name}`, allocation ?? capacity] as const)
    )
  );

function diskMib({ disks }: Vm, allocations: ReadonlyMap<string, number>): number {
  const total = disks.reduce((sum, { pool, volume, capacity }) => {
    const known = pool === null || volume === null ? undefined : allocations.get(`${pool}/${volume}`);
    return sum + (pool === null ? 0 : (known ?? capacity ?? 0));
  }, 0);
  return Math.ceil(total / BYTES_OF_MIB);
}
