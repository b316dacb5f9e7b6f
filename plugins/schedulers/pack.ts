// As few hosts on as possible: the fullest that still fits comes first; rebalancing empties hosts whole, or leaves them alone.
import { biggestFirst, homeless, movesOf, placeEach, placeTogether } from 'smps-vmm/plugin';
import type { FleetView, Intent, Proposal, Scheduler } from 'smps-vmm/plugin';
import { isNear, points, shareOf, shareWith } from '../share.ts';

export default {
  manifest: {
    id: 'pack',
    version: '1.1.0',
    api: 1,
    title: 'Pack',
    description: 'The fullest host that fits first. Rebalancing empties hosts whole, so that they can be switched off.',
    config: {
      type: 'object',
      properties: {
        ceiling: {
          type: 'number',
          title: 'Ceiling',
          description: 'Share of vCPUs and memory up to which a host is filled, in points of a hundred.',
          ...{ default: 90, minimum: 10, maximum: 100 }
        },
        moves: {
          type: 'integer',
          title: 'Most moves for a host',
          description: 'Hosts with more VMs that run stay as they are.',
          ...{ default: 50, minimum: 1, maximum: 1000 }
        }
      }
    },
    locales: {
      zh: {
        title: '集中',
        description: '优先选还放得下的最满的主机。重新平衡时整台腾空主机，以便关机。',
        config: {
          ceiling: { title: '上限', description: '主机的 vCPU 和内存最多用到百分之几。' },
          moves: { title: '每台主机的迁移上限', description: '运行中虚拟机更多的主机保持原样。' }
        },
        texts: { 'hosts that take {1} W idle can be off': '空闲功耗共 {1} W 的主机可以关机' }
      }
    }
  },

  local: true,
  score,

  propose(given: FleetView, intent: Intent): Proposal {
    const fleet = given.copy();
    placeEach(fleet, intent, homeless(fleet, intent), (vm, host) => score(vm, host, fleet, intent));
    if (intent.kind !== 'rebalance') return { moves: movesOf(fleet) };
    const watts = empty(fleet, intent);
    return {
      moves: movesOf(fleet),
      ...(watts > 0 ? { note: `hosts that take ${Math.round(watts)} W idle can be off` } : {})
    };
  }
} satisfies Scheduler;

/** Hosts that are on: 50 and up. Of those that are off, and of those above the ceiling, the ones that take least power. */
function score(vm: number, host: number, fleet: FleetView, { config }: Intent): number {
  const share = shareWith(fleet, vm, host);
  const isOn = fleet.running[host]! > 0;
  if (isOn && share <= (config.ceiling as number) / 100) return points(0.5 + share / 2);
  const thrift = 1 / (1 + fleet.columns.idleWatts[host]! / 100);
  return points(isOn ? 0.2 * thrift : 0.2 + 0.3 * thrift);
}

/** Tries the hosts whose emptying copies least for the power it saves. @returns watts saved */
function empty(fleet: FleetView, intent: Intent): number {
  const { idleWatts, moveMib } = fleet.columns;
  let saved = 0;
  const worth = Array.from({ length: fleet.hosts }, (_, host) => {
    const vms = fleet.vmsOn(host).filter((vm) => fleet.isRunning(vm));
    const copied = vms.reduce((sum, vm) => sum + moveMib[vm]!, 0);
    return { host, vms, pays: (idleWatts[host]! + 1) / (copied + 1024) };
  });
  const inOrder = worth
    .filter(({ vms }) => vms.length > 0 && vms.length <= (intent.config.moves as number))
    .sort((a, b) => b.pays - a.pays || a.host - b.host);
  for (const { host, vms } of inOrder) {
    if (intent.elapsed() >= intent.budget) break;
    // One that took in others meanwhile stays on: nothing moves twice.
    const grown = fleet.vmsOn(host).some((vm) => fleet.columns.vmHost[vm] !== host);
    if (!grown && vms.every((vm) => fleet.isMovable(vm)) && emptied(fleet, host, vms, intent))
      saved += idleWatts[host]!;
  }
  return saved;
}

/** All or nothing; within the site first. */
function emptied(fleet: FleetView, from: number, vms: readonly number[], { config }: Intent): boolean {
  const ceiling = (config.ceiling as number) / 100;
  return placeTogether(fleet, biggestFirst(fleet, vms), (vm, host) => {
    const share = host !== from && fleet.running[host]! > 0 ? shareOf(fleet, host, vm) : Number.NaN;
    return share <= ceiling ? share + Number(isNear(fleet, vm, host)) : Number.NaN;
  });
}
