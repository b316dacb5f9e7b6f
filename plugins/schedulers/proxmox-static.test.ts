import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { anyColumns } from '../../tests/support/any-columns.ts';
import { CPU, MEMORY, VCPUS, WIDTH } from '../../src/lib/plugin/columns.ts';
import { FleetView } from '../../src/lib/plugin/fleet-view.ts';
import proxmoxStatic from './proxmox-static.ts';

/** What the scheduler answers, worked out plainly: every host by itself, each time anew. */
function plainScores(fleet: FleetView, vm: number): number[] {
  const { columns, used, placedOn } = fleet;
  const all = Array.from({ length: fleet.hosts }, (_, host) => host);
  const of = all.filter((host) => fleet.isOnline(host) && !fleet.inMaintenance(host));
  const loads = [VCPUS, MEMORY].map((r) => {
    const need = columns.demand[vm * WIDTH + r]!;
    return of.map((host) => {
      const there = r === VCPUS ? columns.capacity[host * WIDTH + CPU]! / 1000 : columns.capacity[host * WIDTH + r]!;
      const without = used[host * WIDTH + r]! - (placedOn[vm] === host ? need : 0);
      return there > 0 ? { now: without / there, then: (without + need) / there } : { now: 0, then: 0 };
    });
  });
  const rows = of.map((_, at) =>
    loads.flatMap((load) => {
      const those = load.map(({ now, then }, index) => (index === at ? then : now));
      const mean = those.reduce((sum, one) => sum + one ** 2, 0) / those.length;
      return [1 + Math.sqrt(mean), 1 + Math.max(0, ...those)];
    })
  );
  const weighed = [1, 2, 5, 10].map((weight, c) => {
    const length = Math.hypot(...rows.map((row) => row[c]!));
    return rows.map((row) => ((row[c]! / length) * weight) / 18);
  });
  const distance = (at: number, to: (values: number[]) => number): number =>
    Math.hypot(...weighed.map((values) => values[at]! - to(values)));
  return all.map((host) => {
    const at = of.indexOf(host);
    if (at < 0) return 0;
    const toBest = distance(at, (values) => Math.min(...values));
    const toWorst = distance(at, (values) => Math.max(...values));
    return toBest + toWorst < 1e-12 ? Number.NaN : (100 * toWorst) / (toBest + toWorst);
  });
}

test('what is weighed once for hosts that are alike is what every host by itself would get, however VMs come and go', () => {
  let asked = 0;
  fc.assert(
    fc.property(
      anyColumns({ hosts: 6, vms: 10 }),
      fc.array(fc.tuple(fc.nat(9), fc.integer({ min: -1, max: 5 })), { maxLength: 12 }),
      (columns, changes) => {
        fc.pre(columns.vms > 0);
        const fleet = new FleetView(columns);
        for (const [one, host] of [[0, columns.vmHost[0]!] as const, ...changes]) {
          fleet.assign(one % columns.vms, host >= columns.hosts ? -1 : host);
          for (const vm of [one % columns.vms, (one + 1) % columns.vms]) {
            for (const [at, score] of plainScores(fleet, vm).entries()) {
              // All hosts alike: there is nothing to choose.
              if (Number.isNaN(score)) continue;
              asked += 1;
              expect(proxmoxStatic.score(vm, at, fleet)).toBeCloseTo(score, 6);
            }
          }
        }
      }
    )
  );
  expect(asked).toBeGreaterThan(1_000);
});
