// What is written on the map, and the shapes of states: site heads, host heads, VM tiles. Words stand only where they fit.
import type { Host, Vm } from '#lib/model/fleet.ts';
import type { VmId } from '#lib/model/ids.ts';
import { barStep } from '../signs/load-step.ts';
import type { Shape, Sign } from '../signs/state-sign.ts';
import type { Percent } from '#lib/model/units.ts';
import type { Box, SiteBox } from './boxes.ts';
import type { Scene } from './draw.ts';
import { fitText } from './fit-text.ts';
import { FAINT, NONE, STALE, type HostMarks } from './marks.ts';
import type { Palette } from './palette.ts';
import type { View } from './view.ts';

/** What to write, in the reader's language. */
export type MapWords = {
  site(site: string): string;
  /** The figures of a whole site, one line. */
  siteFigures(site: SiteBox): string;
  /** What a host is, one line; or why it is not online. */
  host(host: Host): string;
  share(share: Percent | null): string;
  name(of: Host | Vm): string;
  link(host: Host): Sign;
  state(vm: Vm): Sign;
  hostShare(host: Host): Percent | null;
  /** The figure of a VM, or its state when there is none. */
  vm(host: Host, vm: Vm): string;
};
/** A tile large enough for words, on the screen. */
export type Label = Box & { readonly host: Host; readonly id: VmId; readonly mark: number };

const HEAD = 46;
/** A head lower than this on the screen has no words. */
const LEAST_HEAD = 15;
const MOST_HEAD = HEAD * 1.25;
const FAINT_ALPHA = 0.25;

const setFont = (ctx: CanvasRenderingContext2D, weight: number, size: number, { font }: Palette): void => {
  ctx.font = `${weight} ${size}px ${font}`;
};

/** The name stays in sight while its site is, so that it is always known where one is. */
export function drawSiteHead(
  ctx: CanvasRenderingContext2D,
  site: SiteBox,
  panel: Box,
  { palette, words }: Scene,
  view: View
): void {
  const head = site.head * view.zoom;
  if (head < 13 || panel.y + head < 0 || panel.width < 50) return;
  const size = Math.round(Math.min(15, Math.max(10, head * 0.47)));
  const left = Math.max(panel.x, 0) + 14;
  const right = Math.min(panel.x + panel.width, view.width) - 14;
  const baseline = panel.y + head - Math.min(head * 0.3, 10);
  setFont(ctx, 620, size, palette);
  ctx.fillStyle = palette.text;
  ctx.textAlign = 'left';
  const figures = right - left > 250;
  ctx.fillText(fitText(words.site(site.site), (right - left) * (figures ? 0.5 : 1), size), left, baseline);
  if (!figures) return;
  setFont(ctx, 400, 12, palette);
  ctx.fillStyle = palette.muted;
  ctx.textAlign = 'right';
  ctx.fillText(words.siteFigures(site), right, baseline);
}

/** State, name, kind, load and its bar; in a low head only the bar, as high as it can be. */
export function drawHead(
  ctx: CanvasRenderingContext2D,
  { host, box, mark }: HostMarks,
  card: Box,
  scene: Scene,
  zoom: number
): void {
  const palette = (mark & STALE) > 0 ? scene.stale : scene.palette;
  const head = Math.min(MOST_HEAD, box.head * zoom);
  const unit = head / HEAD;
  ctx.globalAlpha = (mark & FAINT) > 0 ? FAINT_ALPHA : 1;
  const worded = head >= LEAST_HEAD;
  const load = scene.words.hostShare(host);
  const [gap, top, height] = worded ? [12 * unit, head * 0.68, 5 * unit] : [card.width * 0.06, head * 0.3, head * 0.4];
  drawBar(ctx, { x: card.x + gap, y: card.y + top, width: card.width - 2 * gap, height }, load, palette);
  if (!worded || card.width < 40) return;
  const size = Math.max(10, Math.round(13 * unit));
  const baseline = card.y + head * 0.49;
  const sign = scene.words.link(host);
  drawSign(ctx, sign.shape, card.x + 16 * unit, card.y + head * 0.39, unit, palette.tones[sign.tone]);
  setFont(ctx, 620, size, palette);
  ctx.fillStyle = palette.text;
  ctx.textAlign = 'right';
  const figure = scene.words.share(load);
  const roomy = card.width > 110;
  if (roomy) ctx.fillText(figure, card.x + card.width - 12 * unit, baseline);
  ctx.textAlign = 'left';
  const left = card.x + 27 * unit;
  const right = card.x + card.width - 12 * unit - (roomy ? size * 3.6 : 0);
  const name = fitText(scene.words.name(host), right - left, size);
  ctx.fillText(name, left, baseline);
  const after = left + ctx.measureText(name).width + 8 * unit;
  if (right - after < 40) return;
  const small = Math.max(9, Math.round(12 * unit));
  setFont(ctx, 400, small, palette);
  ctx.fillStyle = palette.muted;
  ctx.fillText(fitText(scene.words.host(host), right - after, small), after, baseline);
}

