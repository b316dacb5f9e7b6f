// What an assignment costs, term by term. The search keeps the same sum by differences; this one is read beside docs/PLACEMENT.md.
import type { Assignment, Problem } from './problem.ts';

/** In the problem's unit of cost; each at least 0. */
export type Cost = {
  readonly load: number;
  readonly balance: number;
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
  const { move, serviceMove } = moveCosts(problem, assignment);
  return { load, balance, move, serviceMove, total: load + balance + move + serviceMove };
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

function balanceCost({ hosts, resources, capacity, balances }: Problem, used: Float64Array): number {
  let cost = 0;
  for (const { of, against, target, weight } of balances) {
    for (let host = 0; host < hosts; host++) {
      const free = (r: number): number => capacity[host * resources + r]! - used[host * resources + r]!;
      cost += weight * Math.max(0, target * free(of) - free(against));
    }
  }
  return cost;
}

function moveCosts(problem: Problem, assignment: Assignment): Pick<Cost, 'move' | 'serviceMove'> {
  const { vms, hosts, home, service, moveCost, pathCost, serviceMoveCost } = problem;
  const moved = new Int32Array(problem.services);
  let move = 0;
  for (let vm = 0; vm < vms; vm++) {
    const [from, to] = [home[vm]!, assignment[vm]!];
    if (from === to) continue;
    move += moveCost[vm]! + pathCost[from * hosts + to]!;
    moved[service[vm]!]! += 1;
  }
  return { move, serviceMove: serviceMoveCost * moved.reduce((most, count) => Math.max(most, count), 0) };
}

/**
 * No assignment can cost less: load and balance if everything were on one host that has all there is, nothing moved.
 */
export function lowerBound(problem: Problem): number {
  const { hosts, vms, resources, capacity, safety, demand, loadWeight, balances } = problem;
  const sum = (rows: number, column: Float64Array, r: number): number => {
    let total = 0;
    for (let row = 0; row < rows; row++) total += column[row * resources + r]!;
    return total;
  };
  let bound = 0;
  const free: number[] = [];
  for (let r = 0; r < resources; r++) {
    const used = sum(vms, demand, r);
    bound += loadWeight[r]! * Math.max(0, used - sum(hosts, safety, r));
    free.push(sum(hosts, capacity, r) - used);
  }
  for (const { of, against, target, weight } of balances) {
    bound += weight * Math.max(0, target * free[of]! - free[against]!);
  }
  return bound;
}
