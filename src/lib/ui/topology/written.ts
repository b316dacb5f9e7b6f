// Where words stand on the map, on the screen, as draw-labels.ts writes them: what lies over the map keeps off them.
import type { Host } from '#lib/model/fleet.ts';
import type { HostId } from '#lib/model/ids.ts';
import type { Box, HostBox, MapLayout } from './boxes.ts';
import { isMerged } from './draw.ts';
import { textWidth } from './fit-text.ts';
import { onScreen, visible, type View } from './view.ts';

/** Px that the name of a host with what it is, the name of a site, and the figures of each take at most. */
const HOST = { left: 260, right: 52 };
const SITE = { left: 140, right: 170 };
const FIGURE = 56;

/** No two of them overlap. */
export function written(layout: MapLayout, hosts: ReadonlyMap<HostId, Host>, view: View): readonly Box[] {
  const found: Box[] = [];
  for (const site of layout.sites) {
    const panel = onScreen(site, view);
    if (!visible(panel, view)) continue;
    const head = site.head * view.zoom;
    if (head >= 13) found.push(...ends({ ...panel, y: panel.y + head * 0.2, height: head * 0.7 }, SITE));
    for (const box of site.hosts) {
      const card = onScreen(box, view);
      if (!visible(card, view)) continue;
      const top = box.head * view.zoom;
      if (top >= 15) found.push(...ends({ ...card, y: card.y + top * 0.15, height: top * 0.42 }, HOST));
      found.push(...tiles(box, hosts.get(box.id), view));
    }
  }
  return found;
}

/** Of a head: the words at its left and those at its right. */
function ends({ x, y, width, height }: Box, { left, right }: typeof HOST): readonly Box[] {
  const first = Math.min(width, left);
  const last = Math.min(width - first, right);
  const words = { x: x + 8, y, width: first - 8, height };
  return last <= 0 ? [words] : [words, { x: x + width - last, y, width: last, height }];
}

/** The name of each VM, and under it the figure. */
function tiles(box: HostBox, host: Host | undefined, view: View): readonly Box[] {
  if (isMerged(box, view.zoom)) return [];
  return box.vms.flatMap((vm) => {
    const { x, y, width, height } = onScreen(vm, view);
    if (width <= 20 || height <= 18) return [];
    const middle = y + Math.min(14, height / 2);
    const name = 17 + textWidth(host?.vms.get(vm.id)?.name ?? '', 12);
    const first = { x: x + 5, y: middle - 8, width: Math.min(width - 7, name), height: 16 };
    if (width <= 50 || height <= 40) return [first];
    return [first, { x: x + 7, y: y + 24, width: Math.min(width - 10, FIGURE), height: 14 }];
  });
}
