// Empties hosts: what can go at once goes, biggest first, best fit; then what rules keep together; then what others make room for.
import { HARD, WIDTH, bestHost, biggestFirst, fits, movesOf, placeEach, placeTogether } from 'smps-vmm/plugin';
import type { FleetView, Intent, Proposal, Scheduler } from 'smps-vmm/plugin';
import { isNear, points, shareWith } from '../share.ts';

export default {
  manifest: {
    id: 'evacuate',
    version: '1.1.0',
    api: 1,
    title: 'Evacuate',
    description: 'Empties the hosts that are to be left, and those in maintenance. Others move only to make room.',
    config: {
      type: 'object',
      properties: {
        maintenance: {
          type: 'boolean',
          title: 'Also hosts in maintenance',
          description: 'Not only those that were named.',
          default: true
        }
      }
    },
    locales: {
      zh: {
        title: '腾空主机',
        description: '腾空要离开的主机和维护中的主机。其他虚拟机只在需要腾出空间时才迁移。',
        config: {
          maintenance: { title: '也包括维护中的主机', description: '不只是点名的主机。' }
        },
        texts: { 'all go': '全部迁走', '1 VM stays': '1 台虚拟机留下', '{1} VMs stay': '{1} 台虚拟机留下' }
      }
    }
  },

  local: true,
  score: (vm, host, fleet) => points(shareWith(fleet, vm, host)),

  propose(given: FleetView, intent: Intent): Proposal {
    const fleet = given.copy();
    const leave = hostsToLeave(fleet, intent);
    // Within the site first: what is left of three resources is less than three.
    const target = (vm: number, host: number): number =>
      leave.has(host) ? Number.NaN : HARD * Number(isNear(fleet, vm, host)) - roomLeft(fleet, vm, host);
    placeEach(fleet, intent, intent.place, target);
    const leaving = biggestFirst(
      fleet,
      [...leave].flatMap((host) => fleet.vmsOn(host)).filter((vm) => fleet.isMovable(vm))
    );
    placeEach(fleet, intent, leaving, target);
    const stays = (): number[] => leaving.filter((vm) => leave.has(fleet.placedOn[vm]!));
    for (const vm of stays()) {
      if (intent.elapsed() >= intent.budget) break;
      if (!leave.has(fleet.placedOn[vm]!)) continue;
      if (!withItsGroup(fleet, intent, vm, target)) withRoomMade(fleet, intent, vm, target);
    }
    const left = [...leave].reduce((sum, host) => sum + fleet.vmsOn(host).length, 0);
    return { moves: movesOf(fleet), note: left === 0 ? 'all go' : left === 1 ? '1 VM stays' : `${left} VMs stay` };
  }
} satisfies Scheduler;

type Target = (vm: number, host: number) => number;

function hostsToLeave(fleet: FleetView, { leave, config, kind }: Intent): Set<number> {
  const hosts = new Set(leave);
  for (let host = 0; host < fleet.hosts; host++) {
    if (kind !== 'place' && config.maintenance === true && fleet.inMaintenance(host)) hosts.add(host);
  }
  return hosts;
}

/** Of what a host has, what would be left of it, vCPUs, memory and disk together: the least is the best fit. */
function roomLeft({ columns, room }: FleetView, vm: number, host: number): number {
  let left = 0;
  for (let r = 0; r < HARD; r++) {
    const of = columns.capacity[host * WIDTH + r]!;
    if (of > 0) left += (room[host * HARD + r]! - columns.demand[vm * WIDTH + r]!) / of;
  }
  return left;
}

/** With those that rules keep near it, wherever they are: to wherever each fits best, else to one site, else to one host. */
function withItsGroup(fleet: FleetView, intent: Intent, vm: number, target: Target): boolean {
  const group = groupOf(fleet, vm);
  if (group.length === 1 || !group.every((one) => fleet.isMovable(one))) return false;
  if (placeTogether(fleet, group, target)) return true;
  const { hostSite, siteName } = fleet.columns;
  const within = (count: number, isIn: (host: number, place: number) => boolean): boolean => {
    for (let place = 0; place < count && intent.elapsed() < intent.budget; place++) {
      const only = (one: number, host: number): number => (isIn(host, place) ? target(one, host) : Number.NaN);
      if (placeTogether(fleet, group, only)) return true;
    }
    return false;
  };
  return (
    within(siteName.length, (host, site) => hostSite[host] === site) || within(fleet.hosts, (host, at) => host === at)
  );
}

/** Biggest first. */
function groupOf(fleet: FleetView, vm: number): number[] {
  const group = new Set([vm]);
  for (const one of group) {
    for (const rule of fleet.columns.rules) {
      if (rule.kind === 'apart' || rule.kind === 'spread') continue;
      const all = rule.kind === 'needs' ? [...rule.of, ...rule.vms] : [...rule.vms];
      if (all.includes(one)) for (const other of all) if (fleet.placedOn[other]! >= 0) group.add(other);
    }
  }
  return biggestFirst(fleet, [...group]);
}

/** One of another host goes on to a third. Its memory and disk stay occupied until it has gone, unless it was only to come. */
function withRoomMade(fleet: FleetView, intent: Intent, vm: number, target: Target): boolean {
  for (let host = 0; host < fleet.hosts && intent.elapsed() < intent.budget; host++) {
    if (Number.isNaN(target(vm, host))) continue;
    for (const other of fleet.vmsOn(host)) {
      if (!fleet.isMovable(other)) continue;
      const to = bestHost(fleet, other, (each, third) => (third === host ? Number.NaN : target(each, third)));
      if (to < 0) continue;
      fleet.assign(other, to);
      if (fits(fleet, vm, host)) {
        fleet.assign(vm, host);
        return true;
      }
      fleet.assign(other, host);
    }
  }
  return false;
}
