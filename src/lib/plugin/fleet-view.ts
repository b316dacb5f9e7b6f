// The fleet as a scheduler sees it: columns, what is in use at this moment of the planning, and words for what is asked often.
import {
  DISK,
  HARD,
  HOST_MAINTENANCE,
  HOST_ONLINE,
  HOST_SHARES,
  MEMORY,
  RESOURCES,
  SHARE_CAP,
  SHARE_LEAST,
  SHARE_WEIGHT,
  SHARE_WIDTH,
  VM_MOVABLE,
  VM_NEW,
  VM_RUNNING
} from './columns.ts';
import { WIDTH, textAt } from './columns.ts';
import type { Columns, Resource } from './columns.ts';
import { RuleState } from './rule-state.ts';
import { fits, mayBe } from './rules.ts';
import type { Verdict } from './scheduler.ts';

/**
 * Read only for schedulers. The planner assigns VMs to hosts as it goes, so `used` and `placedOn` include what was decided
 * before in the same request.
 */
export class FleetView {
  readonly columns: Columns;
  readonly hosts: number;
  readonly vms: number;
  /** `hosts x WIDTH`, in the units of the columns. */
  readonly used: Float64Array;
  /** Host of each VM now, with what was decided; -1: none. */
  readonly placedOn: Int32Array;
  /** `sites x WIDTH`: in use at each site, and what there is. */
  readonly siteUsed: Float64Array;
  readonly siteCapacity: Float64Array;
  /** Running VMs on each host. */
  readonly running: Int32Array;
  /**
   * `hosts x HARD`: what a newcomer could have; below 0 where more is given out than there is. Memory and disk of VMs that left
   * their home are not free there until they have moved.
   */
  readonly room: Float64Array;
  readonly rules: RuleState;
  #revision = 0;
  /** Of the last changes, each where the VM came from and where it went; -1: nowhere. A ring. */
  readonly #changes = new Int32Array(2 * CHANGES);
  /** VMs of each host as lists: the first one, and of each VM the one before and the one after; -1: none. */
  readonly #first: Int32Array;
  readonly #before: Int32Array;
  readonly #after: Int32Array;

  constructor(columns: Columns) {
    this.columns = columns;
    this.hosts = columns.hosts;
    this.vms = columns.vms;
    this.used = columns.base.slice();
    this.siteUsed = sumBySite(columns, columns.base);
    this.siteCapacity = sumBySite(columns, columns.capacity);
    this.placedOn = new Int32Array(columns.vms).fill(-1);
    this.running = new Int32Array(columns.hosts);
    this.room = new Float64Array(columns.hosts * HARD);
    this.rules = new RuleState(columns);
    this.#first = new Int32Array(columns.hosts).fill(-1);
    this.#before = new Int32Array(columns.vms).fill(-1);
    this.#after = new Int32Array(columns.vms).fill(-1);
    for (let host = 0; host < columns.hosts; host++) {
      for (let r = 0; r < HARD; r++) {
        this.room[host * HARD + r] = columns.capacity[host * WIDTH + r]! - columns.base[host * WIDTH + r]!;
      }
    }
    for (let vm = 0; vm < columns.vms; vm++) {
      const home = columns.vmHost[vm]!;
      if (home < 0) continue;
      this.#block(vm, home, 1);
      this.assign(vm, home);
    }
  }

  /** A fleet of its own, as this one is now: to `assign` in as one likes. */
  copy(): FleetView {
    const copy = new FleetView(this.columns);
    for (let vm = 0; vm < this.vms; vm++) copy.assign(vm, this.placedOn[vm]!);
    return copy;
  }

