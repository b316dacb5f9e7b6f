// Why this host, why not that one: for one VM every host with every term, and what would have to change where it cannot be.
import { DISK, HOST_MAINTENANCE, HOST_ONLINE, MEMORY, VCPUS, WIDTH } from '../../plugin/columns.ts';
import { FleetView } from '../../plugin/fleet-view.ts';
import { fits } from '../../plugin/rules.ts';
import type { Weights } from '../../plugin/weights.ts';
import { Holdings, hostTerms, minus, moveTerms, ratesOf, sumOf, totalOf } from '../cost/terms.ts';
import type { Placement, Terms } from '../cost/terms.ts';
import type { Reason } from '../reason.ts';

/** What stands in the way, and how much; `share`: of the host's capacity, 0 to 1 and more. */
export type Obstacle =
  | {
      readonly kind: 'room';
      readonly resource: 'vcpus' | 'memory' | 'disk';
      readonly short: number;
      readonly share: number;
    }
  | { readonly kind: 'unsuited' | 'rule' | 'offline' | 'maintenance'; readonly reason: Reason };

export type HostReason = {
  readonly host: number;
  /** True where the VM is in the placement. */
  readonly chosen: boolean;
  /** Everything that stands in the way; empty where the VM can be. */
  readonly obstacles: readonly Obstacle[];
  /** What the fleet would cost more with the VM there than without it; with the move, if it is one. */
  readonly terms: Terms;
  readonly cost: number;
};

export type Explanation = {
  readonly vm: number;
  /** The chosen host first, then those where it can be by cost, then the others by how little is missing. */
  readonly hosts: readonly HostReason[];
};

const RESOURCES = [
  [VCPUS, 'vcpus'],
  [MEMORY, 'memory'],
  [DISK, 'disk']
] as const;

/**
 * @param placement where everything else is; the VM's own host in it counts as chosen
 * @param unsuited why a host does not suit the VM (`Survey.unsuited`)
 */
export function explain(
  fleet: FleetView,
  weights: Weights,
  vm: number,
  unsuited: (vm: number, host: number) => Reason | null
): Explanation {
  const { columns } = fleet;
  const chosen = fleet.placedOn[vm]!;
  const rates = ratesOf(columns, weights);
  const placement: Placement = fleet.placedOn.slice();
  placement[vm] = -1;
  const without = new Holdings(columns, placement);
  const hosts = Array.from({ length: columns.hosts }, (_, host): HostReason => {
    const before = hostTerms(columns, weights, rates, without, host);
    without.add(columns, vm, host, 1);
    const after = hostTerms(columns, weights, rates, without, host);
    without.add(columns, vm, host, -1);
    const terms = sumOf([minus(after, before), moveTerms(columns, weights, vm, host)]);
    return {
      host,
      chosen: host === chosen,
      obstacles: obstaclesOf(fleet, vm, host, unsuited),
      terms,
      cost: totalOf(terms)
    };
  });
  hosts.sort(
    (one, other) =>
      Number(other.chosen) - Number(one.chosen) ||
      one.obstacles.length - other.obstacles.length ||
      missing(one) - missing(other) ||
      one.cost - other.cost ||
      one.host - other.host
  );
  return { vm, hosts };
}

/** All of them: an operator who removes the first should not meet the second. */
function obstaclesOf(
  fleet: FleetView,
  vm: number,
  host: number,
  unsuited: (vm: number, host: number) => Reason | null
): readonly Obstacle[] {
  if (fits(fleet, vm, host)) return [];
  const { columns, placedOn, room } = fleet;
  const flags = columns.hostFlags[host]!;
  const found: Obstacle[] = [];
  const mask = unsuited(vm, host);
  // It lacks all, as far as is known, which tells nobody anything.
  if (mask?.kind === 'host-unknown') return [{ kind: 'offline', reason: mask }];
  if ((flags & HOST_ONLINE) === 0) found.push({ kind: 'offline', reason: mask ?? { kind: 'host-offline' } });
  else if (mask !== null) found.push({ kind: 'unsuited', reason: mask });
  if ((flags & HOST_MAINTENANCE) !== 0) found.push({ kind: 'maintenance', reason: { kind: 'host-maintenance' } });
  for (const [resource, name] of RESOURCES) {
    const need = columns.demand[vm * WIDTH + resource]!;
    const own = placedOn[vm] === host || (columns.vmHost[vm] === host && resource !== VCPUS) ? need : 0;
    const short = need - room[host * RESOURCES.length + resource]! - own;
    const capacity = Math.max(1, columns.capacity[host * WIDTH + resource]!);
    if (need > 0 && short > 0) found.push({ kind: 'room', resource: name, short, share: short / capacity });
  }
  const group = fleet.rules.brokenBy(vm, host, placedOn[vm]!);
  if (group >= 0) found.push({ kind: 'rule', reason: ruleReason(fleet, vm, host, group) });
  return found.length === 0 ? [{ kind: 'unsuited', reason: { kind: 'unsuited' } }] : found;
}

/** Why a rule between VMs keeps one away. @param index of the group of VMs in `fleet.rules` */
function ruleReason(fleet: FleetView, vm: number, host: number, index: number): Reason {
  const { rule, role, least } = fleet.rules.group(index);
  const { name } = rule;
  switch (role) {
    case 'apart': {
      const there = rule.vms.find((other) => other !== vm && fleet.placedOn[other] === host)!;
      return { kind: 'rule-apart', rule: name, vm: fleet.vmName(there) };
    }
    case 'together':
      return { kind: 'rule-together', rule: name };
    case 'near':
    case 'needs':
      return { kind: `rule-${role}`, rule: name, site: fleet.siteName(host) };
    case 'spread':
      return { kind: 'rule-spread', rule: name, least };
    case 'needed':
      return { kind: 'rule-needed', rule: name, site: fleet.siteName(fleet.placedOn[vm]!) };
  }
}

/** Room first: it can be made. Of what is missing, the largest share counts. */
const missing = ({ obstacles }: HostReason): number =>
  obstacles.reduce((most, one) => Math.max(most, one.kind === 'room' ? one.share : KIND[one.kind]), 0);
const KIND = { rule: 10, maintenance: 20, unsuited: 30, offline: 40 } as const;

/** The smallest change that would let the VM onto another host; null when it can go somewhere, or there is no host. */
export function nearestMiss({ hosts }: Explanation): HostReason | null {
  const others = hosts.filter(({ chosen }) => !chosen);
  return others.some(({ obstacles }) => obstacles.length === 0) ? null : (others[0] ?? null);
}
