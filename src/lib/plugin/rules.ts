// Whether a VM may be on a host by what always holds: mask, state of the host, capacity, rules. Asked for every host of a ranking.
import { DISK, HARD, HOST_MAINTENANCE, HOST_ONLINE, MEMORY, VCPUS, WIDTH } from './columns.ts';
import type { FleetView } from './fleet-view.ts';
import type { Verdict } from './scheduler.ts';

// What stands in the way, as a number: resources are VCPUS, MEMORY and DISK, groups of rules begin at GROUP.
const NOTHING = -1;
const MASK = HARD;
const OFFLINE = HARD + 1;
const MAINTENANCE = HARD + 2;
const GROUP = HARD + 3;

/**
 * Whether the VM may be on the host, were it first taken off where it is now; if not, why. Capacity is that of vcpus, memory and
 * disk, less what VMs that left still occupy until they have moved; what the VM does not need is not asked for. A rule refuses
 * what would break it: not what others broke before. It takes as long as the VM has rules, and nothing is allocated for `true`.
 */
export function mayBe(fleet: FleetView, vm: number, host: number): Verdict {
  const obstacle = obstacleTo(fleet, vm, host);
  return obstacle === NOTHING ? true : clipped(textOf(fleet, vm, host, obstacle));
}

/** `mayBe` without the words: for loops. */
export function fits(fleet: FleetView, vm: number, host: number): boolean {
  return obstacleTo(fleet, vm, host) === NOTHING;
}

/** Mask, state of the host and capacity alone: what changes only when this host does. Rules are not asked. */
export function hasRoom(fleet: FleetView, vm: number, host: number): boolean {
  return obstacleAt(fleet, vm, host) === NOTHING;
}

function obstacleTo(fleet: FleetView, vm: number, host: number): number {
  const obstacle = obstacleAt(fleet, vm, host);
  if (obstacle !== NOTHING) return obstacle;
  const group = fleet.rules.brokenBy(vm, host, fleet.placedOn[vm]!);
  return group < 0 ? NOTHING : GROUP + group;
}

function obstacleAt(fleet: FleetView, vm: number, host: number): number {
  const { columns } = fleet;
  if (columns.masks[columns.vmMask[vm]! * columns.hosts + host] !== 1) return MASK;
  const flags = columns.hostFlags[host]!;
  if ((flags & HOST_ONLINE) === 0) return OFFLINE;
  if ((flags & HOST_MAINTENANCE) !== 0) return MAINTENANCE;
  for (let r = 0; r < HARD; r++) {
    const need = columns.demand[vm * WIDTH + r]!;
    if (need > 0 && need > roomFor(fleet, vm, host, r)) return r;
  }
  return NOTHING;
}

/** What the VM occupies there itself is free for it. */
function roomFor({ columns, placedOn, room }: FleetView, vm: number, host: number, resource: number): number {
  const free = room[host * HARD + resource]!;
  if (placedOn[vm] === host) return free + columns.demand[vm * WIDTH + resource]!;
  const blocked = columns.vmHost[vm] === host && resource !== VCPUS;
  return blocked ? free + columns.demand[vm * WIDTH + resource]! : free;
}

function textOf(fleet: FleetView, vm: number, host: number, obstacle: number): string {
  switch (obstacle) {
    case MASK:
      return 'hypervisor, networks or tags of the VM do not suit this host';
    case OFFLINE:
      return 'the host is not online';
    case MAINTENANCE:
      return 'the host is in maintenance';
    case VCPUS:
    case MEMORY:
    case DISK: {
      const free = figure(Math.max(0, roomFor(fleet, vm, host, obstacle)));
      const need = figure(fleet.columns.demand[vm * WIDTH + obstacle]!);
      const what = ['vCPUs', 'MiB of memory', 'MiB of disk'][obstacle]!;
      return `needs ${need} ${what}, ${free} are free${leavingOf(fleet, host, obstacle)}`;
    }
    default:
      return ruleText(fleet, vm, host, obstacle - GROUP);
  }
}

/** VMs that have not gone yet, where they make the difference between what is in use and what is free. */
function leavingOf({ columns, used, room }: FleetView, host: number, resource: number): string {
  const at = host * WIDTH + resource;
  const blocked = columns.capacity[at]! - used[at]! - room[host * HARD + resource]!;
  return blocked > 0 ? ` until VMs that leave with ${figure(blocked)} have gone` : '';
}

function ruleText(fleet: FleetView, vm: number, host: number, index: number): string {
  const { rule, role, least } = fleet.rules.group(index);
  const site = fleet.siteName(host);
  const of = `rule “${rule.name}”:`;
  switch (role) {
    case 'apart': {
      const there = rule.vms.find((other) => other !== vm && fleet.placedOn[other] === host)!;
      return `${of} ${fleet.vmName(there)} is on this host`;
    }
    case 'together':
      return `${of} the others are on another host`;
    case 'near':
      return `${of} the others are not at ${site}`;
    case 'spread':
      return `${of} would be at fewer than ${least} sites`;
    case 'needs':
      return `${of} none of what it needs is at ${site}`;
    case 'needed':
      return `${of} others need it at ${fleet.siteName(fleet.placedOn[vm]!)}`;
  }
}

/** With commas: 4,096. */
const figure = (amount: number): string => String(amount).replace(/\B(?=(\d{3})+$)/g, ',');

const LONGEST = 200;
const clipped = (text: string): string => (text.length > LONGEST ? `${text.slice(0, LONGEST - 1)}…` : text);
