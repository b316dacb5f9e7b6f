// A fleet becomes columns: everything a plan needs of it as numbers, and the way back from indices to hosts and VMs.
import type { Fleet, Host, Vm } from '../../model/fleet.ts';
import type { VmId } from '../../model/ids.ts';
import {
  CPU,
  DISK,
  DISK_IO,
  HOST_MAINTENANCE,
  HOST_ONLINE,
  HOST_SIMULATED,
  MEMORY,
  NET,
  VCPUS,
  VM_MOVABLE,
  VM_NEW,
  VM_RUNNING,
  WIDTH,
  textsOf
} from '../../plugin/columns.ts';
import type { Columns } from '../../plugin/columns.ts';
import type { Reason } from '../reason.ts';
import type { ExpectedLoad } from './expected-load.ts';
import { MaskRows } from './mask-rows.ts';
import { placesOf, platformOf, requirementOf, whyClosed, whyNot } from './requirement.ts';
import type { Requirement } from './requirement.ts';
import { rulesOf } from './rule-columns.ts';
import type { PlanSettings } from './settings.ts';
import { tagRules } from './tag-rules.ts';

/** A VM that is not there yet. */
export type WantedVm = {
  readonly name: string;
  readonly vcpus: number;
  /** MiB. */
  readonly memory: number;
  /** MiB of all its disks. */
  readonly disk: number;
  readonly image: string | null;
  readonly networks: readonly string[];
  readonly pools: readonly string[];
  readonly tags: readonly string[];
};

/** A size a VM is to have: the plan makes room for it. */
export type Resize = { readonly vm: VmId; readonly vcpus: number; readonly memory: number };

export type Survey = {
  readonly columns: Columns;
  /** By index. */
  readonly hosts: readonly Host[];
  /** By index; null for a new one. */
  readonly vms: readonly (Vm | null)[];
  readonly wanted: readonly WantedVm[];
  /** Why a plan never moves a VM, by index; null when it may. */
  readonly held: readonly (Reason | null)[];
  /** Tags that cannot be read, rules that nothing can keep. */
  readonly warnings: readonly Reason[];
  /** Why the host cannot have the VM whatever room there is; null when it can. */
  readonly unsuited: (vm: number, host: number) => Reason | null;
};

export type Asked = {
  readonly wanted?: readonly WantedVm[];
  readonly resizes?: readonly Resize[];
  /** Which VMs may move; all when left out. */
  readonly scope?: (vm: Vm, host: Host) => boolean;
  readonly at: number;
};

const BYTES_OF_MIB = 2 ** 20;
const KIB = 1024;

