// What a placement costs, term by term, as docs/PLACEMENT.md has it. The search keeps the same sum by differences on a Problem; this
// one is for reading, explaining and comparing.
import { CPU, DISK_IO, MEMORY, NET, SHARE_CAP, SHARE_WIDTH, VM_NEW, VM_RUNNING, WIDTH } from '../../plugin/columns.ts';
import type { Columns } from '../../plugin/columns.ts';
import type { Weights } from '../../plugin/weights.ts';
import { withheld, yields } from '../shares.ts';

/** In the order in which they are shown. */
export const TERMS = [
  'cpu',
  'memory',
  'diskIo',
  'net',
  'balance',
  'power',
  'move',
  'copy',
  'disturbance',
  'resize',
  'withheld'
] as const;
export type Term = (typeof TERMS)[number];
/** Points; each 0 or more in a cost, any sign in a difference. */
export type Terms = Readonly<Record<Term, number>>;

export const NO_TERMS: Terms = Object.fromEntries(TERMS.map((term) => [term, 0])) as Terms;
export const totalOf = (terms: Terms): number => TERMS.reduce((sum, term) => sum + terms[term], 0);
export const minus = (one: Terms, other: Terms): Terms =>
  Object.fromEntries(TERMS.map((term) => [term, one[term] - other[term]])) as Terms;
export function sumOf(all: readonly Terms[]): Terms {
  const sum: Record<Term, number> = { ...NO_TERMS };
  for (const terms of all) for (const term of TERMS) sum[term] += terms[term];
  return sum;
}

/** Terms that a host has by what is on it. */
export const LOADS = [
  ['cpu', CPU],
  ['memory', MEMORY],
  ['diskIo', DISK_IO],
  ['net', NET]
] as const;
/** GiB, in MiB. */
const GIB = 1_024;
const HUNDRED_WATTS = 100;

/** Where each VM is, -1: nowhere. */
export type Placement = Int32Array;

/** What weights mean on a fleet: points of a unit of each resource, so that a mean host's worth is what the weight says. */
export type Rates = {
  /** `WIDTH` long. */
  readonly perUnit: Float64Array;
  /** Units of CPU that go with a MiB of memory on a mean host. */
  readonly cpuPerMemory: number;
  readonly balancePerCpu: number;
  readonly balancePerMemory: number;
  /** Points of a milli-CPU that a cap keeps from a VM. */
  readonly perWithheld: number;
};

export function ratesOf({ hosts, capacity }: Columns, weights: Weights): Rates {
  const mean = (resource: number): number => {
    let sum = 0;
    for (let host = 0; host < hosts; host++) sum += capacity[host * WIDTH + resource]!;
    return sum / Math.max(1, hosts);
  };
  const per = (weight: number, resource: number): number => (mean(resource) === 0 ? 0 : weight / mean(resource));
  const perUnit = new Float64Array(WIDTH);
  for (const [term, resource] of LOADS) perUnit[resource] = per(weights[term], resource);
  return {
    perUnit,
    cpuPerMemory: mean(MEMORY) === 0 ? 0 : mean(CPU) / mean(MEMORY),
    balancePerCpu: per(weights.balance, CPU),
    balancePerMemory: per(weights.balance, MEMORY),
    perWithheld: per(weights.withheld, CPU)
  };
}

/** What hosts hold in a placement. */
export class Holdings {
  /** `hosts x WIDTH`. */
  readonly used: Float64Array;
  /** Running VMs of each host. */
  readonly running: Int32Array;

  constructor(columns: Columns, placement: Placement) {
    this.used = columns.base.slice();
    this.running = new Int32Array(columns.hosts);
    for (let vm = 0; vm < columns.vms; vm++) if (placement[vm]! >= 0) this.add(columns, vm, placement[vm]!, 1);
  }

  add({ demand, vmFlags }: Columns, vm: number, host: number, sign: 1 | -1): void {
    for (let r = 0; r < WIDTH; r++) this.used[host * WIDTH + r]! += sign * demand[vm * WIDTH + r]!;
    if ((vmFlags[vm]! & (VM_RUNNING | VM_NEW)) !== 0) this.running[host]! += sign;
  }
}

/** Terms of one host by what it holds. */
export function hostTerms(
  { capacity, safety, idleWatts }: Columns,
  weights: Weights,
  rates: Rates,
  { used, running }: Holdings,
  host: number
): Terms {
  const row = host * WIDTH;
  const above = (resource: number): number => Math.max(0, used[row + resource]! - safety[row + resource]!);
  const free = (resource: number): number => capacity[row + resource]! - used[row + resource]!;
  const loads = Object.fromEntries(LOADS.map(([term, resource]) => [term, rates.perUnit[resource]! * above(resource)]));
  const { cpuPerMemory } = rates;
  const lonelyMemory = cpuPerMemory * free(MEMORY) - free(CPU);
  const lonelyCpu = cpuPerMemory === 0 ? 0 : free(CPU) / cpuPerMemory - free(MEMORY);
  return {
    ...NO_TERMS,
    ...loads,
    balance: rates.balancePerCpu * Math.max(0, lonelyMemory) + rates.balancePerMemory * Math.max(0, lonelyCpu),
    power: running[host]! > 0 ? (weights.power * idleWatts[host]!) / HUNDRED_WATTS : 0
  };
}

/** Terms of moving a VM to a host from where the columns have it; none for a new one. */
export function moveTerms({ vmHost, moveMib, hostSite }: Columns, weights: Weights, vm: number, host: number): Terms {
  const home = vmHost[vm]!;
  if (home < 0 || home === host) return NO_TERMS;
  const far = hostSite[home] === hostSite[host] ? 1 : weights.betweenSites;
  return { ...NO_TERMS, move: weights.move, copy: (weights.moveGib * far * moveMib[vm]!) / GIB };
}

/** What caps keep from VMs that yield, wherever they are. */
function withheldTerm(columns: Columns, rates: Rates): number {
  let sum = 0;
  for (let vm = 0; vm < columns.vms; vm++) {
    const cap = columns.share[vm * SHARE_WIDTH + SHARE_CAP]!;
    if (cap > 0 && yields(columns, vm)) sum += withheld(columns, vm, cap);
  }
  return rates.perWithheld * sum;
}

/** All of it. @param resizes how many resources of VMs the plan changes in place, shares among them */
export function costTerms(columns: Columns, weights: Weights, placement: Placement, resizes = 0): Terms {
  const rates = ratesOf(columns, weights);
  const holdings = new Holdings(columns, placement);
  const hosts = Array.from({ length: columns.hosts }, (_, host) => hostTerms(columns, weights, rates, holdings, host));
  const moves: Terms[] = [];
  for (let vm = 0; vm < columns.vms; vm++) {
    const to = placement[vm]!;
    if (to >= 0 && to !== columns.vmHost[vm]) moves.push(moveTerms(columns, weights, vm, to));
  }
  const whole = {
    resize: weights.resize * resizes,
    withheld: withheldTerm(columns, rates),
    disturbance: disturbance(columns, weights, placement)
  };
  return sumOf([{ ...NO_TERMS, ...whole }, ...hosts, ...moves]);
}

/** Of the rule that has most of its VMs moved. */
function disturbance({ rules, vmHost }: Columns, weights: Weights, placement: Placement): number {
  const moved = rules.map(
    ({ vms }) => vms.filter((vm) => vmHost[vm]! >= 0 && placement[vm]! >= 0 && placement[vm] !== vmHost[vm]).length
  );
  return weights.disturbance * moved.reduce((most, count) => Math.max(most, count), 0);
}
