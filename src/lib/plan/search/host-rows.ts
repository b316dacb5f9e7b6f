// What the hosts hold, and what that costs: by differences, as one VM comes or goes.
import type { Assignment, Problem } from '../problem.ts';

/**
 * Usage, occupation and cost of every host. Occupation is usage and what VMs that moved away still block (`transient`); over
 * capacity it is not forbidden here but costs a price a unit, so that a search can pass through what may not be.
 */
export class HostRows {
  readonly problem: Problem;
  /** In use above the safety level, below 0 under it; `hosts x resources`. */
  readonly above: Float64Array;
  /** Occupied over capacity, below 0 where there is room; `hosts x resources`. */
  readonly excess: Float64Array;
  /** Load and balance cost of each host. */
  readonly cost: Float64Array;
  /** The same with the price of what is over capacity. */
  readonly priced: Float64Array;
  /** Price of a unit over capacity, of each resource. */
  readonly price: Float64Array;
  /** How many resources of each host are over capacity. */
  readonly over: Uint8Array;
  /** Another number, never used before, whenever a host's row changes. */
  readonly version: Uint32Array;
  /** Sum of `over`. */
  overall = 0;
  /** Sum of `cost`. */
  total = 0;

  #versions = 0;
  readonly #home: Assignment;
  /** What share of a VM's demand it occupies anew when it comes, and frees when it goes: all of it, */
  readonly #whole: Float64Array;
  /** but at home nothing that is transient, which it blocks either way. */
  readonly #fresh: Float64Array;
  /** Capacity above the safety level. */
  readonly #reserve: Float64Array;
  readonly #balanceOf: Int32Array;
  readonly #balanceAgainst: Int32Array;
  readonly #balanceTarget: Float64Array;
  readonly #balanceWeight: Float64Array;

  constructor(problem: Problem, assignment: Assignment, price: Float64Array) {
    const { hosts, vms, resources, demand, home, balances } = problem;
    this.problem = problem;
    this.price = price;
    this.above = problem.safety.map((amount) => 0 - amount);
    this.excess = problem.capacity.map((amount) => 0 - amount);
    this.#reserve = problem.capacity.map((amount, at) => amount - problem.safety[at]!);
    this.cost = new Float64Array(hosts);
    this.priced = new Float64Array(hosts);
    this.over = new Uint8Array(hosts);
    this.version = new Uint32Array(hosts);
    this.#home = home;
    this.#whole = new Float64Array(problem.resources).fill(1);
    this.#fresh = Float64Array.from(problem.transient, (transient) => 1 - transient);
    this.#balanceOf = Int32Array.from(balances, ({ of }) => of);
    this.#balanceAgainst = Int32Array.from(balances, ({ against }) => against);
    this.#balanceTarget = Float64Array.from(balances, ({ target }) => target);
    this.#balanceWeight = Float64Array.from(balances, ({ weight }) => weight);
    for (let vm = 0; vm < vms; vm++) {
      const [at, from] = [assignment[vm]! * resources, home[vm]! * resources];
      for (let r = 0; r < resources; r++) {
        const amount = demand[vm * resources + r]!;
        this.above[at + r]! += amount;
        this.excess[at + r]! += amount;
        if (at !== from && problem.transient[r] === 1) this.excess[from + r]! += amount;
      }
    }
    this.refreshAll();
  }

  /** Sums all hosts up again, after prices changed. */
  refreshAll(): void {
    for (let host = 0; host < this.problem.hosts; host++) this.refresh(host);
  }

  /** Sums a host up again, after its row or the prices changed. */
  refresh(host: number): void {
    const { resources, loadWeight } = this.problem;
    const { above, excess, price } = this;
    const row = host * resources;
    let cost = this.#balanceCost(host, -1, -1);
    let extra = 0;
    let over = 0;
    for (let r = 0; r < resources; r++) {
      const load = above[row + r]!;
      if (load > 0) cost += load * loadWeight[r]!;
      const beyond = excess[row + r]!;
      if (beyond > 0) {
        extra += beyond * price[r]!;
        over++;
      }
    }
    this.overall += over - this.over[host]!;
    this.over[host] = over;
    this.total += cost - this.cost[host]!;
    this.cost[host] = cost;
    this.priced[host] = cost + extra;
    this.version[host] = ++this.#versions;
  }

