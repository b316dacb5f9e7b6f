// For tests: any problem there could be, small, with a home that keeps every rule.
import * as fc from 'fast-check';
import type { Problem } from '../../src/lib/plan/problem.ts';

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
  const { service, services } = someServices(home, draw);
  const hostsOf = Array.from({ length: services }, (_, one) => [...home].filter((_, vm) => service[vm] === one));
  const zonesOf = hostsOf.map((on) => new Set(on.map((host) => zone[host]!)));
  const capacity = Float64Array.from({ length: hosts * resources }, () => draw(12));
  for (let vm = 0; vm < vms; vm++) {
    for (let r = 0; r < resources; r++) capacity[home[vm]! * resources + r]! += demand[vm * resources + r]!;
  }
  return {
    ...{ resources, hosts, vms, home, demand, site, sites: 3, zone, zones: 2, service, services, capacity },
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
    pathCost: Float64Array.from({ length: hosts * hosts }, (_, at) => (at % (hosts + 1) === 0 ? 0 : draw(4))),
    serviceMoveCost: draw(5)
  };
}

/** VMs join the newest service unless it is on their host already. */
function someServices(home: Int32Array, draw: (limit: number) => number): { service: Int32Array; services: number } {
  let services = 0;
  let on = new Set<number>();
  const service = home.map((host) => {
    if (services === 0 || on.has(host) || draw(3) === 0) {
      services++;
      on = new Set();
    }
    on.add(host);
    return services - 1;
  });
  return { service, services };
}
