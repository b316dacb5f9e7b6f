// VMs that are to grow or to be started need room at home. Where there is none, it is made: the VMs whose moves cost least leave,
// to where the scheduler wants them. What finds no room is left as it is.
import {
  CPU,
  DISK_IO,
  HOST_MAINTENANCE,
  HOST_ONLINE,
  MEMORY,
  NET,
  VCPUS,
  VM_MOVABLE,
  VM_RUNNING,
  WIDTH,
  textAt
} from '../../plugin/columns.ts';
import type { Columns } from '../../plugin/columns.ts';
import { FleetView } from '../../plugin/fleet-view.ts';
import type { Weights } from '../../plugin/weights.ts';
import type { Reason } from '../reason.ts';
import { moveTerms, totalOf } from '../cost/terms.ts';
import { HARD, isStart, lacking } from '../steps/occupancy.ts';
import type { Before } from '../steps/occupancy.ts';

/** A VM that cannot grow or start. `would`: VMs of its host that would have to go, by index; empty where that would not help. */
export type Roomless = { readonly vm: number; readonly reason: Reason; readonly would: readonly number[] };
export type Room = {
  /** VMs that leave their host, each with the one it makes room for: itself, where it goes to grow. */
  readonly leave: ReadonlyMap<number, number>;
  readonly without: readonly Roomless[];
};
/** What is missing of a resource; below 0: what is left. */
type Short = { readonly r: number; readonly by: number };
type Way = { readonly moves: readonly { readonly vm: number; readonly to: number }[]; readonly cost: number };

/** One VM after the other, in the order of `before`. @param columns with the sizes wanted */
export const makeRoom = (columns: Columns, before: Before, weights: Weights): Room =>
  new RoomMaking(columns, before, weights).run();

/** The columns with VMs as they were before, by index. */
export function asBefore(columns: Columns, before: Before, vms: Iterable<number> = before.keys()): Columns {
  const [demand, vmFlags] = [columns.demand.slice(), columns.vmFlags.slice()];
  for (const vm of vms) {
    const was = before.get(vm)!;
    demand[vm * WIDTH + VCPUS] = was.vcpus;
    demand[vm * WIDTH + MEMORY] = was.memory;
    if (!isStart(was)) continue;
    for (const r of [CPU, DISK_IO, NET]) demand[vm * WIDTH + r] = 0;
    vmFlags[vm]! &= ~VM_RUNNING;
  }
  return { ...columns, demand, vmFlags };
}

/** The columns in which the home of those that leave does not suit them: so every scheduler finds them another. */
export function leaving(columns: Columns, { leave }: Room): Columns {
  const { hosts, vmHost, masks } = columns;
  if (leave.size === 0) return columns;
  const rows = masks.length / hosts;
  const all = new Uint8Array(masks.length + leave.size * hosts);
  const vmMask = columns.vmMask.slice();
  all.set(masks);
  for (const [at, vm] of [...leave.keys()].entries()) {
    const row = (rows + at) * hosts;
    all.set(masks.subarray(vmMask[vm]! * hosts, (vmMask[vm]! + 1) * hosts), row);
    all[row + vmHost[vm]!] = 0;
    vmMask[vm] = rows + at;
  }
  return { ...columns, masks: all, vmMask };
}

class RoomMaking {
  readonly #columns: Columns;
  readonly #before: Before;
  readonly #weights: Weights;
  readonly #fleet: FleetView;
  /** `vms x WIDTH`, grown as far as there is room; `hosts x WIDTH`. */
  readonly #size: Float64Array;
  #used: Float64Array;
  readonly #leave = new Map<number, number>();
  readonly #without: Roomless[] = [];

  constructor(columns: Columns, before: Before, weights: Weights) {
    this.#columns = columns;
    this.#before = before;
    this.#weights = weights;
    this.#fleet = new FleetView(columns);
    this.#size = asBefore(columns, before).demand.slice();
    this.#used = columns.base.slice();
    for (let vm = 0; vm < columns.vms; vm++) this.#add(this.#used, vm, columns.vmHost[vm]!, 1);
  }

