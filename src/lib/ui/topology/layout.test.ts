import { expect, test } from 'vitest';
import type { HostId, VmId } from '#lib/model/ids.ts';
import { fitText, layoutMap, type Box, type MapHost } from './layout.ts';

const host = (id: string, site: string, ...memory: number[]): MapHost => ({
  id: id as HostId,
  site,
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

test('names are cut with an ellipsis by whole code points, and left out when there is no room', () => {
  expect(fitText('database-primary-1', 200)).toBe('database-primary-1');
  expect(fitText('database-primary-1', 60)).toBe('databas…');
  expect(fitText('😀😀😀😀😀😀', 35)).toBe('😀😀😀😀…');
  expect(fitText('web', 12)).toBe('');
});
