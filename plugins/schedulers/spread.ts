// Where most is free: new VMs go to the least used site and host; rebalancing takes from the fullest as long as that pays.
import { MEMORY, VCPUS, WIDTH, fits, homeless, movesOf, placeEach } from 'smps-vmm/plugin';
import type { FleetView, Intent, Proposal, Scheduler } from 'smps-vmm/plugin';
import { isNear, points, shareOf, shareWith } from '../share.ts';

export default {
  manifest: {
    id: 'spread',
    version: '1.1.0',
    api: 1,
    title: 'Spread',
    description: 'The least used site and host first. Rebalancing moves VMs from the fullest hosts to the emptiest.',
    config: {
      type: 'object',
      properties: {
        sites: {
          type: 'number',
          title: 'Weight of sites',
          description: 'How much the use of the whole site counts, against that of the host.',
          ...{ default: 0.5, minimum: 0, maximum: 1 }
        },
        gain: {
          type: 'number',
          title: 'Least gain of a move',
          description: 'Points of a hundred by which the fuller one of both hosts has to become emptier.',
          ...{ default: 5, minimum: 1, maximum: 100 }
        },
        moves: {
          type: 'integer',
          title: 'Most moves',
          description: 'In one plan.',
          ...{ default: 100, minimum: 1, maximum: 10000 }
        }
      }
    },
    locales: {
      zh: {
        title: '分散',
        description: '优先选用得最少的站点和主机。重新平衡时把虚拟机从最满的主机迁到最空的主机。',
        config: {
          sites: { title: '站点的权重', description: '整个站点的使用率相对于主机使用率占多大比重。' },
          gain: { title: '迁移的最小收益', description: '两台主机中较满的一台至少要降低几个百分点。' },
          moves: { title: '迁移上限', description: '一个方案之内。' }
        }
      }
    }
  },

  score,

  propose(given: FleetView, intent: Intent): Proposal {
    const fleet = given.copy();
    placeEach(fleet, intent, homeless(fleet, intent), (vm, host) => score(vm, host, fleet, intent));
    if (intent.kind === 'rebalance') even(fleet, intent);
    return { moves: movesOf(fleet) };
  }
} satisfies Scheduler;

function score(vm: number, host: number, fleet: FleetView, { config }: Intent): number {
  const site = shareOfSite(fleet, fleet.columns.hostSite[host]!);
  const weight = config.sites as number;
  return points(1 - weight * site - (1 - weight) * shareWith(fleet, vm, host));
}

/** Share in use of a site, of vCPUs or memory, whichever is higher. */
function shareOfSite({ siteUsed, siteCapacity }: FleetView, site: number): number {
  let most = 0;
  for (let at = site * WIDTH + VCPUS; at <= site * WIDTH + MEMORY; at++) {
    if (siteCapacity[at]! > 0) most = Math.max(most, siteUsed[at]! / siteCapacity[at]!);
  }
  return most;
}

/** Takes from the fullest host what brings most, until nothing is worth a move any more. */
function even(fleet: FleetView, intent: Intent): void {
  const gain = (intent.config.gain as number) / 100;
  const shares = Float64Array.from({ length: fleet.hosts }, (_, host) => shareOf(fleet, host));
  const order = Array.from(shares.keys());
  const settled = new Uint8Array(fleet.hosts);
  let moves = movesOf(fleet).length;
  while (moves < (intent.config.moves as number) && intent.elapsed() < intent.budget) {
    order.sort((a, b) => shares[b]! - shares[a]! || a - b);
    const from = order.find((host) => settled[host] === 0);
    if (from === undefined) return;
    const most = shares[from]! - gain;
    const move = bestMove(fleet, from, order, most, true) ?? bestMove(fleet, from, order, most, false);
    if (move === null) {
      settled[from] = 1;
      continue;
    }
    fleet.assign(move.vm, move.to);
    moves += 1;
    shares[from] = shareOf(fleet, from);
    shares[move.to] = shareOf(fleet, move.to);
  }
}

/** @param order fullest first @param near within the site, or beyond */
function bestMove(
  fleet: FleetView,
  from: number,
  order: readonly number[],
  most: number,
  near: boolean
): { readonly vm: number; readonly to: number } | null {
  let best: { vm: number; to: number } | null = null;
  let least = most;
  for (const vm of fleet.vmsOn(from)) {
    const left = shareOf(fleet, from, -1, vm);
    // Not twice in one plan: only its home is left.
    if (!fleet.isMovable(vm) || fleet.columns.vmHost[vm] !== from || left >= least) continue;
    const to = order.findLast((host) => host !== from && isNear(fleet, vm, host) === near && fits(fleet, vm, host));
    const fuller = to === undefined ? Number.POSITIVE_INFINITY : Math.max(left, shareOf(fleet, to, vm));
    if (to === undefined || fuller >= least) continue;
    least = fuller;
    best = { vm, to };
  }
  return best;
}
