// Where the VMs of each service are, so that a move can be held against the rules of its service in constant time.
import type { Assignment, Problem } from '../problem.ts';

/** Counts of one assignment, kept by differences. */
export class ServiceRules {
  readonly #problem: Problem;
  /** A bit for each service and host. */
  readonly #on: Uint32Array;
  readonly #words: number;
  readonly #size: Int32Array;
  readonly #atSite: Int32Array;
  readonly #sites: Int32Array;
  readonly #inZone: Int32Array;
  readonly #neededBy: readonly Int32Array[];
  readonly #moved: Int32Array;
  /** How many services have so many VMs moved. */
  readonly #movedSo: Int32Array;
  #mostMoved = 0;

  constructor(problem: Problem, assignment: Assignment) {
    const { services, service, hosts, sites, zones, vms, needs, home } = problem;
    this.#problem = problem;
    this.#words = (hosts + 31) >>> 5;
    this.#on = new Uint32Array(services * this.#words);
    this.#size = new Int32Array(services);
    this.#atSite = new Int32Array(services * sites);
    this.#sites = new Int32Array(services);
    this.#inZone = new Int32Array(services * zones);
    const neededBy = Array.from({ length: services }, (): number[] => []);
    for (const [one, others] of needs.entries()) for (const other of others) neededBy[other]!.push(one);
    this.#neededBy = neededBy.map((ones) => Int32Array.from(ones));
    this.#moved = new Int32Array(services);
    for (let vm = 0; vm < vms; vm++) {
      const [at, of] = [assignment[vm]!, service[vm]!];
      this.#size[of]!++;
      this.#arrive(of, at);
      if (home[vm] !== at) this.#moved[of]!++;
    }
    this.#movedSo = new Int32Array(this.#size.reduce((most, size) => Math.max(most, size), 0) + 1);
    for (const count of this.#moved) this.#movedSo[count]!++;
    this.#mostMoved = this.#moved.reduce((most, count) => Math.max(most, count), 0);
  }

  /** Cost of the service of which most VMs moved. */
  get cost(): number {
    return this.#problem.serviceMoveCost * this.#mostMoved;
  }

  /** Whether another VM of this one's service is on that host already. */
  taken(vm: number, host: number): boolean {
    const service = this.#problem.service[vm]!;
    return this.#size[service]! > 1 && ((this.#on[service * this.#words + (host >>> 5)]! >>> (host & 31)) & 1) === 1;
  }

  /** Whether spread and needs still hold when this VM goes from one host to the other. */
  allow(vm: number, from: number, to: number): boolean {
    const { service, site, sites, spread, zone, zones, needs } = this.#problem;
    const one = service[vm]!;
    const [fromSite, toSite] = [site[from]!, site[to]!];
    if (fromSite !== toSite && spread[one]! > 1) {
      const fewer = this.#atSite[one * sites + fromSite] === 1 ? 1 : 0;
      const more = this.#atSite[one * sites + toSite] === 0 ? 1 : 0;
      if (this.#sites[one]! - fewer + more < spread[one]!) return false;
    }
    const [fromZone, toZone] = [zone[from]!, zone[to]!];
    if (fromZone === toZone) return true;
    if (this.#inZone[one * zones + toZone] === 0) {
      for (const other of needs[one]!) if (this.#inZone[other * zones + toZone] === 0) return false;
    }
    if (this.#inZone[one * zones + fromZone] === 1) {
      for (const other of this.#neededBy[one]!) if (this.#inZone[other * zones + fromZone]! > 0) return false;
    }
    return true;
  }

  move(vm: number, from: number, to: number): void {
    const { service, home } = this.#problem;
    const one = service[vm]!;
    this.#leave(one, from);
    this.#arrive(one, to);
    const change = Number(to !== home[vm]) - Number(from !== home[vm]);
    if (change !== 0) this.#count(one, change);
  }

  /** Two VMs of one service that change places. */
  exchange(one: number, other: number, from: number, to: number): void {
    this.move(one, from, to);
    this.move(other, to, from);
    // The second one's leaving took the bit that the first one set.
    this.#set(this.#problem.service[one]!, to);
  }

  #count(service: number, change: number): void {
    const so = this.#movedSo;
    so[this.#moved[service]!]!--;
    this.#moved[service]! += change;
    so[this.#moved[service]!]!++;
    this.#mostMoved = Math.max(this.#mostMoved, this.#moved[service]!);
    while (this.#mostMoved > 0 && so[this.#mostMoved] === 0) this.#mostMoved--;
  }

  #set(service: number, host: number): void {
    this.#on[service * this.#words + (host >>> 5)]! |= 1 << (host & 31);
  }

  #arrive(service: number, host: number): void {
    const { site, sites, zone, zones } = this.#problem;
    this.#set(service, host);
    if (this.#atSite[service * sites + site[host]!]!++ === 0) this.#sites[service]!++;
    this.#inZone[service * zones + zone[host]!]!++;
  }

  #leave(service: number, host: number): void {
    const { site, sites, zone, zones } = this.#problem;
    this.#on[service * this.#words + (host >>> 5)]! &= ~(1 << (host & 31));
    if (--this.#atSite[service * sites + site[host]!]! === 0) this.#sites[service]!--;
    this.#inZone[service * zones + zone[host]!]!--;
  }
}
