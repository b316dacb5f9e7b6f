// What most plans begin and end with: who needs a host, hosts for them one after another, and the moves that come of it.
import type { FleetView } from './fleet-view.ts';
import { fits } from './rules.ts';
import type { Intent, Move } from './scheduler.ts';

/**
 * VMs that need a host: the new ones, in the order in which they were asked for; movable ones on hosts to be left,
 * or that do not suit them, biggest first.
 */
export function homeless(fleet: FleetView, intent: Intent): number[] {
  const { vmHost, vmMask, masks, hosts } = fleet.columns;
  const leave = new Set(intent.leave);
  const leaving: number[] = [];
  for (let vm = 0; vm < fleet.vms && intent.kind !== 'place'; vm++) {
    const home = vmHost[vm]!;
    if (home < 0 || fleet.placedOn[vm] !== home || !fleet.isMovable(vm)) continue;
    if (leave.has(home) || masks[vmMask[vm]! * hosts + home] !== 1) leaving.push(vm);
  }
  return [...intent.place.filter((vm) => fleet.placedOn[vm] === -1), ...biggestFirst(fleet, leaving)];
}

/** By memory, then vCPUs, then disk. */
export function biggestFirst(fleet: FleetView, vms: readonly number[]): number[] {
  const size = (vm: number): readonly number[] => [
    fleet.demand(vm, 'memory'),
    fleet.demand(vm, 'vcpus'),
    fleet.demand(vm, 'disk')
  ];
  const sizes = new Map(vms.map((vm) => [vm, size(vm)]));
  const by = (a: number, b: number, r: number): number => sizes.get(b)![r]! - sizes.get(a)![r]!;
  return [...vms].sort((a, b) => by(a, b, 0) || by(a, b, 1) || by(a, b, 2) || a - b);
}

/**
 * The host with the highest score of those where the VM may be, but for the one where it is; -1: there is none. Of equal ones
 * the first.
 * @param score of a host for the VM; NaN: not this one
 */
export function bestHost(fleet: FleetView, vm: number, score: (vm: number, host: number) => number): number {
  let [best, most] = [-1, Number.NEGATIVE_INFINITY];
  for (let host = 0; host < fleet.hosts; host++) {
    if (host === fleet.placedOn[vm] || !fits(fleet, vm, host)) continue;
    const points = score(vm, host);
    if (points > most) [best, most] = [host, points];
  }
  return best;
}

/**
 * Gives each of the VMs the best host, one after another, on a `copy` of the fleet; again for those that found none, as long as
 * that helps and there is time. Hosts of `intent.leave` are none.
 */
export function placeEach(
  fleet: FleetView,
  intent: Intent,
  vms: readonly number[],
  score: (vm: number, host: number) => number
): void {
  const leave = new Set(intent.leave);
  const outside = (vm: number, host: number): number => (leave.has(host) ? Number.NaN : score(vm, host));
  let waiting = vms;
  for (;;) {
    const left: number[] = [];
    for (const vm of waiting) {
      if (intent.elapsed() >= intent.budget) return;
      const host = bestHost(fleet, vm, outside);
      if (host < 0) left.push(vm);
      else fleet.assign(vm, host);
    }
    if (left.length === 0 || left.length === waiting.length) return;
    waiting = left;
  }
}

/**
 * Takes all of the VMs off and gives each the best host, in their order: for those that rules keep together, of which none could
 * go alone. All of them, or none: then everything is as before. @returns whether all were placed, and their rules hold
 */
export function placeTogether(
  fleet: FleetView,
  vms: readonly number[],
  score: (vm: number, host: number) => number
): boolean {
  const before = vms.map((vm) => fleet.placedOn[vm]!);
  for (const vm of vms) fleet.assign(vm, -1);
  const placed = vms.every((vm) => {
    const host = bestHost(fleet, vm, score);
    if (host >= 0) fleet.assign(vm, host);
    return host >= 0;
  });
  if (placed && vms.every((vm) => fleet.rules.holdFor(vm))) return true;
  for (const [index, vm] of vms.entries()) fleet.assign(vm, before[index]!);
  return false;
}

/** What is to be done so that the fleet becomes as the copy is: VMs that are not where their columns say. */
export function movesOf(fleet: FleetView): Move[] {
  const moves: Move[] = [];
  for (let vm = 0; vm < fleet.vms; vm++) {
    const host = fleet.placedOn[vm]!;
    if (host >= 0 && host !== fleet.columns.vmHost[vm]) moves.push({ vm, host });
  }
  return moves;
}
