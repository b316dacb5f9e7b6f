import { expect, test } from 'vitest';
import type { HostId, VmId } from '#lib/model/ids.ts';
import { boxOf, type Item } from './boxes.ts';
import { layoutMap } from './layout.ts';
import { childrenOf, keyStep, neighbour, parentOf } from './walk.ts';

const host = (id: string, site: string, vms: number) => ({
  id: id as HostId,
  site,
  memory: 65_536,
  vms: Array.from({ length: vms }, (_, at) => ({ id: `${id}-${at}` as VmId, memory: 1024 }))
});
const LAYOUT = layoutMap([host('n1', 'north', 3), host('n2', 'north', 0), host('s1', 'south', 2)], 1200, 700);
const vm = (id: string): Item => ({ kind: 'vm', host: id.split('-')[0] as HostId, vm: id as VmId });
const press = (key: string, at: Item | null, altKey = false) =>
  keyStep({ key, altKey, ctrlKey: false, metaKey: false }, LAYOUT, at);

test('arrows go to the sibling beside, and back', () => {
  expect(neighbour(LAYOUT, vm('n1-0'), 'ArrowRight')).toEqual(vm('n1-1'));
  expect(neighbour(LAYOUT, vm('n1-1'), 'ArrowLeft')).toEqual(vm('n1-0'));
  expect(neighbour(LAYOUT, { kind: 'host', host: 'n1' as HostId }, 'ArrowDown')).toEqual({ kind: 'host', host: 'n2' });
  expect(neighbour(LAYOUT, { kind: 'site', site: 'north' }, 'ArrowRight')).toEqual({ kind: 'site', site: 'south' });
});

test('past the last sibling the walk goes on in what lies beside the parent', () => {
  const last = [...childrenOf(LAYOUT, { kind: 'host', host: 'n1' as HostId })].sort(
    (a, b) => (boxOf(LAYOUT, b)?.x ?? 0) - (boxOf(LAYOUT, a)?.x ?? 0)
  )[0];
  if (!last) throw new Error('no VM');
  expect(neighbour(LAYOUT, last, 'ArrowRight')).toMatchObject({ kind: 'vm', host: 's1' });
  expect(neighbour(LAYOUT, { kind: 'host', host: 'n1' as HostId }, 'ArrowRight')).toEqual({ kind: 'host', host: 's1' });
});

test('at the edge there is no neighbour', () => {
  expect(neighbour(LAYOUT, vm('n1-0'), 'ArrowLeft')).toBeNull();
  expect(neighbour(LAYOUT, { kind: 'site', site: 'north' }, 'ArrowUp')).toBeNull();
});

test('every VM can be reached by arrows alone from the first of its host', () => {
  const crowd = layoutMap([host('big', 'west', 40)], 900, 600);
  const reached = new Set<string>();
  const queue = childrenOf(crowd, { kind: 'host', host: 'big' as HostId }).slice(0, 1);
  for (let at = queue.pop(); at !== undefined; at = queue.pop()) {
    if (at.kind !== 'vm' || reached.has(at.vm)) continue;
    reached.add(at.vm);
    for (const direction of ['ArrowLeft', 'ArrowRight', 'ArrowUp', 'ArrowDown'] as const) {
      const next = neighbour(crowd, at, direction);
      if (next !== null) queue.push(next);
    }
  }
  expect(reached.size).toBe(40);
});

test('keys: in, out, open, select, zoom; others are left to the page', () => {
  const site: Item = { kind: 'site', site: 'north' };
  expect(press('ArrowRight', null)).toEqual({ kind: 'go', to: site });
  expect(press('ArrowDown', site, true)).toEqual({ kind: 'go', to: { kind: 'host', host: 'n1' } });
  expect(press('Backspace', vm('n1-1'))).toEqual({ kind: 'go', to: { kind: 'host', host: 'n1' } });
  expect(press('ArrowUp', vm('n1-1'), true)).toEqual({ kind: 'go', to: { kind: 'host', host: 'n1' } });
  expect(press('Enter', vm('n1-1'))).toEqual({ kind: 'open', item: vm('n1-1') });
  expect(press(' ', vm('n1-1'))).toEqual({ kind: 'select', item: vm('n1-1') });
  expect(press('0', null)).toEqual({ kind: 'fit' });
  expect(press('+', null)).toMatchObject({ kind: 'zoom' });
  for (const key of ['Tab', 'Escape', '/', 'a']) expect(press(key, vm('n1-1'))).toBeNull();
  expect(keyStep({ key: '+', altKey: false, ctrlKey: true, metaKey: false }, LAYOUT, null)).toBeNull();
});

test('what is not there any more is where the walk begins anew', () => {
  expect(press('Enter', vm('n1-77'))).toBeNull();
  expect(press('ArrowDown', vm('n1-77'))).toEqual({ kind: 'go', to: { kind: 'site', site: 'north' } });
  expect(parentOf(LAYOUT, { kind: 'host', host: 'gone' as HostId })).toBeNull();
});
