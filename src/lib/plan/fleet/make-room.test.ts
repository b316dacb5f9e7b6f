import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { someColumns } from '../../../../tests/support/some-columns.ts';
import type { SomeVm } from '../../../../tests/support/some-columns.ts';
import { HOST_MAINTENANCE, HOST_ONLINE, MEMORY, VM_RUNNING, WIDTH } from '../../plugin/columns.ts';
import { DEFAULT_WEIGHTS } from '../../plugin/weights.ts';
import { order } from '../steps/order.ts';
import { asBefore, leaving, makeRoom } from './make-room.ts';

const HOST = { room: [100, 100, 100] };
const vm = (on: number, memory: number, more: Partial<SomeVm> = {}): SomeVm => ({ on, needs: [1, memory, 1], ...more });
const lacks = (amount: number) => ({ kind: 'lacks', resource: 'memory', amount, meanwhile: false });
const OFF = { flags: 0 };
/** VM 0 grows from 10 MiB. */
const grows = new Map([[0, { vcpus: 1, memory: 10 }]]);
const starts = (...vms: readonly number[]) => new Map(vms.map((one) => [one, { vcpus: 0, memory: 0 }]));
const room = (columns: ReturnType<typeof someColumns>, before: Parameters<typeof makeRoom>[1]) =>
  makeRoom(columns, before, DEFAULT_WEIGHTS);

describe('room for VMs that grow or start', () => {
  test('is there: nothing leaves', () => {
    const columns = someColumns([HOST, HOST], [vm(0, 40), vm(0, 60)]);
    expect(room(columns, grows)).toEqual({ leave: new Map(), without: [] });
  });

  test('is made by the VM whose move costs least and is enough', () => {
    const columns = someColumns(
      [HOST, HOST],
      [vm(0, 40, { mib: 9_000 }), vm(0, 50, { mib: 5_000 }), vm(0, 20), vm(0, 5)]
    );
    expect(room(columns, grows).leave).toEqual(new Map([[2, 0]]));
  });

  test('is found elsewhere by the VM itself, where that is cheaper', () => {
    const columns = someColumns([HOST, HOST], [vm(0, 40), vm(0, 50, { mib: 5_000 }), vm(0, 20, { mib: 5_000 })]);
    expect(room(columns, grows).leave).toEqual(new Map([[0, 0]]));
  });

  test('is made by several where one is not enough', () => {
    const small = { flags: VM_RUNNING };
    const columns = someColumns([HOST, HOST], [vm(0, 60, OFF), vm(0, 40), vm(0, 30), vm(0, 30, small)]);
    expect([...room(columns, starts(0)).leave.keys()]).toEqual([1, 2]);
  });

  test('is reserved one after the other; what has none says what is missing and what would have to go', () => {
    const columns = someColumns([HOST], [vm(0, 60), vm(0, 30, OFF), vm(0, 30, OFF)]);
    expect(room(columns, starts(2, 1))).toEqual({
      leave: new Map(),
      without: [{ vm: 1, reason: lacks(20), would: [0] }]
    });
    const tiny = someColumns([{ room: [100, 50, 100] }], [vm(0, 60, OFF)]);
    expect(room(tiny, starts(0)).without).toEqual([{ vm: 0, reason: lacks(10), would: [] }]);
  });

  test('is never made on a host in maintenance, nor for a VM on a host that is not linked', () => {
    const closed = { ...HOST, flags: HOST_ONLINE | HOST_MAINTENANCE };
    const all = [vm(0, 60, OFF), vm(0, 60)];
    expect(room(someColumns([HOST, closed], all), starts(0)).without).toHaveLength(1);
    expect(room(someColumns([{ ...HOST, flags: 0 }, HOST], all), starts(0)).without).toEqual([
      { vm: 0, reason: { kind: 'host-unlinked' }, would: [] }
    ]);
  });

  test('of shrinking ones is there for those that grow', () => {
    const columns = someColumns([HOST], [vm(0, 40), vm(0, 60)]);
    expect(room(columns, new Map([...grows, [1, { vcpus: 1, memory: 90 }]])).without).toEqual([]);
  });

  test('is enough: as wished or as before, and moved as said, no host holds more than it has, and the order blocks nothing', () => {
    const fleets = fc.array(
      fc.record({
        on: fc.nat(2),
        was: fc.integer({ min: 1, max: 20 }),
        wants: fc.option(fc.integer({ min: 1, max: 60 }))
      }),
      { maxLength: 10 }
    );
    fc.assert(
      fc.property(fleets, (vms) => {
        const hosts = [0, 1, 2].map((host) => {
          const held = vms.filter(({ on }) => on === host).reduce((sum, { was }) => sum + was, 0);
          return { room: [100, held + 15, 100] };
        });
        const wished = someColumns(
          hosts,
          vms.map(({ on, was, wants }) => vm(on, wants ?? was))
        );
        const before = new Map(
          vms.flatMap(({ was, wants }, at) =>
            wants === null || wants === was ? [] : [[at, { vcpus: 1, memory: was }]]
          )
        );
        const made = room(wished, before);
        const without = made.without.map((one) => one.vm);
        const columns = leaving(asBefore(wished, before, without), made);
        for (const of of made.leave.keys())
          expect(columns.masks[columns.vmMask[of]! * 3 + columns.vmHost[of]!]).toBe(0);
        const used = [0, 0, 0];
        for (const [at, { on }] of vms.entries())
          if (!made.leave.has(at)) used[on]! += columns.demand[at * WIDTH + MEMORY]!;
        for (const [host, amount] of used.entries())
          expect(amount).toBeLessThanOrEqual(columns.capacity[host * WIDTH + MEMORY]!);
        const stays = new Map([...before].filter(([at]) => !without.includes(at) && !made.leave.has(at)));
        if (made.leave.size === 0) expect(order(columns, [], stays).blocked).toEqual([]);
      })
    );
  });
});
