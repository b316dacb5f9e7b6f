import { expect, test } from 'vitest';
import type { HostId, VmId } from '#lib/model/ids.ts';
import fc from 'fast-check';
import type { Box, MapLayout } from './boxes.ts';
import { layoutMap, type MapHost } from './layout.ts';

const host = (id: string, site: string, ...memory: number[]): MapHost => ({
  id: id as HostId,
  site,
  memory: 65_536,
  vms: memory.map((mib, at) => ({ id: `${id}-${at}` as VmId, memory: mib }))
});
const FLEET = [
  host('n1', 'north', 512, 2048),
  host('n2', 'north', 512),
  host('s1', 'south', 512, 512, 512),
  host('s2', 'south')
];

const inside = (inner: Box, outer: Box): boolean =>
  inner.x >= outer.x &&
  inner.y >= outer.y &&
  inner.x + inner.width <= outer.x + outer.width + 0.5 &&
  inner.y + inner.height <= outer.y + outer.height + 0.5;
const apart = (a: Box, b: Box): boolean =>
  a.x + a.width <= b.x || b.x + b.width <= a.x || a.y + a.height <= b.y || b.y + b.height <= a.y;

/** Rounding of fractions aside. */
const touching = (a: Box, b: Box): boolean =>
  a.x + a.width > b.x + 0.01 &&
  b.x + b.width > a.x + 0.01 &&
  a.y + a.height > b.y + 0.01 &&
  b.y + b.height > a.y + 0.01;

test.each([
  [1200, 700],
  [390, 500]
])('everything lies inside what holds it, and nothing overlaps (%i x %i)', (width, height) => {
  const map = layoutMap(FLEET, width, height);
  expect(map.sites.map((site) => site.site)).toEqual(['north', 'south']);
  for (const site of map.sites) {
    expect(inside(site, { x: 0, y: 0, width: map.width, height: map.height })).toBe(true);
    for (const box of site.hosts) {
      expect(inside(box, site)).toBe(true);
      for (const vm of box.vms) expect(inside(vm, box)).toBe(true);
    }
  }
  for (const boxes of [
    map.sites,
    map.sites.flatMap((s) => s.hosts),
    map.sites.flatMap((s) => s.hosts.flatMap((h) => h.vms))
  ]) {
    boxes.forEach((a, at) => boxes.slice(at + 1).forEach((b) => expect(apart(a, b)).toBe(true)));
  }
});

test('every VM is on the map, and a larger one has the larger area', () => {
  const vms = layoutMap(FLEET, 1200, 700).sites.flatMap((site) => site.hosts.flatMap((box) => box.vms));
  expect(vms.map((vm) => vm.id).sort()).toEqual(['n1-0', 'n1-1', 'n2-0', 's1-0', 's1-1', 's1-2']);
  const area = (id: string): number => {
    const found = vms.find((vm) => vm.id === (id as VmId));
    return found ? found.width * found.height : 0;
  };
  expect(area('n1-1')).toBeGreaterThan(area('n1-0') * 1.5);
  // One scale: equal VMs on different hosts look about equal.
  expect(area('n2-0') / area('s1-0')).toBeGreaterThan(0.7);
  expect(area('n2-0') / area('s1-0')).toBeLessThan(1.4);
});

test('one very full host does not make the VMs of all others tiny', () => {
  const full = host('big', 'west', ...Array.from({ length: 60 }, () => 1024));
  const map = layoutMap([host('n1', 'north', 512, 512), host('n2', 'north', 512, 512), full], 1200, 700);
  const boxes = map.sites.flatMap((site) => site.hosts);
  const area = (id: string): number =>
    Math.max(...(boxes.find((box) => box.id === id)?.vms ?? []).map((vm) => vm.width * vm.height));
  expect(area('n1')).toBeGreaterThan(area('big') * 3);
  expect(boxes.find((box) => box.id === 'big')?.vms).toHaveLength(60);
});

test('a narrow map stacks its sites and grows downwards', () => {
  const map = layoutMap(FLEET, 390, 300);
  const [north, south] = map.sites;
  expect(north?.x).toBe(south?.x);
  expect(south?.y).toBeGreaterThan((north?.y ?? 0) + 250);
  expect(map.height).toBeGreaterThan(600);
});

test('no host is an empty map', () => {
  expect(layoutMap([], 800, 600).sites).toEqual([]);
});