/** Hosts by site, then name, as every list has them; of a host never heard of only its name is known, and it has no room. */
export function columnsOfFleet(fleet: Fleet, expected: ExpectedLoad, settings: PlanSettings, asked: Asked): Survey {
  const hosts = [...fleet.hosts.values()].sort(
    (one, other) => compare(one.site, other.site) || compare(one.name, other.name) || compare(one.id, other.id)
  );
  const siteName = [...new Set(hosts.map(({ site }) => site))];
  const siteIndex = new Map(siteName.map((name, index) => [name, index]));
  const placed = hosts.flatMap((host, at) => [...host.vms.values()].map((vm) => ({ vm, host, at })));
  const wanted = asked.wanted ?? [];
  const vms = placed.length + wanted.length;

  const rules = [...placed.map(({ vm }) => vm.tags), ...wanted.map(({ tags }) => tags)].map((tags) => tagRules(tags));
  const platforms = hosts.map(({ facts }) => (facts === null ? null : platformOf(facts)));
  const requirements: Requirement[] = [
    ...placed.map(({ vm, at }, index) => requirementOf(vm, platforms[at]!, rules[index]!)),
    ...wanted.map((one, index) => requirementOfNew(one, placesOf(rules[placed.length + index]!)))
  ];
  const masks = new MaskRows(hosts);
  const vmMask = Int32Array.from(requirements, (required) => masks.rowOf(required));

  const capacity = new Float64Array(hosts.length * WIDTH);
  const safety = new Float64Array(hosts.length * WIDTH);
  const base = new Float64Array(hosts.length * WIDTH);
  for (const [at, host] of hosts.entries()) writeCapacity(host, settings, capacity, safety, at * WIDTH);

  const demand = new Float64Array(vms * WIDTH);
  const moveMib = new Float64Array(vms);
  const vmFlags = new Uint8Array(vms);
  const vmHost = new Int32Array(vms).fill(-1);
  const held: (Reason | null)[] = [];
  const resizes = new Map((asked.resizes ?? []).map((resize) => [resize.vm, resize]));
  const allocations = hosts.map(allocationsOf);
  const closed = hosts.map(whyClosed);
  for (const [index, { vm, host, at }] of placed.entries()) {
    vmHost[index] = at;
    const disk = diskMib(vm, allocations[at]!);
    const running = vm.state !== 'off' && vm.state !== 'crashed';
    if (running) {
      writeDemand(vm, expected, settings, resizes.get(vm.id), demand, index * WIDTH);
      moveMib[index] = Math.round(host.vmLoads.get(vm.id)?.memoryUsed ?? vm.memory) + disk;
    }
    demand[index * WIDTH + DISK] = disk;
    const why = closed[at] ?? whyHeld(vm, host, rules[index]!.pinned, asked.scope);
    held.push(why);
    vmFlags[index] = (running ? VM_RUNNING : 0) | (why === null ? VM_MOVABLE : 0);
  }
  for (const [index, one] of wanted.entries()) {
    const vm = placed.length + index;
    vmFlags[vm] = VM_NEW | VM_MOVABLE;
    held.push(null);
    const row = vm * WIDTH;
    demand[row + VCPUS] = one.vcpus;
    demand[row + MEMORY] = one.memory;
    demand[row + DISK] = one.disk;
    demand[row + CPU] = Math.round(one.vcpus * 1000 * settings.assumedCpu);
  }
  const demanded = demandByHost(hosts.length, vmHost, demand);
  for (const [at, host] of hosts.entries()) writeBase(host, demanded, base, at * WIDTH);

  const { rules: ruleColumns, warnings } = rulesOf(rules);
  const tags = tagColumns([...placed.map(({ vm }) => vm.tags), ...wanted.map((one) => one.tags)]);
  const names = [...placed.map(({ vm }) => vm.name), ...wanted.map(({ name }) => name)];
  const columns: Columns = {
    at: asked.at,
    hosts: hosts.length,
    hostId: textsOf(hosts.map(({ id }) => id)),
    hostName: textsOf(hosts.map(({ name }) => name)),
    hostSite: Int32Array.from(hosts, ({ site }) => siteIndex.get(site)!),
    siteName,
    hostFlags: Uint8Array.from(hosts, (host) => flagsOf(host, settings)),
    capacity,
    safety,
    base,
    idleWatts: new Float64Array(hosts.length).fill(settings.idleWatts),
    vms,
    vmId: textsOf([...placed.map(({ vm }) => vm.id), ...wanted.map(() => '')]),
    vmName: textsOf(names),
    vmFlags,
    vmHost,
    demand,
    moveMib,
    ...tags,
    vmMask,
    masks: masks.columns(),
    rules: ruleColumns
  };
  return {
    columns,
    hosts,
    vms: [...placed.map(({ vm }) => vm), ...wanted.map(() => null)],
    wanted,
    held,
    warnings: [...oddTags(names, rules), ...warnings],
    unsuited: (vm, at) => whyClosed(hosts[at]!) ?? whyNot(requirements[vm]!, hosts[at]!)
  };
}

const requirementOfNew = (
  { image, networks, pools }: WantedVm,
  places: Pick<Requirement, 'on' | 'at' | 'notOn' | 'notAt'>
): Requirement => ({ platform: null, image, networks: [...networks].sort(), pools: [...pools].sort(), ...places });

