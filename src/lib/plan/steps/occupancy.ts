// What hosts hold while a plan runs: a VM that is under way occupies both hosts.
import { DISK, MEMORY, VCPUS, WIDTH } from '../../plugin/columns.ts';
import type { Columns } from '../../plugin/columns.ts';
import type { Reason } from '../reason.ts';

/** Resources of which no host may give out more than it has. */
export const HARD = [VCPUS, MEMORY, DISK] as const;

export type SizeBefore = { readonly vcpus: number; readonly memory: number };
/** Sizes of VMs that are resized or started by the plan, before it; by index. The columns have what they are to be. */
export type Before = ReadonlyMap<number, SizeBefore>;
/** Of a VM that is off: it is to be started. */
export const NO_SIZE: SizeBefore = { vcpus: 0, memory: 0 };
export const isStart = ({ vcpus, memory }: SizeBefore): boolean => vcpus === 0 && memory === 0;

export class Occupancy {
  readonly #columns: Columns;
  /** `vms x WIDTH`, as it is at this moment. */
  readonly #demand: Float64Array;
  readonly #used: Float64Array;
  /** VMs on each host, those that come and those that go included. */
  readonly #on: readonly Set<number>[];
  /** For each VM those it may not meet. */
  readonly #apart: ReadonlyMap<number, readonly Int32Array[]>;

  constructor(columns: Columns, before: Before) {
    this.#columns = columns;
    this.#demand = columns.demand.slice();
    for (const [vm, { vcpus, memory }] of before) {
      this.#demand[vm * WIDTH + VCPUS] = vcpus;
      this.#demand[vm * WIDTH + MEMORY] = memory;
    }
    this.#used = columns.base.slice();
    this.#on = Array.from({ length: columns.hosts }, () => new Set<number>());
    for (let vm = 0; vm < columns.vms; vm++) if (columns.vmHost[vm]! >= 0) this.arrive(vm, columns.vmHost[vm]!);
    const apart = new Map<number, Int32Array[]>();
    for (const rule of columns.rules) {
      if (rule.kind !== 'apart') continue;
      for (const vm of rule.vms) apart.set(vm, [...(apart.get(vm) ?? []), rule.vms]);
    }
    this.#apart = apart;
  }

  arrive(vm: number, host: number): void {
    this.#on[host]!.add(vm);
    this.#add(vm, host, 1);
  }

  leave(vm: number, host: number): void {
    this.#on[host]!.delete(vm);
    this.#add(vm, host, -1);
  }

  /** The VM has the size of the columns from now on. */
  resize(vm: number, host: number): void {
    this.#add(vm, host, -1);
    for (const r of HARD) this.#demand[vm * WIDTH + r] = this.#columns.demand[vm * WIDTH + r]!;
    this.#add(vm, host, 1);
  }

  /** Why a VM cannot come now; null when it can. */
  whyFull(vm: number, host: number): Reason | null {
    for (const r of HARD) {
      const short = this.#short(host, r, this.#demand[vm * WIDTH + r]!);
      if (short > 0) return lacking(r, short);
    }
    const met = (this.#apart.get(vm) ?? []).some((vms) =>
      vms.some((other) => other !== vm && this.#on[host]!.has(other))
    );
    return met ? { kind: 'still-there' } : null;
  }

  /** Why a VM cannot get its new size where it is; null when it can. */
  whyNoRoom(vm: number, host: number): Reason | null {
    for (const r of HARD) {
      const at = vm * WIDTH + r;
      const more = this.#columns.demand[at]! - this.#demand[at]!;
      const short = more > 0 ? this.#short(host, r, more) : 0;
      if (short > 0) return lacking(r, short);
    }
    return null;
  }

  #short(host: number, r: number, more: number): number {
    if (more === 0) return 0;
    const at = host * WIDTH + r;
    return this.#used[at]! + more - this.#columns.capacity[at]!;
  }

  #add(vm: number, host: number, sign: 1 | -1): void {
    for (const r of HARD) this.#used[host * WIDTH + r]! += sign * this.#demand[vm * WIDTH + r]!;
  }
}

/** A host has so much too little of a resource. */
export function lacking(column: number, amount: number): Reason {
  const resource = column === VCPUS ? 'vcpus' : column === MEMORY ? 'memory' : 'disk';
  return { kind: 'lacks', resource, amount, meanwhile: false };
}