  /** The planner's, and everybody's on a `copy`: a VM is put on a host, or on none (-1). */
  assign(vm: number, host: number): void {
    const from = this.placedOn[vm]!;
    if (from === host) return;
    const home = this.columns.vmHost[vm]!;
    if (from >= 0) {
      this.#count(vm, from, -1);
      this.#unlink(vm, from);
      if (from === home) this.#block(vm, home, 1);
    }
    if (host >= 0) {
      this.#count(vm, host, 1);
      this.#link(vm, host);
      if (host === home) this.#block(vm, home, -1);
    }
    this.rules.move(vm, from, host);
    this.placedOn[vm] = host;
    const change = 2 * (this.#revision % CHANGES);
    this.#changes[change] = from;
    this.#changes[change + 1] = host;
    this.#revision += 1;
  }

  /** Another one after each change: what was worked out of a fleet holds as long as this stays. */
  get revision(): number {
    return this.#revision;
  }

  /**
   * Hosts that VMs came to or left since an earlier `revision`, some perhaps more than once, so that what was worked out of all of
   * them need not be worked out anew; null: too many to be known one by one.
   */
  changedSince(revision: number): readonly number[] | null {
    const count = this.#revision - revision;
    if (!(count >= 0 && count <= CHANGES)) return null;
    const hosts: number[] = [];
    for (let one = revision; one < this.#revision; one++) {
      const change = 2 * (one % CHANGES);
      for (const host of [this.#changes[change]!, this.#changes[change + 1]!]) if (host >= 0) hosts.push(host);
    }
    return hosts;
  }

  /** Whether the VM may be on the host by what always holds, or why not; `rules.ts` says what that is. */
  mayBe(vm: number, host: number): Verdict {
    return mayBe(this, vm, host);
  }

  /** `mayBe` without the words. */
  fits(vm: number, host: number): boolean {
    return fits(this, vm, host);
  }

  hostName(host: number): string {
    return textAt(this.columns.hostName, host);
  }

  vmName(vm: number): string {
    return textAt(this.columns.vmName, vm);
  }

  siteName(host: number): string {
    return this.columns.siteName[this.columns.hostSite[host]!]!;
  }

  /** Tags of a VM, sorted. */
  tags(vm: number): string[] {
    const { tagName, vmTag, vmTagStart } = this.columns;
    return Array.from(vmTag.subarray(vmTagStart[vm], vmTagStart[vm + 1]), (tag) => tagName[tag]!);
  }

  isOnline(host: number): boolean {
    return (this.columns.hostFlags[host]! & HOST_ONLINE) !== 0;
  }

  inMaintenance(host: number): boolean {
    return (this.columns.hostFlags[host]! & HOST_MAINTENANCE) !== 0;
  }

  isRunning(vm: number): boolean {
    return (this.columns.vmFlags[vm]! & VM_RUNNING) !== 0;
  }

  isMovable(vm: number): boolean {
    return (this.columns.vmFlags[vm]! & VM_MOVABLE) !== 0;
  }

  /** What the VM gets of its host's CPUs, as `Share` has it; null: not known, so no plan can change it. */
  share(vm: number): { readonly weight: number; readonly cap: number | null } | null {
    const weight = this.columns.share[vm * SHARE_WIDTH + SHARE_WEIGHT]!;
    const cap = this.columns.share[vm * SHARE_WIDTH + SHARE_CAP]!;
    return weight === 0 ? null : { weight, cap: cap === 0 ? null : cap };
  }

  /** The least cap a plan may give the VM, percent of one CPU; null: its tags do not say that it yields. */
  leastCap(vm: number): number | null {
    return this.columns.share[vm * SHARE_WIDTH + SHARE_LEAST]! || null;
  }

  /** Whether the host can give a running VM another share of its CPUs. */
  setsShares(host: number): boolean {
    return (this.columns.hostFlags[host]! & HOST_SHARES) !== 0;
  }

  /** What a VM demands, in the unit of the resource. */
  demand(vm: number, resource: Resource): number {
    return this.columns.demand[vm * WIDTH + RESOURCES.indexOf(resource)]!;
  }

  capacity(host: number, resource: Resource): number {
    return this.columns.capacity[host * WIDTH + RESOURCES.indexOf(resource)]!;
  }

  /** May be below 0 where more is given out than there is. */
  free(host: number, resource: Resource): number {
    const at = host * WIDTH + RESOURCES.indexOf(resource);
    return this.columns.capacity[at]! - this.used[at]!;
  }

  /** VMs on a host, in the order of their indices. */
  vmsOn(host: number): number[] {
    const found: number[] = [];
    for (let vm = this.#first[host]!; vm >= 0; vm = this.#after[vm]!) found.push(vm);
    return found.sort((a, b) => a - b);
  }

  #count(vm: number, host: number, sign: 1 | -1): void {
    const { demand, vmFlags, hostSite } = this.columns;
    const [need, row, site] = [vm * WIDTH, host * WIDTH, hostSite[host]! * WIDTH];
    for (let r = 0; r < WIDTH; r++) {
      const amount = sign * demand[need + r]!;
      this.used[row + r]! += amount;
      this.siteUsed[site + r]! += amount;
    }
    for (let r = 0; r < HARD; r++) this.room[host * HARD + r]! -= sign * demand[need + r]!;
    if ((vmFlags[vm]! & (VM_RUNNING | VM_NEW)) !== 0) this.running[host]! += sign;
  }

  /** What a VM that is elsewhere still occupies at home. */
  #block(vm: number, home: number, sign: 1 | -1): void {
    for (const r of TRANSIENT) this.room[home * HARD + r]! -= sign * this.columns.demand[vm * WIDTH + r]!;
  }

  #link(vm: number, host: number): void {
    const next = this.#first[host]!;
    this.#before[vm] = -1;
    this.#after[vm] = next;
    if (next >= 0) this.#before[next] = vm;
    this.#first[host] = vm;
  }

  #unlink(vm: number, host: number): void {
    const [before, after] = [this.#before[vm]!, this.#after[vm]!];
    if (before >= 0) this.#after[before] = after;
    else this.#first[host] = after;
    if (after >= 0) this.#before[after] = before;
  }
}

/** How many of the last changes are known one by one. */
const CHANGES = 1_024;
const TRANSIENT = [MEMORY, DISK];

/** @param rows `hosts x WIDTH` */
function sumBySite({ hosts, hostSite, siteName }: Columns, rows: Float64Array): Float64Array {
  const sums = new Float64Array(siteName.length * WIDTH);
  for (let host = 0; host < hosts; host++) {
    for (let r = 0; r < WIDTH; r++) sums[hostSite[host]! * WIDTH + r]! += rows[host * WIDTH + r]!;
  }
  return sums;
}
