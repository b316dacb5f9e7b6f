// The map onto a canvas: a walk down the tree that leaves out what cannot be seen, rectangles collected by colour, words
// only where they fit. Pure but for the context it draws on; 20,000 VMs in one frame.
import { sum } from 'd3';
import type { Host } from '#lib/model/fleet.ts';
import { LEAST_TILE, type Box, type HostBox, type MapLayout } from './boxes.ts';
import { drawHead, drawSiteHead, drawTileWords, type Label, type MapWords } from './draw-labels.ts';
import { FAINT, MARKS, NONE, STALE, type Marks } from './marks.ts';
import type { Palette } from './palette.ts';
import { onScreen, snapper, visible, type View } from './view.ts';

export type Scene = {
  readonly layout: MapLayout;
  readonly marks: Marks;
  readonly words: MapWords;
  readonly palette: Palette;
  /** For hosts without a link. */
  readonly stale: Palette;
};
/** Collected while walking: x, y, width, height, one after the other, per mark. */
type Rects = number[][];

/** How faint what does not match the filter is. */
const FAINT_ALPHA = 0.25;
/** From this size on, tiles have round corners and cards a frame; pixels. */
const ROUND = 24;
const HATCHED = 10;

export function drawMap(ctx: CanvasRenderingContext2D, scene: Scene, view: View): void {
  const { palette, layout, marks } = scene;
  ctx.setTransform(view.ratio, 0, 0, view.ratio, 0, 0);
  ctx.globalAlpha = 1;
  ctx.fillStyle = palette.surface;
  ctx.fillRect(0, 0, view.width, view.height);
  ctx.textBaseline = 'alphabetic';
  const tiles = rects();
  const rounded = rects();
  const labels: Label[] = [];
  for (const site of layout.sites) {
    const panel = onScreen(site, view);
    if (!visible(panel, view)) continue;
    // The cards of the site before may have been faint.
    ctx.globalAlpha = 1;
    drawPanel(ctx, panel, palette);
    drawSiteHead(ctx, site, panel, scene, view);
    drawCards(ctx, site.hosts, scene, view);
    for (const box of site.hosts) {
      const card = onScreen(box, view);
      const own = marks.get(box.id);
      if (own === undefined || !visible(card, view)) continue;
      drawHead(ctx, own, card, scene, view.zoom);
      if (isMerged(box, view.zoom)) mergeTiles(box, own.tiles, view, tiles);
      else collectTiles(box, own.tiles, own.host, view, { tiles, rounded, labels });
    }
  }
  fillTiles(ctx, tiles, rounded, scene, view);
  drawTileWords(ctx, labels, scene);
  ctx.globalAlpha = 1;
}

const rects = (): Rects => Array.from({ length: MARKS * 2 }, () => []);

/** Whether the VMs of a host are too small to be told apart. The last tile is the smallest. */
export function isMerged(box: HostBox, zoom: number): boolean {
  const last = box.vms.at(-1);
  return last === undefined || Math.min(last.width, last.height) * zoom < LEAST_TILE;
}

function drawPanel(ctx: CanvasRenderingContext2D, panel: Box, palette: Palette): void {
  ctx.beginPath();
  ctx.roundRect(panel.x, panel.y, panel.width, panel.height, Math.min(12, panel.height / 8));
  ctx.fillStyle = palette.sunken;
  ctx.fill();
  ctx.strokeStyle = palette.line;
  ctx.lineWidth = 1;
  ctx.stroke();
}

/** The cards of one site: all of a kind in one path. */
function drawCards(ctx: CanvasRenderingContext2D, hosts: readonly HostBox[], scene: Scene, view: View): void {
  const snap = snapper(view.ratio);
  for (const faint of [false, true])
    for (const simulated of [false, true]) {
      ctx.beginPath();
      let any = false;
      for (const box of hosts) {
        const own = scene.marks.get(box.id);
        if (own === undefined || (own.mark & FAINT) > 0 !== faint || isSimulated(own.host) !== simulated) continue;
        const card = onScreen(box, view);
        if (!visible(card, view)) continue;
        any = true;
        if (card.height < ROUND) {
          const [x, y] = [snap(card.x), snap(card.y)];
          ctx.rect(x, y, snap(card.x + card.width) - x, snap(card.y + card.height) - y);
        } else ctx.roundRect(card.x, card.y, card.width, card.height, Math.min(9, card.height / 8));
      }
      if (!any) continue;
      ctx.globalAlpha = faint ? FAINT_ALPHA : 1;
      ctx.fillStyle = scene.palette.surface;
      ctx.fill();
      ctx.strokeStyle = scene.palette.lineStrong;
      ctx.lineWidth = 1;
      ctx.setLineDash(simulated ? [5, 3] : []);
      ctx.stroke();
      ctx.setLineDash([]);
    }
  ctx.globalAlpha = 1;
}

const isSimulated = (host: Host): boolean => host.facts?.simulated ?? false;

type Collected = { readonly tiles: Rects; readonly rounded: Rects; readonly labels: Label[] };

