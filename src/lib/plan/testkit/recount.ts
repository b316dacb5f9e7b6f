// What a proposal breaks, counted from nothing but the columns: the judge shares no code with what it judges.
import {
  DISK,
  HARD,
  HOST_MAINTENANCE,
  HOST_ONLINE,
  HOST_SHARES,
  MEMORY,
  RESOURCES,
  SHARE_LEAST,
  SHARE_WIDTH,
  VCPUS,
  VM_MOVABLE,
  VM_RUNNING,
  WIDTH,
  textAt
} from '../../plugin/columns.ts';
import type { Columns } from '../../plugin/columns.ts';
import type { Intent, Move, Share } from '../../plugin/scheduler.ts';
import { breaksOf } from '../rule-breaks.ts';

/** Where VMs would be. @throws never: what is no move is left out */
export function placedAfter(columns: Columns, moves: readonly Move[]): Int32Array {
  const placed = columns.vmHost.slice();
  for (const { vm, host } of moves) if (isIndex(vm, columns.vms) && isIndex(host, columns.hosts)) placed[vm] = host;
  return placed;
}

/** Of each kind. */
const MOST_FAULTS = 5;

/** What is wrong with a proposal, as sentences, the first of each kind; empty when it may be carried out. */
export function faultsOf(
  columns: Columns,
  intent: Intent,
  moves: readonly Move[],
  shares: readonly Share[] = []
): string[] {
  const placed = placedAfter(columns, moves);
  const away = (vm: number): boolean => placed[vm] !== columns.vmHost[vm];
  const breaks = columns.rules.flatMap((rule) => {
    const more = breaksOf(rule, columns, placed) - breaksOf(rule, columns, columns.vmHost);
    return more > 0 ? [`breaks rule “${rule.name}” (${rule.kind}) ${more} times more than before`] : [];
  });
  const ofMoves = moves.flatMap((move, index) => moveFaults(columns, intent, moves, move, index));
  const ofShares = shares.flatMap((share, index) => shareFaults(columns, placed, shares, share, index));
  return [ofMoves, hostFaults(columns, placed, away), breaks, ofShares].flatMap((faults) =>
    faults.slice(0, MOST_FAULTS)
  );
}

function moveFaults(
  columns: Columns,
  intent: Intent,
  moves: readonly Move[],
  { vm, host }: Move,
  index: number
): string[] {
  if (!isIndex(vm, columns.vms)) return [`names VM ${String(vm)}, which is none of ${columns.vms}`];
  if (!isIndex(host, columns.hosts)) return [`names host ${String(host)}, which is none of ${columns.hosts}`];
  const [name, on] = [textAt(columns.vmName, vm), textAt(columns.hostName, host)];
  if (moves.findIndex((other) => other.vm === vm) < index) return [`names ${name} twice`];
  const home = columns.vmHost[vm]!;
  if (home === host) return [];
  const flags = columns.hostFlags[host]!;
  const wanted = home < 0 ? intent.place.includes(vm) : intent.kind !== 'place';
  return [
    ...(wanted ? [] : [`places ${name}, which was not asked for`]),
    ...(home < 0 || (columns.vmFlags[vm]! & VM_MOVABLE) !== 0 ? [] : [`moves ${name}, which may not be moved`]),
    ...(columns.masks[columns.vmMask[vm]! * columns.hosts + host] === 1
      ? []
      : [`puts ${name} on ${on}, where it cannot run`]),
    ...((flags & HOST_ONLINE) !== 0 ? [] : [`puts ${name} on ${on}, which is not online`]),
    ...((flags & HOST_MAINTENANCE) === 0 ? [] : [`puts ${name} on ${on}, which is in maintenance`]),
    ...(intent.leave.includes(host) ? [`puts ${name} on ${on}, which is to be left`] : [])
  ];
}

const MOST_WEIGHT = 65_535;
function shareFaults(
  columns: Columns,
  placed: Int32Array,
  shares: readonly Share[],
  { vm, weight, cap }: Share,
  index: number
): string[] {
  if (!isIndex(vm, columns.vms)) return [`gives a share to VM ${String(vm)}, which is none of ${columns.vms}`];
  const name = textAt(columns.vmName, vm);
  if (shares.findIndex((other) => other.vm === vm) < index) return [`gives ${name} two shares`];
  const least = columns.share[vm * SHARE_WIDTH + SHARE_LEAST]!;
  const most = columns.demand[vm * WIDTH + VCPUS]! * 100;
  const flags = placed[vm]! < 0 ? 0 : columns.hostFlags[placed[vm]!]!;
  const isWhole = (value: unknown, from: number, to: number): boolean =>
    Number.isInteger(value) && (value as number) >= from && (value as number) <= to;
  return [
    ...((columns.vmFlags[vm]! & VM_RUNNING) !== 0 ? [] : [`gives ${name} a share, which does not run`]),
    ...(least > 0 ? [] : [`gives ${name} a share, whose tags do not say that it yields`]),
    ...((flags & HOST_SHARES) !== 0 && (flags & HOST_ONLINE) !== 0
      ? []
      : [`gives ${name} a share on a host that cannot set one`]),
    ...(isWhole(weight, 1, MOST_WEIGHT)
      ? []
      : [`gives ${name} the weight ${String(weight)}: it is 1 to ${MOST_WEIGHT}`]),
    ...(cap === null || isWhole(cap, least, most)
      ? []
      : [`gives ${name} the cap ${String(cap)}: it is ${least} to ${most}, or null`])
  ];
}

/** Hosts that hold too much of what came; memory and disk of those that leave count until they have gone. */
function hostFaults(columns: Columns, placed: Int32Array, away: (vm: number) => boolean): string[] {
  const { hosts, vms, vmHost, demand, base, capacity } = columns;
  const [held, came] = [base.slice(), new Float64Array(hosts * WIDTH)];
  for (let vm = 0; vm < vms; vm++) {
    for (let r = 0; r < HARD; r++) {
      const need = demand[vm * WIDTH + r]!;
      if (placed[vm]! >= 0) held[placed[vm]! * WIDTH + r]! += need;
      if (!away(vm)) continue;
      if (placed[vm]! >= 0) came[placed[vm]! * WIDTH + r]! += need;
      if (vmHost[vm]! >= 0 && (r === MEMORY || r === DISK)) held[vmHost[vm]! * WIDTH + r]! += need;
    }
  }
  const found: string[] = [];
  for (let host = 0; host < hosts; host++) {
    for (let r = 0; r < HARD; r++) {
      const over = held[host * WIDTH + r]! - capacity[host * WIDTH + r]!;
      if (came[host * WIDTH + r]! === 0 || over <= 0) continue;
      found.push(
        `fills ${textAt(columns.hostName, host)} with ${over} more ${RESOURCES[r]!} than there is while VMs move`
      );
    }
  }
  return found;
}

const isIndex = (value: unknown, count: number): boolean =>
  typeof value === 'number' && Number.isInteger(value) && value >= 0 && value < count;
