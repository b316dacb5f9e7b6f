// Fleets to try a scheduler on: any size, the same for the same seed, with a start that keeps every rule.
import {
  CPU,
  DISK,
  DISK_IO,
  HARD,
  HOST_MAINTENANCE,
  HOST_ONLINE,
  HOST_SHARES,
  MEMORY,
  NET,
  VCPUS
} from '../../plugin/columns.ts';
import { SHARE_WIDTH, VM_MOVABLE, VM_NEW, VM_RUNNING, WIDTH, textsOf } from '../../plugin/columns.ts';
import type { Columns, Rule, Texts } from '../../plugin/columns.ts';
import { Random } from '../search/random.ts';

/** What is left out is as the default says. */
export type FleetShape = {
  /** 20. */
  readonly hosts?: number;
  /** Those that are there already: 100. Without hosts there are none. */
  readonly vms?: number;
  /** VMs to be placed, behind the others: 0. */
  readonly fresh?: number;
  /** 3, or as many as hosts. */
  readonly sites?: number;
  /** How full hosts are on average, 0 to 1: 0.6. */
  readonly full?: number;
  /** Of each kind: 0. */
  readonly rules?: number;
  /** Hosts in maintenance, the first ones: 0. */
  readonly maintenance?: number;
  /** Part of the running VMs whose tags say that a plan may cap them, down to half of what they could use: 0. All hosts can. */
  readonly yields?: number;
  /** 1. */
  readonly seed?: number;
};

/** The beginning of 2026: the time of every fleet. */
const AT = 1_767_225_600_000;
const TAGS = ['db', 'web', 'cache', 'batch', 'test'];
const VCPUS_OF_A_VM = [1, 2, 2, 4, 4, 8, 16];
const MEMORY_OF_A_VM = [512, 1024, 2048, 4096, 4096, 8192, 16_384, 32_768];

export function aFleet(shape: FleetShape = {}): Columns {
  const { hosts = 20, fresh = 0, full = 0.6, rules = 0, maintenance = 0, yields = 0, seed = 1 } = shape;
  const settled = hosts === 0 ? 0 : (shape.vms ?? 100);
  const vms = settled + fresh;
  const sites = Math.max(1, Math.min(shape.sites ?? 3, hosts));
  const random = new Random(seed);
  const one = <T>(of: readonly T[]): T => of[random.below(of.length)]!;

  const demand = new Float64Array(vms * WIDTH);
  const vmFlags = new Uint8Array(vms);
  const vmHost = new Int32Array(vms).fill(-1);
  const tags = Array.from({ length: vms }, () => (random.below(2) === 0 ? [] : [random.below(TAGS.length)]));
  for (let vm = 0; vm < vms; vm++) {
    const isOn = vm >= settled || random.below(10) > 0;
    demand.set(demandOf(one(VCPUS_OF_A_VM), one(MEMORY_OF_A_VM), random, isOn), vm * WIDTH);
    if (vm < settled) vmHost[vm] = random.below(hosts);
    vmFlags[vm] = vm >= settled ? VM_NEW : (isOn ? VM_RUNNING : 0) | (random.below(20) > 0 ? VM_MOVABLE : 0);
  }
  const hostSite = Int32Array.from({ length: hosts }, (_, host) => host % sites);
  const capacity = capacities(hosts, demand, vmHost, full, random);
  const masks = new Uint8Array(2 * hosts).fill(1);
  for (let host = 0; host < hosts; host++) masks[hosts + host] = Number(random.below(10) > 0);
  return {
    ...{ at: AT, hosts, hostId: names('h', hosts), hostName: names('host-', hosts), hostSite },
    siteName: Array.from({ length: sites }, (_, site) => `site-${site}`),
    hostFlags: Uint8Array.from(
      { length: hosts },
      (_, host) => HOST_ONLINE | HOST_SHARES | (host < maintenance ? HOST_MAINTENANCE : 0)
    ),
    ...{ capacity, safety: capacity.map((amount) => Math.round(amount * 0.8)), base: new Float64Array(hosts * WIDTH) },
    idleWatts: Float64Array.from({ length: hosts }, () => 80 + random.below(200)),
    ...{ vms, vmId: names('v', vms), vmName: names('vm-', vms), vmFlags, vmHost, demand },
    share: sharesOf(demand, vmFlags, yields, new Random(seed)),
    moveMib: Float64Array.from({ length: vms }, (_, vm) => demand[vm * WIDTH + MEMORY]!),
    ...{ tagName: TAGS, vmTag: Int32Array.from(tags.flat()), vmTagStart: starts(tags) },
    vmMask: Int32Array.from(vmHost, (host) => (random.below(10) > 0 || masks[hosts + host] === 0 ? 0 : 1)),
    ...{ masks, rules: rulesThatHold(rules, vmHost, hostSite, random) }
  };
}