function collectTiles(box: HostBox, marks: Uint8Array, host: Host, view: View, to: Collected): void {
  const snap = snapper(view.ratio);
  const least = 1 / view.ratio;
  for (let at = 0; at < box.vms.length; at++) {
    const tile = box.vms[at];
    if (tile === undefined) break;
    const left = tile.x * view.zoom + view.x;
    const top = tile.y * view.zoom + view.y;
    const right = left + tile.width * view.zoom;
    const bottom = top + tile.height * view.zoom;
    if (left > view.width || top > view.height || right < 0 || bottom < 0) continue;
    const [x, y] = [snap(left), snap(top)];
    const width = Math.max(least, snap(right) - x);
    const height = Math.max(least, snap(bottom) - y);
    const mark = marks[at] ?? NONE;
    const large = Math.min(width, height) >= ROUND;
    push(large ? to.rounded : to.tiles, mark, x, y, width, height);
    if (width > 20 && height > 18) to.labels.push({ host, id: tile.id, mark, x, y, width, height });
  }
}

/** Beyond the marks of those that are hatched or coloured: marks without a figure that are too small for hatching. */
function push(to: Rects, mark: number, x: number, y: number, width: number, height: number): void {
  const flat = (mark & 7) === NONE && Math.min(width, height) < HATCHED;
  to[flat ? mark + MARKS : mark]?.push(x, y, width, height);
}

/** One strip per colour instead of a tile per VM, as wide as the VMs of that colour are together. */
function mergeTiles(box: HostBox, marks: Uint8Array, view: View, to: Rects): void {
  const first = box.vms[0];
  if (first === undefined) return;
  const areas = Array.from({ length: MARKS }, () => 0);
  box.vms.forEach(({ width, height }, at) => {
    const mark = marks[at] ?? NONE;
    areas[mark] = (areas[mark] ?? 0) + width * height;
  });
  const gap = first.x - box.x;
  const inner = { x: first.x, y: first.y, width: box.width - 2 * gap, height: box.y + box.height - gap - first.y };
  const area = onScreen(inner, view);
  const least = 1 / view.ratio;
  const whole = Math.max(inner.width * inner.height, sum(areas));
  const snap = snapper(view.ratio);
  let filled = 0;
  areas.forEach((own, mark) => {
    if (own === 0) return;
    const x = snap(area.x + (filled / whole) * area.width);
    filled += own;
    const right = snap(area.x + (filled / whole) * area.width);
    const y = snap(area.y);
    push(to, mark, x, y, Math.max(least, right - x), Math.max(least, snap(area.y + area.height) - y));
  });
}

function fillTiles(ctx: CanvasRenderingContext2D, tiles: Rects, rounded: Rects, scene: Scene, view: View): void {
  for (let mark = 0; mark < MARKS * 2; mark++) {
    const small = tiles[mark] ?? [];
    const large = rounded[mark] ?? [];
    if (small.length === 0 && large.length === 0) continue;
    const palette = (mark & STALE) > 0 ? scene.stale : scene.palette;
    const step = mark & 7;
    ctx.globalAlpha = (mark & FAINT) > 0 ? FAINT_ALPHA : 1;
    ctx.fillStyle =
      mark >= MARKS ? palette.line : step === NONE ? hatch(ctx, palette, view) : (palette.load[step] ?? '');
    for (let at = 0; at < small.length; at += 4)
      ctx.fillRect(small[at] ?? 0, small[at + 1] ?? 0, small[at + 2] ?? 0, small[at + 3] ?? 0);
    if (large.length === 0) continue;
    ctx.beginPath();
    for (let at = 0; at < large.length; at += 4)
      ctx.roundRect(large[at] ?? 0, large[at + 1] ?? 0, large[at + 2] ?? 0, large[at + 3] ?? 0, 6);
    ctx.fill();
    if (step !== NONE) continue;
    ctx.strokeStyle = palette.lineStrong;
    ctx.lineWidth = 1;
    ctx.stroke();
  }
}

/** Diagonal lines that move with the map. */
function hatch(ctx: CanvasRenderingContext2D, palette: Palette, view: View): CanvasPattern | string {
  const size = Math.round(8 * view.ratio);
  const canvas = new OffscreenCanvas(size, size);
  const tile = canvas.getContext('2d');
  if (tile === null) return palette.sunken;
  tile.fillStyle = palette.surface;
  tile.fillRect(0, 0, size, size);
  tile.strokeStyle = palette.line;
  tile.lineWidth = 3 * view.ratio;
  tile.beginPath();
  for (const from of [-size, 0, size]) {
    tile.moveTo(from - size / 2, size * 1.5);
    tile.lineTo(from + size * 1.5, -size / 2);
  }
  tile.stroke();
  const pattern = ctx.createPattern(canvas, 'repeat');
  pattern?.setTransform(new DOMMatrix([1 / view.ratio, 0, 0, 1 / view.ratio, view.x % 8, view.y % 8]));
  return pattern ?? palette.sunken;
}
