// What VMs that yield get of the CPUs of their hosts, once it is known where each VM is: caps where a host would be too busy, and
// caps taken back where there is room again. After the search, which knows nothing of shares.
import {
  CPU,
  HOST_ONLINE,
  HOST_SHARES,
  MEMORY,
  SHARE_CAP,
  SHARE_LEAST,
  SHARE_WEIGHT,
  SHARE_WIDTH,
  VCPUS,
  WIDTH
} from '../../plugin/columns.ts';
import type { Columns } from '../../plugin/columns.ts';
import { FleetView } from '../../plugin/fleet-view.ts';
import { fits } from '../../plugin/rules.ts';
import type { Move, Share } from '../../plugin/scheduler.ts';
import type { Weights } from '../../plugin/weights.ts';
import { placementAfter } from '../check-moves.ts';
import { Holdings, costTerms, moveTerms, ratesOf, totalOf } from '../cost/terms.ts';
import type { Placement, Rates } from '../cost/terms.ts';
import { MILLI_OF_PERCENT, PERCENT, expectedWith, withheld, withShares, yields } from '../shares.ts';

/** Points that a change has to bring: below it is the rounding of sums. */
export const LEAST_GAIN = 1e-9;

/** VMs that yield, by index; empty for most fleets. */
export function yielding(columns: Columns): readonly number[] {
  const found: number[] = [];
  for (let vm = 0; vm < columns.vms; vm++) if (yields(columns, vm)) found.push(vm);
  return found;
}

/** As if no VM that yields had a cap: so the search sees what moving would be good for. */
export function uncapped(columns: Columns, vms: readonly number[]): Columns {
  const capped = vms.filter((vm) => columns.share[vm * SHARE_WIDTH + SHARE_CAP]! > 0);
  return withShares(
    columns,
    capped.map((vm) => ({ vm, weight: columns.share[vm * SHARE_WIDTH + SHARE_WEIGHT]!, cap: null }))
  );
}

/** How many moves are tried without, of a whole plan: each is summed up anew. */
const TRIED = 32;

/** Plans of moves, each with the shares that go with it, and what both cost together. */
export class SharedPlans {
  readonly #columns: Columns;
  readonly #weights: Weights;
  readonly #rates: Rates;
  readonly #vms: readonly number[];

  /** @param vms those that yield */
  constructor(columns: Columns, weights: Weights, vms: readonly number[]) {
    this.#columns = columns;
    this.#weights = weights;
    this.#rates = ratesOf(columns, weights);
    this.#vms = vms;
  }

