// What lies over the map: outlines of what is selected, pointed at and walked to, and the arrows of VMs that move.
import { easeCubicInOut, interpolateObject } from 'd3';
import type { Box } from './boxes.ts';
import type { Palette } from './palette.ts';
import { onScreen, type View } from './view.ts';

export type Outline = { readonly box: Box; readonly kind: 'selected' | 'pointed' | 'walked' };
export type Arrow = {
  readonly from: Box;
  readonly to: Box;
  /** The name of the VM, beside the arrow. */
  readonly label: string;
  /** How far it has come, 0..1; null while nobody knows. */
  readonly part: number | null;
  /** Without travel, the arrow only fades. */
  readonly travels: boolean;
};

export function drawOutlines(
  ctx: CanvasRenderingContext2D,
  outlines: readonly Outline[],
  palette: Palette,
  view: View
): void {
  for (const { box, kind } of outlines) {
    const { x, y, width, height } = onScreen(box, view);
    const away = kind === 'walked' ? 3 : kind === 'selected' ? 0 : -0.5;
    ctx.beginPath();
    const radius = Math.min(kind === 'walked' ? 9 : 7, width / 4, height / 4);
    ctx.roundRect(x - away, y - away, width + 2 * away, height + 2 * away, radius);
    ctx.lineWidth = kind === 'pointed' ? 1.5 : 2.5;
    ctx.strokeStyle = kind === 'pointed' ? palette.muted : palette.accent;
    ctx.stroke();
  }
}

const middle = ({ x, y, width, height }: Box): readonly [number, number] => [x + width / 2, y + height / 2];

/** A point of the bow from one box to the other, `t` 0..1; it bends to the left of its way. */
export function onBow(from: Box, to: Box, t: number): readonly [number, number] {
  const [x0, y0] = middle(from);
  const [x1, y1] = middle(to);
  const [cx, cy] = [(x0 + x1) / 2 + (y1 - y0) * 0.2, (y0 + y1) / 2 - Math.abs(x1 - x0) * 0.2];
  const at = (a: number, c: number, b: number): number => (1 - t) ** 2 * a + 2 * t * (1 - t) * c + t * t * b;
  return [at(x0, cx, x1), at(y0, cy, y1)];
}

export function drawArrows(
  ctx: CanvasRenderingContext2D,
  arrows: readonly Arrow[],
  palette: Palette,
  view: View
): void {
  ctx.textAlign = 'center';
  for (const { from: source, to: target, label, part, travels } of arrows) {
    const [from, to] = [onScreen(source, view), onScreen(target, view)];
    ctx.globalAlpha = part === null || travels ? 1 : 1 - part;
    ctx.strokeStyle = palette.tones.info;
    ctx.lineWidth = 2;
    ctx.setLineDash([5, 4]);
    ctx.beginPath();
    ctx.moveTo(...onBow(from, to, 0));
    for (let t = 0.05; t < 0.98; t += 0.05) ctx.lineTo(...onBow(from, to, t));
    ctx.stroke();
    ctx.setLineDash([]);
    drawPoint(ctx, onBow(from, to, 0.93), onBow(from, to, 1), palette);
    if (part !== null && travels) drawTraveller(ctx, from, to, easeCubicInOut(part), palette);
    drawLabel(ctx, label, onBow(from, to, 0.5), palette);
  }
  ctx.globalAlpha = 1;
}

function drawPoint(
  ctx: CanvasRenderingContext2D,
  [x0, y0]: readonly [number, number],
  [x1, y1]: readonly [number, number],
  palette: Palette
): void {
  const angle = Math.atan2(y1 - y0, x1 - x0);
  ctx.beginPath();
  ctx.moveTo(x1, y1);
  for (const side of [-1, 1]) {
    const turned = angle + Math.PI + side * 0.42;
    ctx.lineTo(x1 + 11 * Math.cos(turned), y1 + 11 * Math.sin(turned));
  }
  ctx.closePath();
  ctx.fillStyle = palette.tones.info;
  ctx.fill();
}

function drawTraveller(ctx: CanvasRenderingContext2D, from: Box, to: Box, t: number, palette: Palette): void {
  const { width, height } = interpolateObject(from, to)(t);
  const [x, y] = onBow(from, to, t);
  ctx.beginPath();
  ctx.roundRect(x - width / 2, y - height / 2, width, height, Math.min(6, width / 4, height / 4));
  ctx.fillStyle = palette.tones.info;
  ctx.globalAlpha = 0.55;
  ctx.fill();
  ctx.globalAlpha = 1;
}

function drawLabel(
  ctx: CanvasRenderingContext2D,
  label: string,
  [x, y]: readonly [number, number],
  palette: Palette
): void {
  if (label === '') return;
  ctx.font = `500 11.5px ${palette.font}`;
  const width = ctx.measureText(label).width + 22;
  ctx.beginPath();
  ctx.roundRect(x - width / 2, y - 11, width, 22, 11);
  ctx.fillStyle = palette.surface;
  ctx.fill();
  ctx.lineWidth = 1;
  ctx.strokeStyle = palette.tones.info;
  ctx.stroke();
  ctx.fillStyle = palette.tones.info;
  ctx.fillText(label, x, y + 4);
}