  run(): Room {
    const more = (vm: number): boolean =>
      HARD.some((r) => this.#columns.demand[vm * WIDTH + r]! > this.#size[vm * WIDTH + r]!);
    const all = [...this.#before.keys()];
    for (const vm of all) if (!more(vm)) this.#grow(vm);
    for (const vm of all) if (more(vm)) this.#roomFor(vm);
    return { leave: this.#leave, without: this.#without };
  }

  #roomFor(vm: number): void {
    const { vmHost, hostFlags } = this.#columns;
    const home = vmHost[vm]!;
    const short = this.#shortOf(vm, home);
    const full = short.some(({ by }) => by > 0);
    const ways = full ? [this.#itself(vm), this.#one(vm, short), this.#several(vm, short)] : [];
    const [first, ...others] = ways.filter((way) => way !== null);
    // One that already leaves has found a place for its old size only.
    if (this.#fleet.placedOn[vm] !== home) this.#stay(vm, this.#makesRoom(vm), []);
    else if ((hostFlags[home]! & HOST_ONLINE) === 0) this.#stay(vm, { kind: 'host-unlinked' }, []);
    else if (!full) this.#grow(vm);
    else if (first !== undefined) this.#go(vm, first, others);
    else {
      const [most] = short.filter(({ by }) => by > 0);
      this.#stay(vm, lacking(most!.r, most!.by), this.#wouldGo(vm, short));
    }
  }

  /** The cheapest way. */
  #go(vm: number, first: Way, others: readonly Way[]): void {
    const best = others.reduce((cheapest, way) => (way.cost < cheapest.cost ? way : cheapest), first);
    this.#grow(vm);
    for (const move of best.moves) {
      this.#leave.set(move.vm, vm);
      this.#move(this.#used, move.vm, move.to);
      this.#fleet.assign(move.vm, move.to);
    }
  }

  /** It leaves, for another one. */
  #makesRoom(vm: number): Reason {
    return { kind: 'makes-room', vm: textAt(this.#columns.vmName, this.#leave.get(vm)!) };
  }

  /** What is missing at its host, below 0: what is left, of each resource it wants more of. */
  #shortOf(vm: number, host: number): readonly Short[] {
    const { demand, capacity } = this.#columns;
    return HARD.map((r) => ({ r, more: demand[vm * WIDTH + r]! - this.#size[vm * WIDTH + r]! }))
      .filter(({ more }) => more > 0)
      .map(({ r, more }) => ({ r, by: this.#used[host * WIDTH + r]! + more - capacity[host * WIDTH + r]! }));
  }

  /** It moves, and grows there. */
  #itself(vm: number): Way | null {
    if (!this.#isFree(vm)) return null;
    return this.#way(this.#used, vm, this.#columns.demand);
  }

  /** The cheapest other one whose room is enough. */
  #one(vm: number, short: readonly Short[]): Way | null {
    let found: Way | null = null;
    for (const other of this.#others(vm)) {
      if (!short.every(({ r, by }) => this.#size[other * WIDTH + r]! >= by)) continue;
      const way = this.#way(this.#used, other, this.#size);
      if (way !== null && (found === null || way.cost < found.cost)) found = way;
    }
    return found;
  }

  /** The biggest others until it is enough. */
  #several(vm: number, short: readonly Short[]): Way | null {
    const used = this.#used.slice();
    let left = short;
    let way: Way = { moves: [], cost: 0 };
    for (const other of this.#biggest(this.#others(vm), short)) {
      if (left.every(({ by }) => by <= 0)) break;
      if (!left.some(({ r, by }) => by > 0 && this.#size[other * WIDTH + r]! > 0)) continue;
      const one = this.#way(used, other, this.#size);
      if (one === null) continue;
      this.#move(used, other, one.moves[0]!.to);
      left = left.map(({ r, by }) => ({ r, by: by - this.#size[other * WIDTH + r]! }));
      way = { moves: [...way.moves, ...one.moves], cost: way.cost + one.cost };
    }
    return left.every(({ by }) => by <= 0) ? way : null;
  }

  /** The cheapest way off its host. @param size `vms x WIDTH`, what it takes there */
  #way(used: Float64Array, vm: number, size: Float64Array): Way | null {
    const { hosts, vmHost, masks, vmMask, hostFlags, capacity } = this.#columns;
    let best: Way | null = null;
    for (let to = 0; to < hosts; to++) {
      if (to === vmHost[vm] || masks[vmMask[vm]! * hosts + to] !== 1) continue;
      if ((hostFlags[to]! & (HOST_ONLINE | HOST_MAINTENANCE)) !== HOST_ONLINE) continue;
      if (
        HARD.some(
          (r) => size[vm * WIDTH + r]! > 0 && used[to * WIDTH + r]! + size[vm * WIDTH + r]! > capacity[to * WIDTH + r]!
        )
      )
        continue;
      const cost = totalOf(moveTerms(this.#columns, this.#weights, vm, to));
      if (best !== null && best.cost <= cost) continue;
      if (this.#fleet.rules.brokenBy(vm, to, vmHost[vm]!) < 0) best = { moves: [{ vm, to }], cost };
    }
    return best;
  }

  #others(vm: number): readonly number[] {
    return [...this.#fleet.vmsOn(this.#columns.vmHost[vm]!)].filter(
      (other) => !this.#before.has(other) && this.#isFree(other)
    );
  }

  #isFree(vm: number): boolean {
    return (this.#columns.vmFlags[vm]! & VM_MOVABLE) !== 0 && !this.#leave.has(vm);
  }

  #biggest(vms: readonly number[], short: readonly Short[]): readonly number[] {
    const share = (vm: number): number =>
      Math.max(...short.map(({ r, by }) => (by > 0 ? this.#size[vm * WIDTH + r]! / by : 0)));
    return [...vms].sort((one, other) => share(other) - share(one) || one - other);
  }

  /** Whatever holds them there. */
  #wouldGo(vm: number, short: readonly Short[]): readonly number[] {
    const all = [...this.#fleet.vmsOn(this.#columns.vmHost[vm]!)].filter((other) => other !== vm);
    const going: number[] = [];
    let left = short;
    for (const other of this.#biggest(all, short)) {
      if (left.every(({ by }) => by <= 0)) break;
      going.push(other);
      left = left.map(({ r, by }) => ({ r, by: by - this.#size[other * WIDTH + r]! }));
    }
    return left.every(({ by }) => by <= 0) ? going : [];
  }

  #grow(vm: number): void {
    const host = this.#columns.vmHost[vm]!;
    this.#add(this.#used, vm, host, -1);
    for (const r of HARD) this.#size[vm * WIDTH + r] = this.#columns.demand[vm * WIDTH + r]!;
    this.#add(this.#used, vm, host, 1);
  }

  #stay(vm: number, reason: Reason, would: readonly number[]): void {
    this.#without.push({ vm, reason, would });
  }

  #move(used: Float64Array, vm: number, to: number): void {
    this.#add(used, vm, this.#columns.vmHost[vm]!, -1);
    this.#add(used, vm, to, 1);
  }

  #add(used: Float64Array, vm: number, host: number, sign: 1 | -1): void {
    if (host < 0) return;
    for (const r of HARD) used[host * WIDTH + r]! += sign * this.#size[vm * WIDTH + r]!;
  }
}
