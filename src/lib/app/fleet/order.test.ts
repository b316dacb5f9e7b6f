import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Fleet, Host, Vm } from '#lib/model/fleet.ts';
import type { HostId, VmId } from '#lib/model/ids.ts';
import { aVm } from '../../../../tests/support/fake-host.ts';
import { aFleet, aHost } from '../../../../tests/support/a-fleet.ts';
import { FleetOrder } from './order.ts';

const named = (n: number, name: string): Vm => ({ ...aVm(n), name });

const byId = (a: { id: string }, b: { id: string }): number => (a.id < b.id ? -1 : 1);

/** As it was before anything was kept: all of it, every time. */
function plainly(fleet: Fleet) {
  const numeric = { numeric: true } as const;
  const hosts = [...fleet.hosts.values()].sort(
    (a, b) => a.site.localeCompare(b.site) || a.name.localeCompare(b.name, undefined, numeric) || byId(a, b)
  );
  const vms = hosts.flatMap((host) =>
    [...host.vms.values()]
      .sort((a, b) => a.name.localeCompare(b.name, undefined, numeric) || byId(a, b))
      .map((vm) => ({ host, vm }))
  );
  return { hosts, vms, sites: [...new Set(hosts.map(({ site }) => site))] };
}

type Step =
  | { readonly kind: 'put'; readonly host: number; readonly site: string; readonly vms: readonly [number, string][] }
  | { readonly kind: 'forget'; readonly host: number };
const site = fc.constantFrom('north', 'south', '');
const vms = fc.uniqueArray(fc.tuple(fc.integer({ min: 1, max: 9 }), fc.constantFrom('a', 'a-2', 'a-10', 'b', 'ä')), {
  selector: ([n]) => n,
  maxLength: 5
});
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({ kind: fc.constant('put' as const), host: fc.integer({ min: 0, max: 4 }), site, vms })
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('forget' as const), host: fc.integer({ min: 0, max: 4 }) }) }
);

test('after any changes the lists are what sorting everything anew would give, and every VM is found where it is', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
      const order = new FleetOrder();
      const hosts = new Map<HostId, Host>();
      for (const change of steps) {
        const id = `h${change.host}` as HostId;
        if (change.kind === 'forget') hosts.delete(id);
        else
          hosts.set(
            id,
            aHost(
              id,
              change.vms.map(([n, name]) => named(n, name)),
              { site: change.site }
            )
          );
        const fleet = { hosts: new Map(hosts) };
        order.update(fleet);
        const plain = plainly(fleet);
        expect(order.hosts).toEqual(plain.hosts);
        expect(order.sites).toEqual(plain.sites);
        // Of two hosts that name one VM, the list has what `vm` finds.
        const once = plain.vms.filter(({ host, vm }) => order.vm(vm.id)?.host === host);
        expect(order.vms.map(({ host, vm }) => [host, vm.id])).toEqual(once.map(({ host, vm }) => [host, vm.id]));
        expect(new Set(order.vms.map(({ vm }) => vm.id)).size).toBe(order.vms.length);
        for (let n = 1; n < 10; n++) {
          const found = order.vm(aVm(n).id);
          const there = [...hosts.values()].filter((host) => host.vms.has(aVm(n).id));
          if (there.length === 0) expect(found).toBeNull();
          else expect(there.some((host) => host === found?.host && host.vms.get(aVm(n).id) === found.vm)).toBe(true);
        }
      }
    })
  );
});

test('a fleet that is the same gives the same lists; one changed host changes only what is of it', () => {
  const order = new FleetOrder();
  const [a, b] = [aHost('a', [aVm(1), aVm(2)]), aHost('b', [aVm(3)])];
  order.update(aFleet(a, b));
  const before = { hosts: order.hosts, vms: order.vms, sites: order.sites };
  order.update(aFleet(a, b));
  expect(order.hosts).toBe(before.hosts);
  expect(order.vms).toBe(before.vms);
  order.update(aFleet({ ...a }, b));
  expect(order.hosts).not.toBe(before.hosts);
  expect(order.sites).toBe(before.sites);
  expect(order.vms[2]).toBe(before.vms[2]);
  expect(order.vms[0]).not.toBe(before.vms[0]);
});

test('a VM that moves is found on its new host, whichever of the two speaks first', () => {
  for (const newFirst of [true, false]) {
    const order = new FleetOrder();
    const id: VmId = aVm(1).id;
    const [from, to] = [aHost('from', [aVm(1)]), aHost('to')];
    const [left, got] = [aHost('from'), aHost('to', [aVm(1)])];
    order.update(aFleet(from, to));
    order.update(newFirst ? aFleet(from, got) : aFleet(left, to));
    if (newFirst) expect(order.vm(id)?.host).toBe(got);
    else expect(order.vm(id)).toBeNull();
    order.update(aFleet(left, got));
    expect(order.vm(id)?.host).toBe(got);
  }
});