  /** Takes a VM from its host to another; both rows are summed up again. */
  move(vm: number, from: number, to: number): void {
    const { resources, demand } = this.problem;
    const { above, excess } = this;
    const leaves = from === this.#home[vm] ? this.#fresh : this.#whole;
    const arrives = to === this.#home[vm] ? this.#fresh : this.#whole;
    const [old, row, need] = [from * resources, to * resources, vm * resources];
    for (let r = 0; r < resources; r++) {
      const amount = demand[need + r]!;
      above[old + r]! -= amount;
      above[row + r]! += amount;
      excess[old + r]! -= amount * leaves[r]!;
      excess[row + r]! += amount * arrives[r]!;
    }
    this.refresh(from);
    this.refresh(to);
  }

  /** Priced cost of a host when a VM has come; stops early, with what it has, once that is above `limit`. */
  after(host: number, comes: number, limit: number): number {
    const { resources, loadWeight, demand } = this.problem;
    const { above, excess, price } = this;
    const share = host === this.#home[comes] ? this.#fresh : this.#whole;
    const [row, plus] = [host * resources, comes * resources];
    let cost = this.#balanceCost(host, comes, -1);
    for (let r = 0; r < resources && cost <= limit; r++) {
      const add = demand[plus + r]!;
      const load = above[row + r]! + add;
      if (load > 0) cost += load * loadWeight[r]!;
      const beyond = excess[row + r]! + add * share[r]!;
      if (beyond > 0) cost += beyond * price[r]!;
    }
    return cost;
  }

  /** Priced cost of a host when a VM has gone. */
  without(host: number, goes: number): number {
    const { resources, loadWeight, demand } = this.problem;
    const { above, excess, price } = this;
    const share = host === this.#home[goes] ? this.#fresh : this.#whole;
    const [row, minus] = [host * resources, goes * resources];
    let cost = this.#balanceCost(host, -1, goes);
    for (let r = 0; r < resources; r++) {
      const take = demand[minus + r]!;
      const load = above[row + r]! - take;
      if (load > 0) cost += load * loadWeight[r]!;
      const beyond = excess[row + r]! - take * share[r]!;
      if (beyond > 0) cost += beyond * price[r]!;
    }
    return cost;
  }

  /** Priced cost of a host when one VM has come for another; stops early, with what it has, once that is above `limit`. */
  exchanged(host: number, comes: number, goes: number, limit: number): number {
    const { resources, loadWeight, demand } = this.problem;
    const { above, excess, price } = this;
    const arrives = host === this.#home[comes] ? this.#fresh : this.#whole;
    const leaves = host === this.#home[goes] ? this.#fresh : this.#whole;
    const [row, plus, minus] = [host * resources, comes * resources, goes * resources];
    let cost = this.#balanceCost(host, comes, goes);
    for (let r = 0; r < resources && cost <= limit; r++) {
      const [add, take] = [demand[plus + r]!, demand[minus + r]!];
      const load = above[row + r]! + add - take;
      if (load > 0) cost += load * loadWeight[r]!;
      const beyond = excess[row + r]! + add * arrives[r]! - take * leaves[r]!;
      if (beyond > 0) cost += beyond * price[r]!;
    }
    return cost;
  }

  /** Whether a host has room for `comes` once `goes` has gone (-1: nobody goes). */
  fits(host: number, comes: number, goes: number): boolean {
    const { resources, demand } = this.problem;
    const { excess } = this;
    const arrives = host === this.#home[comes] ? this.#fresh : this.#whole;
    const leaves = goes >= 0 && host === this.#home[goes] ? this.#fresh : this.#whole;
    const [row, plus, minus] = [host * resources, comes * resources, goes * resources];
    for (let r = 0; r < resources; r++) {
      const take = goes >= 0 ? demand[minus + r]! * leaves[r]! : 0;
      if (excess[row + r]! + demand[plus + r]! * arrives[r]! > take) return false;
    }
    return true;
  }

  #balanceCost(host: number, comes: number, goes: number): number {
    const weights = this.#balanceWeight;
    if (weights.length === 0) return 0;
    const { resources, demand } = this.problem;
    const row = host * resources;
    let cost = 0;
    for (let b = 0; b < weights.length; b++) {
      const [of, against] = [this.#balanceOf[b]!, this.#balanceAgainst[b]!];
      let free = this.#reserve[row + of]! - this.above[row + of]!;
      let other = this.#reserve[row + against]! - this.above[row + against]!;
      if (comes >= 0) {
        free -= demand[comes * resources + of]!;
        other -= demand[comes * resources + against]!;
      }
      if (goes >= 0) {
        free += demand[goes * resources + of]!;
        other += demand[goes * resources + against]!;
      }
      const missing = this.#balanceTarget[b]! * free - other;
      if (missing > 0) cost += missing * weights[b]!;
    }
    return cost;
  }
}
