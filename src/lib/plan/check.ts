// The oracle: whether an assignment may be. Written apart from the search, which it judges.
import { usage } from './evaluate.ts';
import type { Assignment, Problem } from './problem.ts';

/** What an assignment breaks. Indices of the problem. */
export type Violation =
  | { readonly rule: 'host'; readonly vm: number }
  /** The VM may not be there. */
  | { readonly rule: 'mask'; readonly vm: number; readonly host: number }
  | { readonly rule: 'capacity'; readonly host: number; readonly resource: number; readonly over: number }
  /** More than there is while VMs move away: what they leave stays occupied until they have arrived. */
  | { readonly rule: 'transient'; readonly host: number; readonly resource: number; readonly over: number }
  | { readonly rule: 'apart'; readonly service: number; readonly host: number }
  | { readonly rule: 'spread'; readonly service: number; readonly sites: number }
  | { readonly rule: 'needs'; readonly service: number; readonly needed: number; readonly zone: number };

/** Every violation, in the order of the rules; empty when the assignment may be. */
export function check(problem: Problem, assignment: Assignment): readonly Violation[] {
  const nowhere = placedNowhere(problem, assignment);
  if (nowhere.length > 0) return nowhere;
  return [...masks(problem, assignment), ...capacities(problem, assignment), ...services(problem, assignment)];
}

function placedNowhere({ vms, hosts }: Problem, assignment: Assignment): readonly Violation[] {
  const found: Violation[] = [];
  for (let vm = 0; vm < vms; vm++) {
    const host = assignment[vm];
    if (host === undefined || host < 0 || host >= hosts) found.push({ rule: 'host', vm });
  }
  return found;
}

function masks({ vms, hosts, mask, masks: rows }: Problem, assignment: Assignment): readonly Violation[] {
  const found: Violation[] = [];
  for (let vm = 0; vm < vms; vm++) {
    const host = assignment[vm]!;
    if (rows[mask[vm]! * hosts + host] !== 1) found.push({ rule: 'mask', vm, host });
  }
  return found;
}

function capacities(problem: Problem, assignment: Assignment): readonly Violation[] {
  const { hosts, vms, resources, capacity, demand, transient, hard, home } = problem;
  const used = usage(problem, assignment);
  const leaving = new Float64Array(hosts * resources);
  for (let vm = 0; vm < vms; vm++) {
    if (home[vm] === assignment[vm]) continue;
    for (let r = 0; r < resources; r++) leaving[home[vm]! * resources + r]! += demand[vm * resources + r]!;
  }
  const found: Violation[] = [];
  for (let host = 0; host < hosts; host++) {
    for (let resource = 0; resource < resources; resource++) {
      if (hard[resource] === 0) continue;
      const at = host * resources + resource;
      const over = used[at]! - capacity[at]!;
      if (over > 0) found.push({ rule: 'capacity', host, resource, over });
      else if (transient[resource] === 1 && over + leaving[at]! > 0) {
        found.push({ rule: 'transient', host, resource, over: over + leaving[at]! });
      }
    }
  }
  return found;
}

function services(problem: Problem, assignment: Assignment): readonly Violation[] {
  const { vms, serviceStart, serviceOf } = problem;
  const hostsOf = Array.from({ length: problem.services }, (): number[] => []);
  for (let vm = 0; vm < vms; vm++) {
    for (let at = serviceStart[vm]!; at < serviceStart[vm + 1]!; at++) hostsOf[serviceOf[at]!]!.push(assignment[vm]!);
  }
  const zonesOf = hostsOf.map((hosts) => new Set(hosts.map((host) => problem.zone[host]!)));
  return hostsOf.flatMap((hosts, service): readonly Violation[] => {
    const twice = new Set(problem.apart[service] === 1 ? hosts.filter((host, n) => hosts.indexOf(host) !== n) : []);
    const sites = new Set(hosts.map((host) => problem.site[host]!)).size;
    return [
      ...[...twice].map((host): Violation => ({ rule: 'apart', service, host })),
      ...(sites < problem.spread[service]! ? [{ rule: 'spread', service, sites } as const] : []),
      ...[...problem.needs[service]!].flatMap((needed) =>
        [...zonesOf[service]!]
          .filter((zone) => !zonesOf[needed]!.has(zone))
          .map((zone): Violation => ({
            rule: 'needs',
            service,
            needed,
            zone
          }))
      )
    ];
  });
}
