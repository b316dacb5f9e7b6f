// For tests: any problem there could be, small, with a home that keeps every rule.
import * as fc from 'fast-check';
import type { Assignment, Problem } from '../../src/lib/plan/problem.ts';

type Size = { readonly hosts: number; readonly vms: number };

/** Amounts and costs are small whole numbers, so that sums are exact. */
export const problems = ({ hosts: mostHosts, vms: mostVms }: Size): fc.Arbitrary<Problem> =>
  fc
    .record({
      hosts: fc.integer({ min: 1, max: mostHosts }),
      vms: fc.integer({ min: 1, max: mostVms }),
      resources: fc.integer({ min: 1, max: 3 }),
      seed: fc.integer({ min: 0, max: 2 ** 31 - 1 })
    })
    .map(({ hosts, vms, resources, seed }) => aProblem(hosts, vms, resources, seed));

function aProblem(hosts: number, vms: number, resources: number, seed: number): Problem {
  let state = seed;
  /** A linear congruence will do, and does not test the search with its own source of chance. */
  const draw = (limit: number): number => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
    return (state >>> 8) % limit;
  };
  const column = (length: number, limit: number): Float64Array => Float64Array.from({ length }, () => draw(limit));
  const home = Int32Array.from({ length: vms }, () => draw(hosts));
  const demand = column(vms * resources, 9);
  const [site, zone] = [
    Int32Array.from({ length: hosts }, () => draw(3)),
    Int32Array.from({ length: hosts }, () => draw(2))
  ];
  const { serviceStart, serviceOf, apart } = someServices(home, draw);
  const services = apart.length;
  const hostsOf = Array.from({ length: services }, (): number[] => []);
  for (const [vm, host] of home.entries()) {
    for (const one of serviceOf.subarray(serviceStart[vm], serviceStart[vm + 1])) hostsOf[one]!.push(host);
  }
  const zonesOf = hostsOf.map((on) => new Set(on.map((host) => zone[host]!)));
  const capacity = Float64Array.from({ length: hosts * resources }, () => draw(12));
  for (let vm = 0; vm < vms; vm++) {
    for (let r = 0; r < resources; r++) capacity[home[vm]! * resources + r]! += demand[vm * resources + r]!;
  }
  const mask = Int32Array.from({ length: vms }, () => draw(3));
  const masks = Uint8Array.from({ length: 3 * hosts }, (_, at) => (at < hosts || draw(3) > 0 ? 1 : 0));
  for (const [vm, host] of home.entries()) masks[mask[vm]! * hosts + host] = 1;
  const paths = 1 + draw(3);
  const ofPaths = (): Float64Array =>
    Float64Array.from({ length: paths * paths }, (_, at) => (at % (paths + 1) === 0 ? 0 : draw(4)));
  const few = draw(2) === 0;
  return {
    ...{ resources, hosts, vms, home, demand, site, sites: 3, zone, zones: 2, services, capacity },
    ...{ serviceStart, serviceOf, apart, mask, masks, paths },
    fixed: Uint8Array.from({ length: vms }, () => (few && draw(4) === 0 ? 1 : 0)),
    counts: Uint8Array.from({ length: vms }, () => draw(2)),
    onCost: draw(2) === 0 ? column(hosts, 30) : new Float64Array(hosts),
    path: Int32Array.from({ length: hosts }, () => draw(paths)),
    moveSize: column(vms, 3),
    pathRate: draw(2) === 0 ? ofPaths() : new Float64Array(paths * paths),
    transient: Uint8Array.from({ length: resources }, () => draw(2)),
    loadWeight: column(resources, 4),
    safety: capacity.map((amount) => draw(amount + 1)),
    spread: Int32Array.from(hostsOf, (on) => draw(new Set(on.map((host) => site[host]!)).size + 1)),
    needs: zonesOf.map((zones, one) =>
      Int32Array.from(
        zonesOf.flatMap((others, other) =>
          other !== one && draw(3) === 0 && [...zones].every((each) => others.has(each)) ? [other] : []
        )
      )
    ),
    balances: resources > 1 && draw(2) === 0 ? [{ of: 0, against: 1, target: 1 + draw(3), weight: draw(4) }] : [],
    moveCost: column(vms, 5),
    pathCost: ofPaths(),
    serviceMoveCost: draw(5),
    hard: Uint8Array.from({ length: resources }, () => Math.min(1, draw(5)))
  };
}

type Services = Pick<Problem, 'serviceStart' | 'serviceOf' | 'apart'>;

/** Each VM is of one service, or each of none, one or two; a service that wants its VMs apart takes none whose host has one already. */
function someServices(home: Assignment, draw: (limit: number) => number): Services {
  const exactlyOne = draw(2) === 0;
  const on: Set<number>[] = [];
  const apart: number[] = [];
  const join = (host: number, mine: ReadonlySet<number>): number => {
    const one = draw(on.length + 1);
    if (one < on.length && !mine.has(one) && !(apart[one] === 1 && on[one]!.has(host))) {
      on[one]!.add(host);
      return one;
    }
    apart.push(exactlyOne || draw(3) > 0 ? 1 : 0);
    return on.push(new Set([host])) - 1;
  };
  const of = [...home].map((host) => {
    const mine = new Set<number>();
    for (let count = exactlyOne ? 1 : draw(3); count > 0; count--) mine.add(join(host, mine));
    return [...mine];
  });
  const serviceStart = new Int32Array(home.length + 1);
  for (const [vm, mine] of of.entries()) serviceStart[vm + 1] = serviceStart[vm]! + mine.length;
  return { serviceStart, serviceOf: Int32Array.from(of.flat()), apart: Uint8Array.from(apart) };
}

/** A problem in which some VMs are new: at home nowhere, which is a host that is not open; and where the search may begin. */
export function withNewVms(problem: Problem, isNew: (vm: number) => boolean): { problem: Problem; from: Assignment } {
  const { hosts, resources, mask, masks } = problem;
  const boundless = new Float64Array(resources).fill(Infinity);
  const more = <T extends Float64Array | Int32Array>(column: T, last: T): T => {
    const longer = new (column.constructor as new (length: number) => T)(column.length + last.length);
    longer.set(column);
    longer.set(last, column.length);
    return longer;
  };
  const first = Int32Array.of(0);
  return {
    from: problem.home,
    problem: {
      ...problem,
      hosts: hosts + 1,
      home: problem.home.map((host, vm) => (isNew(vm) ? hosts : host)),
      capacity: more(problem.capacity, boundless),
      safety: more(problem.safety, boundless),
      onCost: more(problem.onCost, Float64Array.of(0)),
      ...{ site: more(problem.site, first), zone: more(problem.zone, first), path: more(problem.path, first) },
      masks: Uint8Array.from({ length: (masks.length / hosts) * (hosts + 1) }, (_, at) => {
        const [row, host] = [Math.trunc(at / (hosts + 1)), at % (hosts + 1)];
        return host === hosts ? 0 : masks[row * hosts + host]!;
      }),
      mask
    }
  };
}