  with(moves: readonly Move[]): { readonly shares: readonly Share[]; readonly cost: number } {
    const placement = placementAfter(this.#columns, moves);
    const shares = this.#sharesIn(placement);
    const after = withShares(this.#columns, shares);
    return { shares, cost: totalOf(costTerms(after, this.#weights, placement, shares.length)) };
  }

  /** Without moves that cost more than a cap on the host they leave; the dearest are tried. @param more whether there is time */
  without(moves: readonly Move[], more: () => boolean): readonly Move[] {
    const { vmHost } = this.#columns;
    const fleet = new FleetView(this.#columns);
    for (const { vm, host } of moves) fleet.assign(vm, host);
    const where = new Set(this.#vms.map((vm) => vmHost[vm]!));
    const costs = new Map(
      moves.map((move) => [move, totalOf(moveTerms(this.#columns, this.#weights, move.vm, move.host))])
    );
    const tried = moves.filter(({ vm }) => vmHost[vm]! >= 0 && where.has(vmHost[vm]!));
    tried.sort((one, other) => costs.get(other)! - costs.get(one)!);
    let [left, least] = [moves, this.with(moves).cost];
    for (const move of tried.slice(0, TRIED)) {
      if (!more()) break;
      if (!fits(fleet, move.vm, vmHost[move.vm]!)) continue;
      const fewer = left.filter((one) => one !== move);
      const { cost } = this.with(fewer);
      if (cost >= least) continue;
      [left, least] = [fewer, cost];
      fleet.assign(move.vm, vmHost[move.vm]!);
    }
    return left;
  }

  /** Shares that differ from those there are: with each the placement costs less than without it, resizes included. */
  #sharesIn(placement: Placement): readonly Share[] {
    const { hosts, hostFlags, share } = this.#columns;
    const { used } = new Holdings(this.#columns, placement);
    const on = new Map<number, number[]>();
    for (const vm of this.#vms) {
      const host = placement[vm]!;
      if (host < 0 || (hostFlags[host]! & (HOST_ONLINE | HOST_SHARES)) !== (HOST_ONLINE | HOST_SHARES)) continue;
      on.set(host, [...(on.get(host) ?? []), vm]);
    }
    const found: Share[] = [];
    for (let host = 0; host < hosts; host++) {
      const vms = on.get(host) ?? [];
      for (const [vm, cap] of this.#capsOn(host, used[host * WIDTH + CPU]!, used[host * WIDTH + MEMORY]!, vms)) {
        const weight = share[vm * SHARE_WIDTH + SHARE_WEIGHT]!;
        found.push({ vm, weight, cap: cap === 0 ? null : cap });
      }
    }
    return found.sort((one, other) => one.vm - other.vm);
  }

  /**
   * The best change of one VM after another, until none helps. What a host costs by its CPU is convex and made of straight pieces, a
   * cap costs straight: so the best cap of one VM is where a piece ends.
   */
  #capsOn(host: number, cpu: number, memory: number, vms: readonly number[]): ReadonlyMap<number, number> {
    const { share } = this.#columns;
    const caps = new Map(vms.map((vm) => [vm, share[vm * SHARE_WIDTH + SHARE_CAP]!]));
    const first = new Map(caps);
    const changed = new Map<number, number>();
    let used = cpu;
    if (!this.#isPressed(host, cpu, memory) && [...caps.values()].every((cap) => cap === 0)) return changed;
    // Each change lowers the cost, and each VM has few caps to choose from: it ends long before.
    for (let turn = 0; turn < 4 * vms.length; turn++) {
      let best: { readonly vm: number; readonly cap: number; readonly used: number; readonly gain: number } | null =
        null;
      for (const vm of vms) {
        const [was, before] = [caps.get(vm)!, this.#capCost(vm, caps.get(vm)!, first.get(vm)!)];
        const without = used - this.#uses(vm, was, first.get(vm)!);
        for (const cap of this.#choices(host, memory, vm, without)) {
          if (cap === was) continue;
          const then = without + this.#uses(vm, cap, first.get(vm)!);
          const gain =
            this.#hostCost(host, used, memory) +
            before -
            this.#hostCost(host, then, memory) -
            this.#capCost(vm, cap, first.get(vm)!);
          if (gain > LEAST_GAIN && (best === null || gain > best.gain)) best = { vm, cap, used: then, gain };
        }
      }
      if (best === null) break;
      caps.set(best.vm, best.cap);
      used = best.used;
      if (best.cap === first.get(best.vm)) changed.delete(best.vm);
      else changed.set(best.vm, best.cap);
    }
    return changed;
  }

  /** Whether the host would cost less with less of its CPU in use: else no cap helps it. */
  #isPressed(host: number, cpu: number, memory: number): boolean {
    const { capacity, safety } = this.#columns;
    const row = host * WIDTH;
    const [freeCpu, freeMemory] = [capacity[row + CPU]! - cpu, capacity[row + MEMORY]! - memory];
    return cpu > safety[row + CPU]! || this.#rates.cpuPerMemory * freeMemory > freeCpu;
  }

  /** What the columns have as long as nothing changes; else what is expected with the cap. */
  #uses(vm: number, cap: number, first: number): number {
    return cap === first ? this.#columns.demand[vm * WIDTH + CPU]! : expectedWith(this.#columns, vm, cap);
  }

  /** None, as it is, the least, and those with which a piece of what the host costs ends. */
  #choices(host: number, memory: number, vm: number, without: number): readonly number[] {
    const { share, demand, safety, capacity } = this.#columns;
    const least = share[vm * SHARE_WIDTH + SHARE_LEAST]!;
    const most = demand[vm * WIDTH + VCPUS]! * PERCENT;
    const row = host * WIDTH;
    const { cpuPerMemory } = this.#rates;
    // Where free CPU and free memory are in balance.
    const even = capacity[row + CPU]! - cpuPerMemory * (capacity[row + MEMORY]! - memory);
    const ends = [safety[row + CPU]!, even].map((end) => Math.floor((end - without) / MILLI_OF_PERCENT));
    const wanted = Math.ceil(expectedWith(this.#columns, vm, 0) / MILLI_OF_PERCENT);
    const caps = [...ends, least, wanted, share[vm * SHARE_WIDTH + SHARE_CAP]!].filter(
      (cap) => cap >= least && cap < most
    );
    return [0, ...caps];
  }

  #capCost(vm: number, cap: number, first: number): number {
    return this.#rates.perWithheld * withheld(this.#columns, vm, cap) + (cap === first ? 0 : this.#weights.resize);
  }

  /** Of its CPU: load, and balance with memory. */
  #hostCost(host: number, cpu: number, memory: number): number {
    const { capacity, safety } = this.#columns;
    const { perUnit, cpuPerMemory, balancePerCpu, balancePerMemory } = this.#rates;
    const row = host * WIDTH;
    const [freeCpu, freeMemory] = [capacity[row + CPU]! - cpu, capacity[row + MEMORY]! - memory];
    const lonelyCpu = cpuPerMemory === 0 ? 0 : freeCpu / cpuPerMemory - freeMemory;
    return (
      perUnit[CPU]! * Math.max(0, cpu - safety[row + CPU]!) +
      balancePerCpu * Math.max(0, cpuPerMemory * freeMemory - freeCpu) +
      balancePerMemory * Math.max(0, lonelyCpu)
    );
  }
}