const ORDINARY_WEIGHT = 256;
/** Of those that yield every other one has a cap already. */
function sharesOf(demand: Float64Array, vmFlags: Uint8Array, yields: number, random: Random): Int32Array {
  const share = new Int32Array(vmFlags.length * SHARE_WIDTH);
  for (const [vm, flags] of vmFlags.entries()) {
    if ((flags & VM_RUNNING) === 0) continue;
    const [vcpus, cpu] = [demand[vm * WIDTH + VCPUS]!, demand[vm * WIDTH + CPU]!];
    const least = random.next() < yields ? vcpus * 50 : 0;
    const cap = least > 0 && random.below(2) === 0 ? least : 0;
    share.set([ORDINARY_WEIGHT, cap, least, cpu], vm * SHARE_WIDTH);
    if (cap > 0) demand[vm * WIDTH + CPU] = Math.min(cpu, cap * 10);
  }
  return share;
}

const names = (prefix: string, count: number): Texts =>
  textsOf(Array.from({ length: count }, (_, index) => `${prefix}${index}`));

function starts(lists: readonly (readonly unknown[])[]): Int32Array {
  const found = new Int32Array(lists.length + 1);
  for (const [index, list] of lists.entries()) found[index + 1] = found[index]! + list.length;
  return found;
}

function demandOf(vcpus: number, memory: number, random: Random, isOn: boolean): Float64Array {
  const row = new Float64Array(WIDTH);
  row[DISK] = 10_240 * (1 + random.below(10));
  if (!isOn) return row;
  row[VCPUS] = vcpus;
  row[MEMORY] = memory;
  row[CPU] = vcpus * random.below(700);
  row[DISK_IO] = random.below(20_000);
  row[NET] = random.below(50_000);
  return row;
}

/** As much as makes each host about as full as it should be; what is empty is as large as the mean. */
function capacities(
  hosts: number,
  demand: Float64Array,
  vmHost: Int32Array,
  full: number,
  random: Random
): Float64Array {
  const used = new Float64Array(hosts * WIDTH);
  for (const [vm, host] of vmHost.entries()) {
    for (let r = 0; r < WIDTH && host >= 0; r++) used[host * WIDTH + r]! += demand[vm * WIDTH + r]!;
  }
  const mean = Float64Array.from({ length: WIDTH }, (_, r) => {
    let sum = 0;
    for (let host = 0; host < hosts; host++) sum += used[host * WIDTH + r]!;
    return Math.max(sum / Math.max(1, hosts), [8, 65_536, 1_048_576, 8000, 200_000, 1_000_000][r]!);
  });
  return used.map((amount, at) => {
    const fullness = Math.min(1, Math.max(0.05, full + (random.next() - 0.5) * Math.min(0.4, 2 * (1 - full))));
    const size = Math.max(amount, mean[at % WIDTH]! * (full < 0.9 ? 0.5 : 0.02)) / fullness;
    return at % WIDTH < HARD ? Math.ceil(size) : Math.round(size);
  });
}

/** Rules made of what is so already. */
function rulesThatHold(count: number, vmHost: Int32Array, hostSite: Int32Array, random: Random): Rule[] {
  const settled = Array.from(vmHost.keys()).filter((vm) => vmHost[vm]! >= 0);
  const siteOf = (vm: number): number => hostSite[vmHost[vm]!]!;
  const some = (most: number, may: (chosen: readonly number[], vm: number) => boolean): number[] => {
    const chosen: number[] = [];
    for (let tries = 0; tries < 40 && chosen.length < most && settled.length > 0; tries++) {
      const vm = settled[random.below(settled.length)]!;
      if (!chosen.includes(vm) && may(chosen, vm)) chosen.push(vm);
    }
    return chosen;
  };
  return Array.from({ length: count }, (_, index): Rule[] => {
    const apart = some(5, (chosen, vm) => chosen.every((other) => vmHost[other] !== vmHost[vm]));
    const near = some(4, (chosen, vm) => chosen.every((other) => siteOf(other) === siteOf(vm)));
    const together = some(2, (chosen, vm) => chosen.every((other) => vmHost[other] === vmHost[vm]));
    const spread = some(4, () => true);
    const needed = some(3, () => true);
    const needing = some(3, (_, vm) => !needed.includes(vm) && needed.some((other) => siteOf(other) === siteOf(vm)));
    const vms = (list: readonly number[]): Int32Array => Int32Array.from(list);
    return [
      { kind: 'apart', name: `apart-${index}`, vms: vms(apart) },
      { kind: 'near', name: `near-${index}`, vms: vms(near) },
      { kind: 'together', name: `together-${index}`, vms: vms(together) },
      { kind: 'spread', name: `spread-${index}`, vms: vms(spread), least: new Set(spread.map(siteOf)).size },
      { kind: 'needs', name: `needs-${index}`, vms: vms(needing), of: vms(needed) }
    ];
  }).flat();
}
