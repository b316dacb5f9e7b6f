import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyColumns } from '../../../tests/support/any-columns.ts';
import { someColumns } from '../../../tests/support/some-columns.ts';
import { CPU, HOST_MAINTENANCE, HOST_ONLINE, VM_MOVABLE, VM_NEW, WIDTH, textAt } from '../plugin/columns.ts';
import type { Columns } from '../plugin/columns.ts';
import { FleetView } from '../plugin/fleet-view.ts';
import { fits } from '../plugin/rules.ts';
import { busier, drained, lost, siteLost, withHosts, withVms } from './what-if.ts';

const base = someColumns(
  [{ room: [9, 10] }, { room: [9, 20], site: 1, flags: HOST_ONLINE | HOST_MAINTENANCE }],
  [
    { on: 0, needs: [1, 4, 0, 100], may: [0, 1] },
    { on: 1, needs: [1, 5, 0, 50], flags: VM_MOVABLE }
  ]
);

describe('a branch of a fleet', () => {
  it('leaves the fleet it came from as it is', () => {
    fc.assert(
      fc.property(anyColumns({ hosts: 4, vms: 5 }), (columns) => {
        const before = structuredClone(columns);
        drained(columns, [0]);
        siteLost(columns, columns.hostSite[0]!);
        withHosts(columns, 0, 3);
        if (columns.vms > 0) withVms(columns, 0, 3);
        busier(columns, 2);
        expect(columns).toEqual(before);
      })
    );
  });

  it('has as many rows everywhere as it has hosts and VMs, and can be planned on', () => {
    fc.assert(
      fc.property(anyColumns({ hosts: 4, vms: 5 }), fc.nat(4), (columns, count) => {
        const more = withHosts(columns.vms > 0 ? withVms(columns, 0, count) : columns, 0, count);
        expectWhole(more);
        const fleet = new FleetView(more);
        for (let vm = 0; vm < more.vms; vm++) for (let host = 0; host < more.hosts; host++) fits(fleet, vm, host);
      })
    );
  });

  it('drains hosts', () => {
    expect([...drained(base, [0]).hostFlags]).toEqual([HOST_ONLINE | HOST_MAINTENANCE, HOST_ONLINE | HOST_MAINTENANCE]);
  });

  it('loses hosts: what ran has to be placed, what was off stays', () => {
    const { hostFlags, vmHost, vmFlags } = lost(base, [0, 1]);
    expect([...hostFlags].map((flags) => flags & HOST_ONLINE)).toEqual([0, 0]);
    expect([...vmHost]).toEqual([-1, 1]);
    expect([...vmFlags]).toEqual([VM_NEW | VM_MOVABLE, VM_MOVABLE]);
    expect([...siteLost(base, 0).vmHost]).toEqual([-1, 1]);
  });

  it('has more hosts, empty, open, at the same site, for the same VMs', () => {
    const more = withHosts(base, 1, 2);
    expect(textAt(more.hostName, 3)).toBe('h1-new-2');
    expect([...more.hostSite]).toEqual([0, 1, 1, 1]);
    expect([...more.hostFlags.slice(2)]).toEqual([HOST_ONLINE, HOST_ONLINE]);
    expect(fits(new FleetView(more), 0, 3)).toBe(true);
  });

  it('has more VMs, to be placed', () => {
    const more = withVms(base, 0, 2);
    expect([...more.vmHost]).toEqual([0, 1, -1, -1]);
    expect(textAt(more.vmName, 2)).toBe('v0-new-1');
    expect(more.demand[3 * WIDTH + CPU]).toBe(100);
  });

  it('is busier, but needs no more memory', () => {
    const more = busier(base, 1.5);
    expect([more.demand[CPU], more.demand[1]]).toEqual([150, 4]);
  });
});

function expectWhole(columns: Columns): void {
  const { hosts, vms } = columns;
  for (const column of [columns.hostSite, columns.hostFlags, columns.idleWatts, columns.hostId.ends]) {
    expect(column.length).toBe(hosts);
  }
  for (const rows of [columns.capacity, columns.safety, columns.base]) expect(rows.length).toBe(hosts * WIDTH);
  for (const column of [columns.vmFlags, columns.vmHost, columns.moveMib, columns.vmMask, columns.vmName.ends]) {
    expect(column.length).toBe(vms);
  }
  expect(columns.demand.length).toBe(vms * WIDTH);
  expect(columns.vmTagStart.length).toBe(vms + 1);
  expect(columns.masks.length % hosts).toBe(0);
}
