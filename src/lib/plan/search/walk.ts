// A walk over assignments by single moves and exchanges, each taken or left by what it changes of the cost.
import { costOfBeingAt } from '../evaluate.ts';
import type { Assignment, Problem } from '../problem.ts';
import { HostRows } from './host-rows.ts';
import { Incumbent } from './incumbent.ts';
import type { Random } from './random.ts';
import { ServiceRules } from './service-rules.ts';

/** Share of its cost by which an assignment has to be better than the best: below it is the rounding of sums kept up over moves. */
const ROUNDING = 1e-9;

/** Where a walk is. It keeps the rules of services always; capacity only while `strict`, otherwise it pays for what is over. */
export class Walk {
  readonly problem: Problem;
  readonly rows: HostRows;
  readonly assignment: Assignment;
  /** Refuse what goes over capacity. */
  strict = true;
  /** As in annealing: the rise of the cost that is taken once in e times; 0: nothing that rises. In units of cost. */
  temperature = 0;
  /** Cost of the best feasible assignment so far. */
  bestCost: number;

  #rules: ServiceRules;
  readonly #random: Random;
  readonly #incumbent: Incumbent;
  readonly #monotone: boolean;
  /** Whether there is a host where some VM may not be. */
  readonly #masked: boolean;
  /** Whether moves cost by their size. */
  readonly #rated: boolean;
  #moveCost = 0;
  /** What a host costs less without a VM, as long as the host's version is that of `#withoutAt`. */
  readonly #without: Float64Array;
  readonly #withoutAt: Uint32Array;

  /** @param assignment feasible; it is copied */
  constructor(problem: Problem, assignment: Assignment, random: Random) {
    this.problem = problem;
    this.assignment = assignment.slice();
    this.rows = new HostRows(problem, assignment, new Float64Array(problem.resources));
    this.#rules = new ServiceRules(problem, assignment);
    this.#monotone = problem.balances.length === 0;
    this.#masked = problem.masks.includes(0);
    this.#rated = problem.pathRate.some((rate) => rate > 0);
    this.#random = random;
    this.#incumbent = new Incumbent(this.assignment);
    this.#without = new Float64Array(problem.vms);
    this.#withoutAt = new Uint32Array(problem.vms);
    for (let vm = 0; vm < problem.vms; vm++) this.#moveCost += this.#costOfBeingAt(vm, assignment[vm]!);
    this.bestCost = this.cost;
  }

  /** Without the price of what is over capacity. */
  get cost(): number {
    return this.rows.total + this.#moveCost + this.#rules.cost;
  }

  get feasible(): boolean {
    return this.rows.overall === 0;
  }

  /** A copy of the best feasible assignment so far. */
  best(): Assignment {
    return this.#incumbent.best();
  }

  /** Back to an assignment that keeps every rule. */
  returnTo(assignment: Assignment): void {
    for (let vm = 0; vm < this.problem.vms; vm++) {
      const from = this.assignment[vm]!;
      if (from !== assignment[vm]) this.#relocate(vm, from, assignment[vm]!);
    }
    this.#rules = new ServiceRules(this.problem, this.assignment);
  }

  /** Considers one VM on another host. */
  tryMove(vm: number, to: number): boolean {
    const { rows } = this;
    const from = this.assignment[vm]!;
    if (from === to || !this.#may(vm, to) || this.#rules.taken(vm, to, -1)) return false;
    if (this.strict && !rows.fits(to, vm, -1)) return false;
    const limit = this.#limit();
    const path = this.#costOfBeingAt(vm, to) - this.#costOfBeingAt(vm, from);
    const rise = path + this.#costWithout(vm, from) - rows.priced[to]!;
    if (rise + rows.after(to, vm, limit - rise) > limit) return false;
    if (!this.#rules.allow(vm, from, to)) return false;
    this.#move(vm, to);
    this.#took();
    return true;
  }

  /** Considers two VMs in each other's place. */
  tryExchange(one: number, other: number): boolean {
    const { rows, assignment } = this;
    const [from, to] = [assignment[one]!, assignment[other]!];
    if (from === to || !this.#may(one, to) || !this.#may(other, from)) return false;
    const rules = this.#rules;
    const alike = rules.alike(one, other);
    if (!alike && (rules.taken(one, to, other) || rules.taken(other, from, one))) return false;
    if (this.strict && !(rows.fits(to, one, other) && rows.fits(from, other, one))) return false;
    const limit = this.#limit();
    const path =
      this.#costOfBeingAt(one, to) -
      this.#costOfBeingAt(one, from) +
      this.#costOfBeingAt(other, from) -
      this.#costOfBeingAt(other, to);
    const rise = path - rows.priced[from]! - rows.priced[to]!;
    // Where more load never costs less, the first host alone often tells that the exchange is too dear.
    const least = this.#monotone ? this.#costWithout(one, from) + rows.priced[from]! : 0;
    const there = rows.exchanged(to, one, other, limit - rise - least);
    if (rise + there + least > limit) return false;
    if (rise + there + rows.exchanged(from, other, one, limit - rise - there) > limit) return false;
    if (!alike && !rules.allow(one, from, to)) return false;
    this.#move(one, to);
    if (!alike && !rules.allow(other, to, from)) {
      this.#move(one, from);
      return false;
    }
    this.#move(other, from);
    this.#took();
    return true;
  }

  #move(vm: number, to: number): void {
    const from = this.assignment[vm]!;
    if (from === to) return;
    this.#relocate(vm, from, to);
    this.#rules.move(vm, from, to);
  }

  #relocate(vm: number, from: number, to: number): void {
    this.#incumbent.leaves(vm, from);
    this.assignment[vm] = to;
    this.rows.move(vm, from, to);
    this.#moveCost += this.#costOfBeingAt(vm, to) - this.#costOfBeingAt(vm, from);
  }

  #took(): void {
    if (this.rows.overall > 0) return;
    const { cost } = this;
    if (cost >= this.bestCost - ROUNDING * Math.max(1, this.bestCost)) return;
    this.bestCost = cost;
    this.#incumbent.mark();
  }

  /** By Metropolis: what rises by r is taken with probability exp(-r / temperature); the draw is made first. */
  #limit(): number {
    return this.temperature > 0 ? -this.temperature * Math.log(this.#random.next()) : 0;
  }

  #may(vm: number, host: number): boolean {
    const { hosts, mask, masks } = this.problem;
    return !this.#masked || masks[mask[vm]! * hosts + host] === 1;
  }

  #costOfBeingAt(vm: number, host: number): number {
    if (this.#rated) return costOfBeingAt(this.problem, vm, host);
    const { home, moveCost, path, paths, pathCost } = this.problem;
    const from = home[vm]!;
    return from === host ? 0 : moveCost[vm]! + pathCost[path[from]! * paths + path[host]!]!;
  }

  #costWithout(vm: number, host: number): number {
    const { rows } = this;
    const version = rows.version[host]!;
    if (this.#withoutAt[vm] !== version) {
      this.#withoutAt[vm] = version;
      this.#without[vm] = rows.without(host, vm) - rows.priced[host]!;
    }
    return this.#without[vm]!;
  }
}
