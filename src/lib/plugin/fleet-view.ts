// The fleet as a scheduler sees it: columns, what is in use at this moment of the planning, and words for what is asked often.
import { HOST_MAINTENANCE, HOST_ONLINE, RESOURCES, VM_MOVABLE, VM_NEW, VM_RUNNING, WIDTH, textAt } from './columns.ts';
import type { Columns, Resource } from './columns.ts';

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
  /** Running VMs on each host. */
  readonly running: Int32Array;

  constructor(columns: Columns) {
    this.columns = columns;
    this.hosts = columns.hosts;
    this.vms = columns.vms;
    this.used = columns.base.slice();
    this.placedOn = columns.vmHost.slice();
    this.running = new Int32Array(columns.hosts);
    for (let vm = 0; vm < columns.vms; vm++) if (columns.vmHost[vm]! >= 0) this.#count(vm, columns.vmHost[vm]!, 1);
  }

  /** The planner's: a VM is put on a host, or on none (-1). */
  assign(vm: number, host: number): void {
    const from = this.placedOn[vm]!;
    if (from >= 0) this.#count(vm, from, -1);
    if (host >= 0) this.#count(vm, host, 1);
    this.placedOn[vm] = host;
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

  /** VMs on a host, in the order of their indices. A pass over all VMs: for `propose`, not for `score`. */
  vmsOn(host: number): number[] {
    const found: number[] = [];
    for (let vm = 0; vm < this.vms; vm++) if (this.placedOn[vm] === host) found.push(vm);
    return found;
  }

  #count(vm: number, host: number, sign: 1 | -1): void {
    const { demand, vmFlags } = this.columns;
    const [row, need] = [host * WIDTH, vm * WIDTH];
    for (let r = 0; r < WIDTH; r++) this.used[row + r]! += sign * demand[need + r]!;
    if ((vmFlags[vm]! & (VM_RUNNING | VM_NEW)) !== 0) this.running[host]! += sign;
  }
}
