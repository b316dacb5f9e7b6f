// VMs that belong together near each other: at one site first, then on one host where no rule forbids that; else where room is.
import type { FleetView, Intent, Scheduler } from 'smps-vmm/plugin';
import { perRevision, points, shareWith } from '../share.ts';

export default {
  manifest: {
    id: 'affinity-first',
    version: '1.1.0',
    api: 1,
    title: 'Affinity first',
    description:
      'VMs that share tags or rules come near each other: the same site, then the same host. Else where room is.',
    config: {
      type: 'object',
      properties: {
        tags: {
          type: 'string',
          title: 'Only tags that begin with',
          description: 'Empty: all tags count.',
          default: '',
          maxLength: 60
        },
        sameHost: { type: 'boolean', title: 'Also on the same host', default: true }
      }
    },
    locales: {
      zh: {
        title: '亲和优先',
        description: '有共同标签或规则的虚拟机彼此靠近：先同一站点，再同一主机；否则去有空间的地方。',
        config: {
          tags: { title: '仅以此开头的标签', description: '留空：所有标签都算。' },
          sameHost: { title: '也要在同一主机上' }
        }
      }
    }
  },

  /** Of 100 points 60 are for the site, 25 for the host and 15 for room; without mates all are for room. */
  score(vm: number, host: number, fleet: FleetView, { config }: Intent): number {
    const { placed, atHost, atSite } = matesOf(fleet, vm, config.tags as string);
    const room = 1 - shareWith(fleet, vm, host);
    if (placed === 0) return points(room);
    const site = (atSite.get(fleet.columns.hostSite[host]!) ?? 0) / placed;
    const here = config.sameHost === true ? (atHost.get(host) ?? 0) / placed : 0;
    return points(0.6 * site + 0.25 * here + 0.15 * Math.max(0, room));
  }
} satisfies Scheduler;

type Mates = {
  readonly placed: number;
  readonly atHost: ReadonlyMap<number, number>;
  readonly atSite: ReadonlyMap<number, number>;
};

const known = perRevision(() => new Map<string, Mates>());

function matesOf(fleet: FleetView, vm: number, prefix: string): Mates {
  const kept = known(fleet);
  const key = `${vm} ${prefix}`;
  const mates = kept.get(key) ?? counted(fleet, matesIn(fleet, vm, prefix));
  kept.set(key, mates);
  return mates;
}

/** Those with one of its tags, and those that rules want near it. */
function matesIn({ columns }: FleetView, vm: number, prefix: string): Set<number> {
  const mates = new Set<number>();
  const { tagName, vmTag, vmTagStart } = columns;
  const tags = new Set(vmTag.subarray(vmTagStart[vm], vmTagStart[vm + 1]));
  for (let other = 0; other < columns.vms && tags.size > 0; other++) {
    for (let i = vmTagStart[other]!; i < vmTagStart[other + 1]!; i++) {
      if (tags.has(vmTag[i]!) && tagName[vmTag[i]!]!.startsWith(prefix)) mates.add(other);
    }
  }
  for (const rule of columns.rules) {
    if (rule.kind === 'apart' || rule.kind === 'spread') continue;
    const all = rule.kind === 'needs' ? [...rule.vms, ...rule.of] : [...rule.vms];
    if (all.includes(vm)) for (const other of all) mates.add(other);
  }
  mates.delete(vm);
  return mates;
}

function counted(fleet: FleetView, mates: ReadonlySet<number>): Mates {
  const [atHost, atSite] = [new Map<number, number>(), new Map<number, number>()];
  let placed = 0;
  for (const mate of mates) {
    const host = fleet.placedOn[mate]!;
    if (host < 0) continue;
    const site = fleet.columns.hostSite[host]!;
    placed += 1;
    atHost.set(host, (atHost.get(host) ?? 0) + 1);
    atSite.set(site, (atSite.get(site) ?? 0) + 1);
  }
  return { placed, atHost, atSite };
}