test('a host with more memory has the larger area, but never hides the others', () => {
  const sized = (id: string, memory: number | null): MapHost => ({ ...host(id, 'north'), memory });
  const map = layoutMap([sized('a', 8192), sized('b', 65_536), sized('c', 2 ** 30), sized('new', null)], 1200, 700);
  const area = (id: string): number => {
    const box = map.hosts.get(id as HostId);
    return box ? box.width * box.height : 0;
  };
  expect(area('b')).toBeGreaterThan(area('a') * 1.5);
  expect(area('c')).toBeGreaterThan(area('b'));
  expect(area('c') / area('a')).toBeLessThan(12);
  expect(area('new') / area('b')).toBeCloseTo(1, 0);
});

test('a VM that comes or goes moves nothing on other hosts', () => {
  const first = layoutMap([...FLEET, host('n9', 'north', 512, 512)], 1200, 700);
  const others = ({ hosts }: MapLayout) => [...hosts.values()].filter(({ id }) => id !== 'n9');
  for (const vms of [[512, 512, 512], [512], [], [2048, 512, 512, 512]]) {
    const next = layoutMap([...FLEET, host('n9', 'north', ...vms)], 1200, 700, first.grain);
    expect(others(next)).toEqual(others(first));
  }
});

test('a fleet that has become quite another is laid out anew', () => {
  const { grain } = layoutMap(FLEET, 1200, 700);
  const crowd = FLEET.map((each) => ({
    ...each,
    vms: host(each.id, '', ...Array.from({ length: 80 }, () => 512)).vms
  }));
  expect(layoutMap(crowd, 1200, 700, grain)).toEqual(layoutMap(crowd, 1200, 700));
});

test('many hosts get a map larger than the screen, few one of its size', () => {
  expect(layoutMap(FLEET, 1200, 700).scale).toBe(1);
  const many = Array.from({ length: 400 }, (_, at) => host(`h${at}`, `s${at % 5}`, 512, 512));
  const map = layoutMap(many, 1200, 700);
  expect(map.scale).toBeGreaterThan(3);
  expect(map.width).toBe(1200 * map.scale);
  expect(map.hosts.size).toBe(400);
});

test('2,000 VMs on one host all have a place', () => {
  const full = host('big', 'west', ...Array.from({ length: 2000 }, (_, at) => 128 << (at % 7)));
  const vms = layoutMap([full], 1200, 700).hosts.get('big' as HostId)?.vms ?? [];
  expect(new Set(vms.map(({ id }) => id)).size).toBe(2000);
  expect(Math.min(...vms.map(({ width, height }) => Math.min(width, height)))).toBeGreaterThan(2);
});

test('whatever the fleet, all of it is on the map, inside what holds it, and nothing overlaps', () => {
  const fleets = fc.array(
    fc.record({
      site: fc.constantFrom('', 'a', 'b', 'c', 'd'),
      memory: fc.option(fc.integer({ min: 0, max: 2 ** 26 })),
      vms: fc.array(fc.integer({ min: 0, max: 2 ** 24 }), { maxLength: 30 })
    }),
    { maxLength: 25 }
  );
  fc.assert(
    fc.property(fleets, fc.integer({ min: 200, max: 3000 }), fc.integer({ min: 200, max: 2000 }), (made, w, h) => {
      const hosts = made.map(({ site, memory, vms }, at) => ({ ...host(`h${at}`, site, ...vms), memory }));
      const map = layoutMap(hosts, w, h);
      const boxes = map.sites.flatMap((site) => site.hosts);
      expect(boxes.map(({ id }) => id).sort()).toEqual(hosts.map(({ id }) => id).sort());
      for (const site of map.sites) {
        expect(inside(site, map)).toBe(true);
        for (const box of site.hosts) {
          expect(inside(box, site)).toBe(true);
          expect(box.vms).toHaveLength(hosts.find(({ id }) => id === box.id)?.vms.length ?? -1);
          for (const vm of box.vms) expect(inside(vm, box)).toBe(true);
          box.vms.forEach((a, at) => box.vms.slice(at + 1).forEach((b) => expect(touching(a, b)).toBe(false)));
        }
      }
      boxes.forEach((a, at) => boxes.slice(at + 1).forEach((b) => expect(touching(a, b)).toBe(false)));
    }),
    { numRuns: 60 }
  );
});

test('of a host that stays as it is, where it is, the very same boxes come again', () => {
  const before = layoutMap(FLEET, 1200, 700);
  const [changed, ...others] = FLEET;
  const after = layoutMap([host('n1', 'north', 512, 512), ...others], 1200, 700, before.grain);
  expect(changed?.id).toBe('n1');
  for (const { id } of others) expect(after.hosts.get(id)).toBe(before.hosts.get(id));
  expect(after.hosts.get('n1' as HostId)).not.toBe(before.hosts.get('n1' as HostId));
  const narrower = layoutMap(FLEET, 800, 700, before.grain);
  expect(narrower.hosts.get('s1' as HostId)).not.toBe(before.hosts.get('s1' as HostId));
});
