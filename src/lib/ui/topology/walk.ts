// The map by keyboard: to the nearest neighbour in a direction, up to what holds it, down into it.
import { least } from 'd3';
import type { Box, Item, MapLayout } from './boxes.ts';
import { boxOf } from './boxes.ts';

export const DIRECTIONS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] } as const;
export type Direction = keyof typeof DIRECTIONS;

/** Null above a site. */
export function parentOf(layout: MapLayout, item: Item): Item | null {
  if (item.kind === 'site') return null;
  if (item.kind === 'vm') return { kind: 'host', host: item.host };
  const site = layout.sites.find(({ hosts }) => hosts.some(({ id }) => id === item.host));
  return site === undefined ? null : { kind: 'site', site: site.site };
}

/** In reading order; `null` stands for the map itself. */
export function childrenOf(layout: MapLayout, item: Item | null): readonly Item[] {
  if (item === null) return layout.sites.map(({ site }) => ({ kind: 'site', site }));
  if (item.kind === 'vm') return [];
  if (item.kind === 'host')
    return (layout.hosts.get(item.host)?.vms ?? []).map(({ id }) => ({ kind: 'vm', host: item.host, vm: id }));
  const site = layout.sites.find((box) => box.site === item.site);
  return (site?.hosts ?? []).map(({ id }) => ({ kind: 'host', host: id }));
}

/** The neighbour among its siblings; past the last of them, the nearest child of the parent's neighbour. Null at the edge. */
export function neighbour(layout: MapLayout, item: Item, direction: Direction): Item | null {
  const from = boxOf(layout, item);
  if (from === null) return null;
  const parent = parentOf(layout, item);
  const beside = nearest(layout, from, childrenOf(layout, parent), direction);
  if (beside !== null || parent === null) return beside;
  // A host without VMs is passed over, not a dead end.
  for (let next = neighbour(layout, parent, direction); next !== null; next = neighbour(layout, next, direction)) {
    const found = nearest(layout, from, childrenOf(layout, next), direction);
    if (found !== null) return found;
  }
  return null;
}

const middle = (box: Box): readonly [number, number] => [box.x + box.width / 2, box.y + box.height / 2];

/** Only what lies in that direction; what lies off to the side counts as farther away than it is. */
function nearest(layout: MapLayout, from: Box, items: readonly Item[], direction: Direction): Item | null {
  const [dx, dy] = DIRECTIONS[direction];
  const [x, y] = middle(from);
  const distance = (item: Item): number => {
    const box = boxOf(layout, item);
    if (box === null) return Infinity;
    const [toX, toY] = middle(box);
    const ahead = (toX - x) * dx + (toY - y) * dy;
    const aside = Math.abs((toX - x) * dy) + Math.abs((toY - y) * dx);
    // The halves of its own box: what overlaps it in this direction does not lie beyond it.
    return ahead <= 0.5 || ahead < aside / 4 ? Infinity : ahead + 2 * aside;
  };
  const found = least(items, distance);
  return found === undefined || distance(found) === Infinity ? null : found;
}

type Step =
  | { readonly kind: 'go'; readonly to: Item | null }
  | { readonly kind: 'open' | 'select'; readonly item: Item }
  | { readonly kind: 'zoom'; readonly factor: number }
  | { readonly kind: 'fit' };
type Key = Pick<KeyboardEvent, 'key' | 'altKey' | 'ctrlKey' | 'metaKey'>;

const ZOOM = 1.5;

/** What a key asks for while the map has the focus and stands at `at`; null when the key is not the map's. */
export function keyStep({ key, altKey, ctrlKey, metaKey }: Key, layout: MapLayout, at: Item | null): Step | null {
  if (ctrlKey || metaKey) return null;
  if (key === '+' || key === '=') return { kind: 'zoom', factor: ZOOM };
  if (key === '-') return { kind: 'zoom', factor: 1 / ZOOM };
  if (key === '0') return { kind: 'fit' };
  const [first = null] = childrenOf(layout, null);
  if (at === null || boxOf(layout, at) === null) return key in DIRECTIONS ? { kind: 'go', to: first } : null;
  if (key === 'Enter') return { kind: 'open', item: at };
  if (key === ' ') return { kind: 'select', item: at };
  if (key === 'Backspace' || (altKey && key === 'ArrowUp')) return { kind: 'go', to: parentOf(layout, at) };
  if (altKey) return key === 'ArrowDown' ? { kind: 'go', to: childrenOf(layout, at)[0] ?? null } : null;
  return key in DIRECTIONS ? { kind: 'go', to: neighbour(layout, at, key as Direction) } : null;
}
