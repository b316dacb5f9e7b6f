// What an assignment costs, term by term. The search keeps the same sum by differences; this one is read beside docs/PLACEMENT.md.
import type { Assignment, Problem } from './problem.ts';

/** In the problem's unit of cost; each at least 0. */
export type Cost = {
  readonly load: number;
  readonly balance: number;
  readonly power: number;
  readonly move: number;
  readonly serviceMove: number;
  readonly total: number;
};

/** Amounts in use on every host, `hosts x resources`. */
export function usage(problem: Problem, assignment: Assignment): Float64Array {
  const { resources, vms, demand } = problem;
  const used = new Float64Array(problem.hosts * resources);
  for (let vm = 0; vm < vms; vm++) {
    const row = assignment[vm]! * resources;
    for (let r = 0; r < resources; r++) used[row + r]! += demand[vm * resources + r]!;
  }
  return used;
}

export function evaluate(problem: Problem, assignment: Assignment): Cost {
  const used = usage(problem, assignment);
  const load = loadCost(problem, used);
  const balance = balanceCost(problem, used);
  const power = powerCost(problem, assignment);
  const { move, serviceMove } = moveCosts(problem, assignment);
  return { load, balance, power, move, serviceMove, total: load + balance + power + move + serviceMove };
}

/** 1: some VM may be there; length `hosts`. */
export function openHosts({ hosts, vms, mask, masks }: Problem): Uint8Array {
  const open = new Uint8Array(hosts);
  for (const row of new Set(mask.subarray(0, vms))) {
    for (let host = 0; host < hosts; host++) open[host]! |= masks[row * hosts + host]!;
  }
  return open;
}

/** What a VM's being at a host adds to the cost of moves. */
export function costOfBeingAt(problem: Problem, vm: number, host: number): number {
  const { home, path, paths, moveCost, pathCost, moveSize, pathRate } = problem;
  if (home[vm] === host) return 0;
  const way = path[home[vm]!]! * paths + path[host]!;
  return moveCost[vm]! + pathCost[way]! + moveSize[vm]! * pathRate[way]!;
}

function loadCost({ hosts, resources, safety, loadWeight }: Problem, used: Float64Array): number {
  let cost = 0;
  for (let host = 0; host < hosts; host++) {
    for (let r = 0; r < resources; r++) {
      const at = host * resources + r;
      cost += loadWeight[r]! * Math.max(0, used[at]! - safety[at]!);
    }
  }
  return cost;
}

function balanceCost(problem: Problem, used: Float64Array): number {
  const { hosts, resources, capacity, balances } = problem;
  const open = openHosts(problem);
  let cost = 0;
  for (const { of, against, target, weight } of balances) {
    for (let host = 0; host < hosts; host++) {
      if (open[host] === 0) continue;
      const free = (r: number): number => capacity[host * resources + r]! - used[host * resources + r]!;
      cost += weight * Math.max(0, target * free(of) - free(against));
    }
  }
  return cost;
}

function powerCost({ vms, counts, onCost }: Problem, assignment: Assignment): number {
  const on = new Set<number>();
  for (let vm = 0; vm < vms; vm++) if (counts[vm] === 1) on.add(assignment[vm]!);
  let cost = 0;
  for (const host of on) cost += onCost[host]!;
  return cost;
}

function moveCosts(problem: Problem, assignment: Assignment): Pick<Cost, 'move' | 'serviceMove'> {
  const { vms, home, serviceStart, serviceOf, serviceMoveCost } = problem;
  const moved = new Int32Array(problem.services);
  let move = 0;
  for (let vm = 0; vm < vms; vm++) {
    if (home[vm] === assignment[vm]) continue;
    move += costOfBeingAt(problem, vm, assignment[vm]!);
    for (let at = serviceStart[vm]!; at < serviceStart[vm + 1]!; at++) moved[serviceOf[at]!]! += 1;
  }
  return { move, serviceMove: serviceMoveCost * moved.reduce((most, count) => Math.max(most, count), 0) };
}

/**
 * No assignment can cost less: load and balance if everything were on one host that has all there is, nothing moved.
 */
export function lowerBound(problem: Problem): number {
  const { hosts, vms, resources, capacity, safety, demand, loadWeight, balances } = problem;
  const open = openHosts(problem);
  const ofHosts = (column: Float64Array, r: number): number => {
    let total = 0;
    for (let host = 0; host < hosts; host++) if (open[host] === 1) total += column[host * resources + r]!;
    return total;
  };
  let bound = 0;
  const free: number[] = [];
  for (let r = 0; r < resources; r++) {
    let used = 0;
    for (let vm = 0; vm < vms; vm++) used += demand[vm * resources + r]!;
    bound += loadWeight[r]! * Math.max(0, used - ofHosts(safety, r));
    free.push(ofHosts(capacity, r) - used);
  }
  for (const { of, against, target, weight } of balances) {
    bound += weight * Math.max(0, target * free[of]! - free[against]!);
  }
  return bound;
}
