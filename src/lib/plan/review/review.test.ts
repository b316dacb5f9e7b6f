import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyColumns } from '../../../../tests/support/any-columns.ts';
import { someColumns } from '../../../../tests/support/some-columns.ts';
import { CPU, HOST_MAINTENANCE, HOST_ONLINE, MEMORY, WIDTH } from '../../plugin/columns.ts';
import { FleetView } from '../../plugin/fleet-view.ts';
import { mayBe } from '../../plugin/rules.ts';
import { DEFAULT_WEIGHTS } from '../../plugin/weights.ts';
import { costTerms, totalOf } from '../cost/terms.ts';
import type { Reason } from '../reason.ts';
import { differenceOf } from './difference.ts';
import { explain, nearestMiss } from './explain.ts';

const suits = (): null => null;

describe('an explanation', () => {
  it('has every host, says no exactly where the rules do, and costs what the fleet costs more', () => {
    const weights = { ...DEFAULT_WEIGHTS, disturbance: 0 };
    fc.assert(
      fc.property(anyColumns({ hosts: 4, vms: 6 }), fc.nat(), (columns, pick) => {
        fc.pre(columns.vms > 0);
        const vm = pick % columns.vms;
        const fleet = new FleetView(columns);
        const { hosts } = explain(fleet, weights, vm, suits);
        expect(hosts.map(({ host }) => host).toSorted((a, b) => a - b)).toEqual([...columns.hostSite.keys()]);
        const without = columns.vmHost.slice();
        without[vm] = -1;
        const bare = totalOf(costTerms(columns, weights, without));
        for (const { host, obstacles, cost, chosen } of hosts) {
          expect(obstacles.length === 0).toBe(mayBe(fleet, vm, host) === true);
          expect(chosen).toBe(columns.vmHost[vm] === host);
          const there = without.slice();
          there[vm] = host;
          expect(cost).toBeCloseTo(totalOf(costTerms(columns, weights, there)) - bare, 6);
        }
      })
    );
  });

  it('has the chosen host first, then what costs least, then where least is missing; and names the smallest change', () => {
    const columns = someColumns(
      [
        { room: [9, 10, 9, 1000] },
        { room: [9, 3, 9, 1000] },
        { room: [9, 10, 9, 1000], flags: HOST_ONLINE | HOST_MAINTENANCE },
        { room: [9, 2, 9, 1000] }
      ],
      [{ on: 0, needs: [1, 4] }]
    );
    const explanation = explain(new FleetView(columns), DEFAULT_WEIGHTS, 0, suits);
    expect(explanation.hosts.map(({ host }) => host)).toEqual([0, 1, 3, 2]);
    expect(explanation.hosts[1]?.obstacles).toEqual([{ kind: 'room', resource: 'memory', short: 1, share: 1 / 3 }]);
    expect(nearestMiss(explanation)?.host).toBe(1);
  });

  it('names everything that stands in the way of a host, not only the first', () => {
    const columns = someColumns(
      [{}, { room: [1, 1], flags: HOST_ONLINE | HOST_MAINTENANCE }],
      [{ on: 0, needs: [2, 4] }]
    );
    const why = (_vm: number, host: number): Reason | null => (host === 1 ? { kind: 'no-network', name: 'dmz' } : null);
    const [, other] = explain(new FleetView(columns), DEFAULT_WEIGHTS, 0, why).hosts;
    expect(other?.obstacles.map((one) => (one.kind === 'room' ? `${one.resource} ${one.short}` : one.kind))).toEqual([
      'unsuited',
      'maintenance',
      'vcpus 1',
      'memory 3'
    ]);
  });

  it('says of a host nothing is known of that, and no more', () => {
    const columns = someColumns([{}, { room: [0, 0], flags: 0 }], [{ on: 0, needs: [2, 4] }]);
    const why = (_vm: number, host: number): Reason | null => (host === 1 ? { kind: 'host-unknown' } : null);
    const [, other] = explain(new FleetView(columns), DEFAULT_WEIGHTS, 0, why).hosts;
    expect(other?.obstacles).toEqual([{ kind: 'offline', reason: { kind: 'host-unknown' } }]);
  });

  it('finds nothing amiss where another host will do', () => {
    const columns = someColumns([{}, {}], [{ on: 0 }]);
    expect(nearestMiss(explain(new FleetView(columns), DEFAULT_WEIGHTS, 0, suits))).toBeNull();
  });
});

describe('a difference', () => {
  const columns = someColumns(
    [
      { room: [9, 10, 9, 1000], safe: [9, 10, 9, 100] },
      { room: [9, 10, 9, 1000], safe: [9, 10, 9, 100], site: 1 }
    ],
    [
      { on: 0, needs: [1, 4, 0, 200], mib: 1024 },
      { on: 0, needs: [1, 4, 0, 50], mib: 1024 },
      { on: -1, needs: [1, 1, 0, 20] }
    ]
  );

  it('says what moves, what is placed, and what each host and site holds before and after', () => {
    const difference = differenceOf(columns, DEFAULT_WEIGHTS, [
      { vm: 0, host: 1 },
      { vm: 1, host: 0 },
      { vm: 2, host: 0 }
    ]);
    expect(difference.moved).toEqual([{ vm: 0, host: 1 }]);
    expect(difference.placed).toEqual([{ vm: 2, host: 0 }]);
    expect(difference.mib).toBe(1024);
    expect(difference.on).toEqual({ before: 1, after: 2 });
    expect(difference.hosts.map(({ comes, goes }) => [comes, goes])).toEqual([
      [1, 1],
      [1, 0]
    ]);
    expect(difference.sites.map(({ before, after }) => [before[MEMORY], after[MEMORY]])).toEqual([
      [8, 5],
      [0, 4]
    ]);
    expect(difference.hosts[0]?.after[CPU]).toBe(70);
    expect(difference.gain).toBeCloseTo(totalOf(difference.before) - totalOf(difference.after), 9);
  });

  it('costs a move what its way says', () => {
    const { after } = differenceOf(columns, { ...DEFAULT_WEIGHTS, move: 2, moveGib: 3, betweenSites: 4 }, [
      { vm: 0, host: 1 }
    ]);
    expect([after.move, after.copy]).toEqual([2, 12]);
    expect(columns.demand.length).toBe(3 * WIDTH);
  });
});
