import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { HostId, VmId } from '#lib/model/ids.ts';
import { boxOf, contains, hitTest, type Item } from './boxes.ts';
import { layoutMap } from './layout.ts';

const LAYOUT = layoutMap(
  Array.from({ length: 30 }, (_, at) => ({
    id: `h${at}` as HostId,
    site: `s${at % 4}`,
    memory: 1024 << (at % 5),
    vms: Array.from({ length: at }, (__, n) => ({ id: `v${n}` as VmId, memory: 256 << (n % 4) }))
  })),
  1200,
  800
);

test('a point hits the innermost thing that lies there', () => {
  fc.assert(
    fc.property(
      fc.double({ min: -10, max: LAYOUT.width + 10, noNaN: true }),
      fc.double({ min: -10, max: LAYOUT.height + 10, noNaN: true }),
      (x, y) => {
        const all: Item[] = LAYOUT.sites.flatMap((site) => [
          { kind: 'site' as const, site: site.site },
          ...site.hosts.flatMap((host) => [
            { kind: 'host' as const, host: host.id },
            ...host.vms.map((vm) => ({ kind: 'vm' as const, host: host.id, vm: vm.id }))
          ])
        ]);
        const under = all.filter((item) => {
          const box = boxOf(LAYOUT, item);
          return box !== null && contains(box, x, y);
        });
        expect(hitTest(LAYOUT, x, y, 1)).toEqual(under.at(-1) ?? null);
      }
    )
  );
});

test('what is too small to be drawn by itself is not hit, but its host is', () => {
  const host = LAYOUT.hosts.get('h29' as HostId);
  const vm = host?.vms[0];
  if (!host || !vm) throw new Error('no such VM');
  const [x, y] = [vm.x + vm.width / 2, vm.y + vm.height / 2];
  expect(hitTest(LAYOUT, x, y, 1)).toEqual({ kind: 'vm', host: 'h29', vm: vm.id });
  expect(hitTest(LAYOUT, x, y, 0.01)).toEqual({ kind: 'host', host: 'h29' });
});

test('what is not there has no box', () => {
  expect(boxOf(LAYOUT, { kind: 'vm', host: 'h1' as HostId, vm: 'other' as VmId })).toBeNull();
  expect(boxOf(LAYOUT, { kind: 'host', host: 'other' as HostId })).toBeNull();
  expect(boxOf(LAYOUT, { kind: 'site', site: 'other' })).toBeNull();
});
