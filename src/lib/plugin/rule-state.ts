// Which VMs of each rule are where, kept up to date as VMs are assigned, so that one question costs as much as the VM has rules.
import type { Columns, Rule } from './columns.ts';

/** What a group of VMs is to a rule: its kind, or that others need one of it. */
export type Role = Rule['kind'] | 'needed';

/** VMs that a rule speaks of, and how many of them are at each place: a host for `apart` and `together`, else a site. */
type Group = {
  readonly rule: Rule;
  readonly role: Role;
  readonly vms: Int32Array;
  /** How many different places there should be, of `spread`: no more than there are VMs. */
  readonly least: number;
  readonly byHost: Map<number, number>;
  /** How many have a host. */
  placed: number;
  /** How many different places they are at. */
  places: number;
};

export class RuleState {
  readonly #hostSite: Int32Array;
  readonly #sites: number;
  readonly #groups: readonly Group[];
  /** `groups x sites`. */
  readonly #atSite: Int32Array;
  /** Groups of VM `v`: `#groupOf[i]` for `i` from `#start[v]` to before `#start[v + 1]`. */
  readonly #groupOf: Int32Array;
  readonly #start: Int32Array;

  /** Nobody is anywhere yet. */
  constructor({ hostSite, siteName, rules, vms }: Columns) {
    this.#hostSite = hostSite;
    this.#sites = siteName.length;
    this.#groups = rules.flatMap(groupsOf);
    this.#atSite = new Int32Array(this.#groups.length * this.#sites);
    this.#start = new Int32Array(vms + 1);
    for (const group of this.#groups) for (const vm of group.vms) this.#start[vm + 1]! += 1;
    for (let vm = 0; vm < vms; vm++) this.#start[vm + 1]! += this.#start[vm]!;
    this.#groupOf = new Int32Array(this.#start[vms]!);
    const next = this.#start.slice();
    for (const [index, group] of this.#groups.entries()) for (const vm of group.vms) this.#groupOf[next[vm]!++] = index;
  }

  /** A VM goes from one host to another; -1: none. */
  move(vm: number, from: number, to: number): void {
    for (let i = this.#start[vm]!; i < this.#start[vm + 1]!; i++) {
      if (from >= 0) this.#count(this.#groupOf[i]!, from, -1);
      if (to >= 0) this.#count(this.#groupOf[i]!, to, 1);
    }
  }

  /** The first group whose rule would be broken if the VM, which is on `from` (-1: none), were on `host`; -1: none would. */
  brokenBy(vm: number, host: number, from: number): number {
    for (let i = this.#start[vm]!; i < this.#start[vm + 1]!; i++) {
      if (this.#breaks(this.#groupOf[i]!, host, from)) return this.#groupOf[i]!;
    }
    return -1;
  }

  /** Whether all rules of a VM hold as everybody is placed now; VMs without a host can still go where they mend `spread`. */
  holdFor(vm: number): boolean {
    for (let i = this.#start[vm]!; i < this.#start[vm + 1]!; i++) {
      if (!this.#holds(this.#groupOf[i]!)) return false;
    }
    return true;
  }

  /** A group by its number. */
  group(index: number): Pick<Group, 'rule' | 'role' | 'least'> {
    return this.#groups[index]!;
  }

  #breaks(index: number, host: number, from: number): boolean {
    const group = this.#groups[index]!;
    const site = this.#hostSite[host]!;
    const fromSite = from < 0 ? -1 : this.#hostSite[from]!;
    const others = group.placed - (from < 0 ? 0 : 1);
    switch (group.role) {
      case 'apart':
        return (group.byHost.get(host) ?? 0) > Number(from === host);
      case 'together':
        return others > 0 && (group.byHost.get(host) ?? 0) === Number(from === host);
      case 'near':
        return others > 0 && this.#at(index, site) === Number(fromSite === site);
      case 'spread': {
        const stays = fromSite === site;
        const opens = Number(!stays && this.#at(index, site) === 0);
        const empties = Number(!stays && from >= 0 && this.#at(index, fromSite) === 1);
        // Those without a host can still go to a site of their own; what is broken already must not become worse.
        const change = opens - empties - Number(from < 0);
        return change < 0 && group.places + group.vms.length - group.placed + change < group.least;
      }
      case 'needs':
        return this.#at(index + 1, site) === 0;
      case 'needed':
        // The last one of its kind stays where those are that need it.
        return from >= 0 && fromSite !== site && this.#at(index, fromSite) === 1 && this.#at(index - 1, fromSite) > 0;
    }
  }

  #holds(index: number): boolean {
    const group = this.#groups[index]!;
    switch (group.role) {
      case 'apart':
        return group.places === group.placed;
      case 'together':
      case 'near':
        return group.places <= 1;
      case 'spread':
        return group.places + group.vms.length - group.placed >= group.least;
      case 'needs':
      case 'needed': {
        const needs = group.role === 'needs' ? index : index - 1;
        for (let site = 0; site < this.#sites; site++) {
          if (this.#at(needs, site) > 0 && this.#at(needs + 1, site) === 0) return false;
        }
        return true;
      }
    }
  }

  #at(group: number, site: number): number {
    return this.#atSite[group * this.#sites + site]!;
  }

  #count(index: number, host: number, sign: 1 | -1): void {
    const group = this.#groups[index]!;
    group.placed += sign;
    let now: number;
    if (group.role === 'apart' || group.role === 'together') {
      now = (group.byHost.get(host) ?? 0) + sign;
      if (now === 0) group.byHost.delete(host);
      else group.byHost.set(host, now);
    } else {
      now = this.#atSite[index * this.#sites + this.#hostSite[host]!]! += sign;
    }
    if (sign === 1 ? now === 1 : now === 0) group.places += sign;
  }
}

/** A VM that is needed by its own rule needs no other. */
function groupsOf(rule: Rule): readonly Group[] {
  const group = (role: Role, of: Iterable<number>, least = 0): Group => {
    const vms = Int32Array.from(new Set(of));
    return { rule, role, vms, least: Math.min(least, vms.length), byHost: new Map(), placed: 0, places: 0 };
  };
  if (rule.kind === 'spread') return [group('spread', rule.vms, rule.least)];
  if (rule.kind !== 'needs') return [group(rule.kind, rule.vms)];
  const of = new Set(rule.of);
  return [
    group(
      'needs',
      rule.vms.filter((vm) => !of.has(vm))
    ),
    group('needed', of)
  ];
}
