// Columns and an intent become a problem for the search, with an assignment to begin from that keeps every rule. What is broken
// already and cannot be mended by moves is taken as it is, so that the rest can still be planned.
import {
  CPU,
  HARD,
  HOST_MAINTENANCE,
  HOST_ONLINE,
  MEMORY,
  DISK,
  VM_NEW,
  VM_RUNNING,
  WIDTH
} from '../../plugin/columns.ts';
import type { FleetView } from '../../plugin/fleet-view.ts';
import { biggestFirst, placeEach } from '../../plugin/planning.ts';
import type { Intent } from '../../plugin/scheduler.ts';
import { ratesOf } from '../cost/terms.ts';
import type { Assignment, Problem } from '../problem.ts';
import { breaksOf } from '../rule-breaks.ts';
import { places } from './places-of-vms.ts';
import { services } from './services-of-rules.ts';

export type Task = {
  readonly problem: Problem;
  /** Feasible: to begin from. */
  readonly from: Assignment;
  /** Index in the columns of each VM of the problem. */
  readonly vms: Int32Array;
  /** VMs of the columns that need a host and found none. */
  readonly stuck: readonly number[];
};

const GIB = 1_024;
const HUNDRED_WATTS = 100;

/** @param given stays as it is */
export function problemOf(given: FleetView, intent: Intent): Task {
  const fleet = given.copy();
  const { columns } = fleet;
  const open = openHosts(fleet, intent);
  const leaving = leavers(fleet, intent, open);
  placeEach(fleet, intent, leaving, (vm, host) => -fullness(fleet, vm, host));
  const stuck = leaving.filter((vm) => fleet.placedOn[vm]! < 0 || fleet.placedOn[vm] === columns.vmHost[vm]);

  const vms = Int32Array.from(fleet.placedOn.keys()).filter((vm) => fleet.placedOn[vm]! >= 0);
  const indexOf = new Int32Array(columns.vms).fill(-1);
  for (const [index, vm] of vms.entries()) indexOf[vm] = index;
  const from = Int32Array.from(vms, (vm) => fleet.placedOn[vm]!);
  const nowhere = columns.hosts;
  const problem: Problem = {
    ...hostColumns(fleet, intent),
    ...services(fleet, vms, indexOf),
    ...places(fleet, vms, open, mayMove(fleet, intent, leaving, stuck)),
    ...costs(fleet, intent, vms),
    vms: vms.length,
    demand: gather(columns.demand, vms),
    home: Int32Array.from(vms, (vm) => (columns.vmHost[vm]! < 0 ? nowhere : columns.vmHost[vm]!)),
    counts: Uint8Array.from(vms, (vm) => ((columns.vmFlags[vm]! & (VM_RUNNING | VM_NEW)) === 0 ? 0 : 1))
  };
  return { problem, from, vms, stuck };
}

/** 1: VMs may come. */
function openHosts({ columns }: FleetView, { leave }: Intent): Uint8Array {
  const open = columns.hostFlags.map((flags) => ((flags & (HOST_ONLINE | HOST_MAINTENANCE)) === HOST_ONLINE ? 1 : 0));
  for (const host of leave) open[host] = 0;
  return open;
}

/** VMs that cannot stay, or are nowhere: biggest first, after the new ones in their order. */
function leavers(fleet: FleetView, { kind, place }: Intent, open: Uint8Array): readonly number[] {
  const { vmHost, vmMask, masks, hosts } = fleet.columns;
  const newcomers = place.filter((vm) => fleet.placedOn[vm]! < 0);
  if (kind === 'place') return newcomers;
  const leaving: number[] = [];
  const together = crowded(fleet);
  for (let vm = 0; vm < fleet.vms; vm++) {
    const home = vmHost[vm]!;
    if (home < 0 || !fleet.isMovable(vm)) continue;
    if (open[home] === 0 || masks[vmMask[vm]! * hosts + home] !== 1 || together.has(vm)) leaving.push(vm);
  }
  return [...newcomers, ...biggestFirst(fleet, leaving)];
}

/** VMs on a host with another one they have to be apart from; of each host all but the first. */
function crowded({ columns, placedOn }: FleetView): ReadonlySet<number> {
  const found = new Set<number>();
  for (const rule of columns.rules) {
    if (rule.kind !== 'apart') continue;
    const taken = new Set<number>();
    for (const vm of rule.vms) {
      const host = placedOn[vm]!;
      if (host >= 0 && taken.has(host)) found.add(vm);
      taken.add(host);
    }
  }
  return found;
}

/** Of the fullest resource, a share. */
function fullness({ columns, used }: FleetView, vm: number, host: number): number {
  let most = 0;
  for (const r of [CPU, MEMORY]) {
    const capacity = columns.capacity[host * WIDTH + r]!;
    if (capacity > 0) most = Math.max(most, (used[host * WIDTH + r]! + columns.demand[vm * WIDTH + r]!) / capacity);
  }
  return most;
}

