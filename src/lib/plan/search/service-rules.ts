// Where the VMs of each service are, so that a move can be held against the rules of its service in constant time.
import type { Assignment, Problem } from '../problem.ts';

/** Counts of one assignment, kept by differences. */
export class ServiceRules {
  readonly #problem: Problem;
  /** The service of each VM where every VM has exactly one, as on most fleets; otherwise null. */
  readonly #only: Int32Array | null;
  /** 1: two VMs of the service could meet on a host, and must not. */
  readonly #apart: Uint8Array;
  /** A bit for each service and host: whether an odd number of its VMs is there. More than one are only amid an exchange. */
  readonly #on: Uint32Array;
  readonly #words: number;
  readonly #atSite: Int32Array;
  readonly #sites: Int32Array;
  readonly #inZone: Int32Array;
  readonly #neededBy: readonly Int32Array[];
  readonly #moved: Int32Array;
  /** How many services have so many VMs moved. */
  readonly #movedSo: Int32Array;
  #mostMoved = 0;

  constructor(problem: Problem, assignment: Assignment) {
    const { services, serviceStart, serviceOf, hosts, sites, zones, vms, needs, home } = problem;
    this.#problem = problem;
    this.#only = serviceStart.every((start, vm) => start === vm) ? serviceOf : null;
    this.#words = (hosts + 31) >>> 5;
    this.#on = new Uint32Array(services * this.#words);
    this.#atSite = new Int32Array(services * sites);
    this.#sites = new Int32Array(services);
    this.#inZone = new Int32Array(services * zones);
    const neededBy = Array.from({ length: services }, (): number[] => []);
    for (const [one, others] of needs.entries()) for (const other of others) neededBy[other]!.push(one);
    this.#neededBy = neededBy.map((ones) => Int32Array.from(ones));
    const size = new Int32Array(services);
    this.#moved = new Int32Array(services);
    for (let vm = 0; vm < vms; vm++) {
      for (let at = serviceStart[vm]!; at < serviceStart[vm + 1]!; at++) {
        const of = serviceOf[at]!;
        size[of]!++;
        this.#arrive(of, assignment[vm]!);
        if (home[vm] !== assignment[vm]) this.#moved[of]!++;
      }
    }
    this.#apart = problem.apart.map((apart, service) => (size[service]! > 1 ? apart : 0));
    this.#movedSo = new Int32Array(size.reduce((most, count) => Math.max(most, count), 0) + 1);
    for (const count of this.#moved) this.#movedSo[count]!++;
    this.#mostMoved = this.#moved.reduce((most, count) => Math.max(most, count), 0);
  }

  /** Cost of the service of which most VMs moved. */
  get cost(): number {
    return this.#problem.serviceMoveCost * this.#mostMoved;
  }

  /** Whether two VMs are of the same services, so that all stays as it is when they change places. */
  alike(one: number, other: number): boolean {
    if (this.#only !== null) return this.#only[one] === this.#only[other];
    const { serviceStart, serviceOf } = this.#problem;
    const [from, to, shift] = [serviceStart[one]!, serviceStart[one + 1]!, serviceStart[other]! - serviceStart[one]!];
    if (serviceStart[other + 1]! - to !== shift) return false;
    for (let at = from; at < to; at++) if (serviceOf[at] !== serviceOf[at + shift]) return false;
    return true;
  }

  /** Whether another VM than `goes` (-1: nobody goes) that must be apart from this one is on that host already. */
  taken(vm: number, host: number, goes: number): boolean {
    if (this.#only !== null) return this.#meets(this.#only[vm]!, host) && (goes < 0 || !this.alike(vm, goes));
    const { serviceStart, serviceOf } = this.#problem;
    for (let at = serviceStart[vm]!; at < serviceStart[vm + 1]!; at++) {
      if (this.#meets(serviceOf[at]!, host) && !this.#has(goes, serviceOf[at]!)) return true;
    }
    return false;
  }

  /** Whether spread and needs still hold when this VM goes from one host to the other. */
  allow(vm: number, from: number, to: number): boolean {
    if (this.#only !== null) return this.#lets(this.#only[vm]!, from, to);
    const { serviceStart, serviceOf } = this.#problem;
    for (let at = serviceStart[vm]!; at < serviceStart[vm + 1]!; at++) {
      if (!this.#lets(serviceOf[at]!, from, to)) return false;
    }
    return true;
  }

  move(vm: number, from: number, to: number): void {
    const { serviceStart, serviceOf, home } = this.#problem;
    const change = Number(to !== home[vm]) - Number(from !== home[vm]);
    for (let at = serviceStart[vm]!; at < serviceStart[vm + 1]!; at++) {
      const one = serviceOf[at]!;
      this.#leave(one, from);
      this.#arrive(one, to);
      if (change !== 0) this.#count(one, change);
    }
  }

  #has(vm: number, service: number): boolean {
    if (vm < 0) return false;
    const { serviceStart, serviceOf } = this.#problem;
    for (let at = serviceStart[vm]!; at < serviceStart[vm + 1]!; at++) if (serviceOf[at] === service) return true;
    return false;
  }

  #meets(service: number, host: number): boolean {
    return this.#apart[service] === 1 && ((this.#on[service * this.#words + (host >>> 5)]! >>> (host & 31)) & 1) === 1;
  }

  #lets(one: number, from: number, to: number): boolean {
    const { site, sites, spread, zone, zones, needs } = this.#problem;
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

  #count(service: number, change: number): void {
    const so = this.#movedSo;
    so[this.#moved[service]!]!--;
    this.#moved[service]! += change;
    so[this.#moved[service]!]!++;
    this.#mostMoved = Math.max(this.#mostMoved, this.#moved[service]!);
    while (this.#mostMoved > 0 && so[this.#mostMoved] === 0) this.#mostMoved--;
  }

  #toggle(service: number, host: number): void {
    this.#on[service * this.#words + (host >>> 5)]! ^= 1 << (host & 31);
  }

  #arrive(service: number, host: number): void {
    const { site, sites, zone, zones } = this.#problem;
    this.#toggle(service, host);
    if (this.#atSite[service * sites + site[host]!]!++ === 0) this.#sites[service]!++;
    this.#inZone[service * zones + zone[host]!]!++;
  }

  #leave(service: number, host: number): void {
    const { site, sites, zone, zones } = this.#problem;
    this.#toggle(service, host);
    if (--this.#atSite[service * sites + site[host]!]! === 0) this.#sites[service]!--;
    this.#inZone[service * zones + zone[host]!]!--;
  }
}