function drawBar(ctx: CanvasRenderingContext2D, bar: Box, load: Percent | null, palette: Palette): void {
  if (bar.width < 2 || bar.height < 0.5) return;
  const fill = (width: number, colour: string): void => {
    ctx.fillStyle = colour;
    if (bar.height < 3) {
      ctx.fillRect(bar.x, bar.y, width, bar.height);
      return;
    }
    ctx.beginPath();
    ctx.roundRect(bar.x, bar.y, width, bar.height, bar.height / 2);
    ctx.fill();
  };
  fill(bar.width, palette.sunken);
  if (load !== null && load > 0) fill((bar.width * load) / 100, palette.load[barStep(load)] ?? '');
}

/** All names first, then all figures: a change of font costs more than a word. */
export function drawTileWords(ctx: CanvasRenderingContext2D, labels: readonly Label[], scene: Scene): void {
  ctx.textAlign = 'left';
  setFont(ctx, 620, 12, scene.palette);
  for (const label of labels) {
    const vm = label.host.vms.get(label.id);
    if (vm === undefined) continue;
    inkFor(ctx, label, scene);
    const middle = label.y + Math.min(14, label.height / 2);
    drawSign(ctx, scene.words.state(vm).shape, label.x + 12, middle, 1, ctx.fillStyle as string);
    const name = fitText(scene.words.name(vm), label.width - 25);
    if (name !== '') ctx.fillText(name, label.x + 21, middle + 4.5);
  }
  setFont(ctx, 400, 11, scene.palette);
  for (const label of labels) {
    const vm = label.host.vms.get(label.id);
    if (vm === undefined || label.width <= 50 || label.height <= 40) continue;
    inkFor(ctx, label, scene);
    ctx.fillText(fitText(scene.words.vm(label.host, vm), label.width - 14, 11), label.x + 9, label.y + 35);
  }
}

function inkFor(ctx: CanvasRenderingContext2D, { mark }: Label, scene: Scene): void {
  const palette = (mark & STALE) > 0 ? scene.stale : scene.palette;
  ctx.globalAlpha = (mark & FAINT) > 0 ? FAINT_ALPHA : 1;
  ctx.fillStyle = (mark & 7) === NONE ? palette.muted : (palette.ink[mark & 7] ?? '');
}

/** A state's shape, the same as StateDot's; `x`, `y` is its middle. */
function drawSign(ctx: CanvasRenderingContext2D, shape: Shape, x: number, y: number, unit: number, ink: string): void {
  ctx.fillStyle = ink;
  ctx.strokeStyle = ink;
  ctx.beginPath();
  switch (shape) {
    case 'full':
      ctx.arc(x, y, 4 * unit, 0, 2 * Math.PI);
      ctx.fill();
      return;
    case 'square':
      ctx.rect(x - 3.6 * unit, y - 3.6 * unit, 7.2 * unit, 7.2 * unit);
      ctx.fill();
      return;
    case 'frame':
      ctx.rect(x - 3.2 * unit, y - 3.2 * unit, 6.4 * unit, 6.4 * unit);
      break;
    case 'hollow':
      ctx.arc(x, y, 3.4 * unit, 0, 2 * Math.PI);
      break;
    case 'ring':
      ctx.arc(x, y, 3.4 * unit, 0, 1.4 * Math.PI);
      break;
    case 'cross':
      for (const [dx, dy] of [
        [3.4, 3.4],
        [3.4, -3.4]
      ] as const) {
        ctx.moveTo(x - dx * unit, y - dy * unit);
        ctx.lineTo(x + dx * unit, y + dy * unit);
      }
      break;
    case 'question':
      // A hook and a dot, so that the font need not change.
      ctx.arc(x, y - 2 * unit, 2.4 * unit, Math.PI, 2.5 * Math.PI);
      ctx.lineTo(x, y + 2 * unit);
      ctx.moveTo(x, y + 4.2 * unit);
      ctx.lineTo(x, y + 5 * unit);
  }
  ctx.lineWidth = 1.7 * unit;
  ctx.stroke();
}