/** Hosts with one more at the end, where new VMs come from. */
function hostColumns(
  fleet: FleetView,
  { weights }: Intent
): Pick<
  Problem,
  | 'resources'
  | 'transient'
  | 'hard'
  | 'loadWeight'
  | 'balances'
  | 'hosts'
  | 'capacity'
  | 'safety'
  | 'site'
  | 'sites'
  | 'zone'
  | 'zones'
  | 'onCost'
  | 'path'
  | 'paths'
> {
  const { columns } = fleet;
  const { hosts, base } = columns;
  const rates = ratesOf(columns, weights);
  const size = (hosts + 1) * WIDTH;
  const capacity = new Float64Array(size).fill(Infinity);
  const safety = new Float64Array(size).fill(Infinity);
  for (let host = 0; host < hosts; host++) {
    for (let r = 0; r < WIDTH; r++) {
      const at = host * WIDTH + r;
      safety[at] = columns.safety[at]! - base[at]!;
      capacity[at] = mostOf(fleet, host, r);
    }
  }
  const sites = columns.siteName.length;
  const site = Int32Array.from([...columns.hostSite, sites]);
  const transient = new Uint8Array(WIDTH);
  transient[MEMORY] = transient[DISK] = 1;
  const hard = new Uint8Array(WIDTH).fill(1, 0, HARD);
  return {
    resources: WIDTH,
    transient,
    hard,
    loadWeight: rates.perUnit,
    balances: [
      { of: MEMORY, against: CPU, target: rates.cpuPerMemory, weight: rates.balancePerCpu },
      {
        of: CPU,
        against: MEMORY,
        target: rates.cpuPerMemory === 0 ? 0 : 1 / rates.cpuPerMemory,
        weight: rates.balancePerMemory
      }
    ].filter(({ weight }) => weight > 0),
    hosts: hosts + 1,
    capacity,
    safety,
    site,
    sites: sites + 1,
    zone: site,
    zones: sites + 1,
    onCost: Float64Array.from([...columns.idleWatts, 0], (watts) => (weights.power * watts) / HUNDRED_WATTS),
    path: site,
    paths: sites + 1
  };
}

/** What VMs may use of a resource: what there is, or more where more is given out already. Of load that is only what is free. */
function mostOf({ columns, room }: FleetView, host: number, resource: number): number {
  const at = host * WIDTH + resource;
  const capacity = columns.capacity[at]!;
  const held = resource < HARD ? capacity - room[host * HARD + resource]! : 0;
  return Math.max(capacity, held) - columns.base[at]!;
}

/** 1: the search may move it. All that may move at all, of a rebalancing; else those only that need a host. By index of the columns. */
function mayMove(fleet: FleetView, { kind }: Intent, leaving: readonly number[], stuck: readonly number[]): Uint8Array {
  const movable = new Uint8Array(fleet.vms);
  if (kind === 'rebalance') for (let vm = 0; vm < fleet.vms; vm++) movable[vm] = fleet.isMovable(vm) ? 1 : 0;
  for (const vm of leaving) movable[vm] = 1;
  for (const vm of stuck) movable[vm] = 0;
  for (const rule of fleet.columns.rules) {
    if (rule.kind !== 'needs' || breaksOf(rule, fleet.columns, fleet.placedOn) === 0) continue;
    for (const vm of [...rule.vms, ...rule.of]) movable[vm] = 0;
  }
  return movable;
}

function costs(
  { columns }: FleetView,
  { weights }: Intent,
  vms: Int32Array
): Pick<Problem, 'moveCost' | 'moveSize' | 'pathCost' | 'pathRate' | 'serviceMoveCost'> {
  const paths = columns.siteName.length + 1;
  const isNew = (vm: number): boolean => columns.vmHost[vm]! < 0;
  const pathRate = new Float64Array(paths * paths);
  for (let from = 0; from < paths - 1; from++) {
    for (let to = 0; to < paths - 1; to++) {
      pathRate[from * paths + to] = ((from === to ? 1 : weights.betweenSites) * weights.moveGib) / GIB;
    }
  }
  return {
    moveCost: Float64Array.from(vms, (vm) => (isNew(vm) ? 0 : weights.move)),
    moveSize: Float64Array.from(vms, (vm) => (isNew(vm) ? 0 : columns.moveMib[vm]!)),
    pathCost: new Float64Array(paths * paths),
    pathRate,
    serviceMoveCost: weights.disturbance
  };
}

function gather(rows: Float64Array, vms: Int32Array): Float64Array {
  const found = new Float64Array(vms.length * WIDTH);
  for (const [index, vm] of vms.entries()) found.set(rows.subarray(vm * WIDTH, (vm + 1) * WIDTH), index * WIDTH);
  return found;
}
