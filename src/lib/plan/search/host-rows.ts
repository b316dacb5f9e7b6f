// What the hosts hold, and what that costs: by differences, as one VM comes or goes.
import { openHosts } from '../evaluate.ts';
import type { Assignment, Problem } from '../problem.ts';

/** So far below capacity that it is never reached, and sums stay exact: of resources that are not hard. */
const BOUNDLESS = -(2 ** 50);

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
  /** Load, balance and power cost of each host. */
  readonly cost: Float64Array;
  /** The same with the price of what is over capacity. */
  readonly priced: Float64Array;
  /** Price of a unit over capacity, of each resource. */
  readonly price: Float64Array;
  /** How many resources of each host are over capacity. */
  readonly over: Uint8Array;
  /** Another number, never used before, whenever a host's row changes. */
  readonly version: Uint32Array;
  /** How many VMs keep each host on. */
  readonly counting: Int32Array;
  /** Sum of `over`. */
  overall = 0;
  /** Sum of `cost`. */
  total = 0;

  #versions = 0;
  /**
   * Half of `loadWeight` and `price`: what an amount x above a level costs is (x + |x|) of it. Whether there is any cannot be
   * foretold, and without a branch nothing has to be: a fifth faster.
   */
  readonly #halfWeight: Float64Array;
  readonly #halfPrice: Float64Array;
  readonly #home: Assignment;
  /** What share of a VM's demand it occupies anew when it comes, and frees when it goes: all of it, */
  readonly #whole: Float64Array;
  /** but at home nothing that is transient, which it blocks either way. */
  readonly #fresh: Float64Array;
  /** Capacity above the safety level. */
  readonly #reserve: Float64Array;
  /** Whether there is a cost of a host besides that of load. */
  readonly #besides: boolean;
  readonly #power: boolean;
  readonly #balanceOf: Int32Array;
  readonly #balanceAgainst: Int32Array;
  readonly #balanceTarget: Float64Array;
  readonly #balanceWeight: Float64Array;

  constructor(problem: Problem, assignment: Assignment, price: Float64Array) {
    const { hosts, vms, resources, demand, home, balances } = problem;
    this.problem = problem;
    this.price = price;
    this.#halfWeight = problem.loadWeight.map((weight) => weight / 2);
    this.#halfPrice = new Float64Array(problem.resources);
    this.above = problem.safety.map((amount) => 0 - amount);
    this.excess = problem.capacity.map((amount, at) => (problem.hard[at % resources] === 1 ? 0 - amount : BOUNDLESS));
    const open = openHosts(problem);
    // Nothing is free on a host that is not open, which costs nothing then.
    this.#reserve = problem.capacity.map(
      (amount, at) => (open[Math.trunc(at / resources)] === 1 ? amount : 0) - problem.safety[at]!
    );
    this.cost = new Float64Array(hosts);
    this.priced = new Float64Array(hosts);
    this.over = new Uint8Array(hosts);
    this.version = new Uint32Array(hosts);
    this.counting = new Int32Array(hosts);
    this.#power = problem.onCost.some((cost) => cost > 0);
    this.#besides = this.#power || balances.length > 0;
    this.#home = home;
    this.#whole = new Float64Array(problem.resources).fill(1);
    this.#fresh = Float64Array.from(problem.transient, (transient) => 1 - transient);
    this.#balanceOf = Int32Array.from(balances, ({ of }) => of);
    this.#balanceAgainst = Int32Array.from(balances, ({ against }) => against);
    this.#balanceTarget = Float64Array.from(balances, ({ target }) => target);
    this.#balanceWeight = Float64Array.from(balances, ({ weight }) => weight);
    for (let vm = 0; vm < vms; vm++) {
      const [at, from] = [assignment[vm]! * resources, home[vm]! * resources];
      this.counting[assignment[vm]!]! += problem.counts[vm]!;
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
    for (let r = 0; r < this.price.length; r++) this.#halfPrice[r] = this.price[r]! / 2;
    for (let host = 0; host < this.problem.hosts; host++) this.refresh(host);
  }

  /** Sums a host up again, after its row or the prices changed. */
  refresh(host: number): void {
    const { resources, loadWeight } = this.problem;
    const { above, excess, price } = this;
    const row = host * resources;
    let cost = this.#costBesides(host, -1, -1);
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
    const { resources, demand, counts } = this.problem;
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
    if (this.#power) {
      this.counting[from]! -= counts[vm]!;
      this.counting[to]! += counts[vm]!;
    }
    this.refresh(from);
    this.refresh(to);
  }

  /** Priced cost of a host when a VM has come; stops early, with what it has, once that is above `limit`. */
  after(host: number, comes: number, limit: number): number {
    const { resources, demand } = this.problem;
    const { above, excess } = this;
    const [halfWeight, halfPrice] = [this.#halfWeight, this.#halfPrice];
    const share = host === this.#home[comes] ? this.#fresh : this.#whole;
    const [row, plus] = [host * resources, comes * resources];
    let cost = this.#costBesides(host, comes, -1);
    for (let r = 0; r < resources && cost <= limit; r++) {
      const add = demand[plus + r]!;
      const load = above[row + r]! + add;
      const beyond = excess[row + r]! + add * share[r]!;
      cost += (load + Math.abs(load)) * halfWeight[r]! + (beyond + Math.abs(beyond)) * halfPrice[r]!;
    }
    return cost;
  }

  /** Priced cost of a host when a VM has gone. */
  without(host: number, goes: number): number {
    const { resources, demand } = this.problem;
    const { above, excess } = this;
    const [halfWeight, halfPrice] = [this.#halfWeight, this.#halfPrice];
    const share = host === this.#home[goes] ? this.#fresh : this.#whole;
    const [row, minus] = [host * resources, goes * resources];
    let cost = this.#costBesides(host, -1, goes);
    for (let r = 0; r < resources; r++) {
      const take = demand[minus + r]!;
      const load = above[row + r]! - take;
      const beyond = excess[row + r]! - take * share[r]!;
      cost += (load + Math.abs(load)) * halfWeight[r]! + (beyond + Math.abs(beyond)) * halfPrice[r]!;
    }
    return cost;
  }

  /** Priced cost of a host when one VM has come for another; stops early, with what it has, once that is above `limit`. */
  exchanged(host: number, comes: number, goes: number, limit: number): number {
    const { resources, demand } = this.problem;
    const { above, excess } = this;
    const [halfWeight, halfPrice] = [this.#halfWeight, this.#halfPrice];
    const arrives = host === this.#home[comes] ? this.#fresh : this.#whole;
    const leaves = host === this.#home[goes] ? this.#fresh : this.#whole;
    const [row, plus, minus] = [host * resources, comes * resources, goes * resources];
    let cost = this.#costBesides(host, comes, goes);
    for (let r = 0; r < resources && cost <= limit; r++) {
      const [add, take] = [demand[plus + r]!, demand[minus + r]!];
      const load = above[row + r]! + add - take;
      const beyond = excess[row + r]! + add * arrives[r]! - take * leaves[r]!;
      cost += (load + Math.abs(load)) * halfWeight[r]! + (beyond + Math.abs(beyond)) * halfPrice[r]!;
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

  /** Balance and power. */
  #costBesides(host: number, comes: number, goes: number): number {
    if (!this.#besides) return 0;
    const { resources, demand } = this.problem;
    const weights = this.#balanceWeight;
    const row = host * resources;
    let cost = this.#power ? this.#powerCost(host, comes, goes) : 0;
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

  #powerCost(host: number, comes: number, goes: number): number {
    const { counts, onCost } = this.problem;
    let counting = this.counting[host]!;
    if (comes >= 0) counting += counts[comes]!;
    if (goes >= 0) counting -= counts[goes]!;
    return counting > 0 ? onCost[host]! : 0;
  }
}