function whyHeld(vm: Vm, host: Host, pinned: boolean, scope: Asked['scope']): Reason | null {
  if (vm.state !== 'running') return { kind: 'vm-state', state: vm.state };
  if (pinned) return { kind: 'pinned' };
  const loose = vm.disks.find((disk) => disk.device === 'disk' && disk.pool === null);
  if (loose !== undefined) return { kind: 'loose-disk', target: loose.target };
  return scope === undefined || scope(vm, host) ? null : { kind: 'out-of-scope' };
}

function flagsOf(host: Host, { maintenance }: PlanSettings): number {
  return (
    (whyClosed(host) === null ? HOST_ONLINE : 0) |
    (maintenance.has(host.id) ? HOST_MAINTENANCE : 0) |
    (host.facts?.simulated === true ? HOST_SIMULATED : 0)
  );
}

function writeCapacity(
  { facts, pools }: Host,
  settings: PlanSettings,
  capacity: Float64Array,
  safety: Float64Array,
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

function writeDemand(
  vm: Vm,
  expected: ExpectedLoad,
  settings: PlanSettings,
  resize: Resize | undefined,
  demand: Float64Array,
  row: number
): void {
  const load = expected.of(vm.id);
  const cpu = load?.cpu ?? null;
  const share = cpu === null ? settings.assumedCpu : cpu / 100;
  demand[row + VCPUS] = resize?.vcpus ?? vm.vcpus;
  demand[row + MEMORY] = resize?.memory ?? vm.memory;
  // More vCPUs do not make more work.
  demand[row + CPU] = Math.round(vm.vcpus * 1000 * share);
  demand[row + DISK_IO] = Math.round((load?.disk ?? 0) / KIB);
  demand[row + NET] = Math.round((load?.net ?? 0) / KIB);
}

/** What is in use beside the VMs: measured, less what is expected of them. */
function writeBase({ facts, load, pools }: Host, demanded: Float64Array, base: Float64Array, row: number): void {
  if (facts === null) return;
  const used = pools.reduce((total, { capacity, free }) => total + capacity - free, 0) / BYTES_OF_MIB;
  base[row + DISK] = Math.max(0, Math.ceil(used) - demanded[row + DISK]!);
  const busy = Math.round(facts.cpus * 10 * (load?.cpu ?? 0));
  base[row + CPU] = Math.max(0, busy - demanded[row + CPU]!);
}

/** What the VMs of each host demand together, `hosts x WIDTH`. */
function demandByHost(hosts: number, vmHost: Int32Array, demand: Float64Array): Float64Array {
  const sum = new Float64Array(hosts * WIDTH);
  for (let vm = 0; vm < vmHost.length; vm++) {
    const host = vmHost[vm]!;
    if (host >= 0) for (let r = 0; r < WIDTH; r++) sum[host * WIDTH + r]! += demand[vm * WIDTH + r]!;
  }
  return sum;
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

function tagColumns(all: readonly (readonly string[])[]): Pick<Columns, 'tagName' | 'vmTag' | 'vmTagStart'> {
  const tagName = [...new Set(all.flat())].sort();
  const index = new Map(tagName.map((tag, at) => [tag, at]));
  const vmTagStart = new Int32Array(all.length + 1);
  for (const [vm, tags] of all.entries()) vmTagStart[vm + 1] = vmTagStart[vm]! + tags.length;
  return { tagName, vmTag: Int32Array.from(all.flat(), (tag) => index.get(tag)!), vmTagStart };
}

const oddTags = (names: readonly string[], rules: readonly { readonly odd: readonly string[] }[]): Reason[] =>
  rules.flatMap(({ odd }, vm) => odd.map((tag): Reason => ({ kind: 'odd-tag', tag, vm: names[vm]! })));

const compare = (one: string, other: string): number => (one < other ? -1 : one > other ? 1 : 0);
