// What lies over the map: outlines of what is selected, pointed at and walked to, and the arrows of VMs that move.
import { easeCubicInOut } from 'd3';
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

type Point = readonly [number, number];
const middle = ({ x, y, width, height }: Box): Point => [x + width / 2, y + height / 2];

/** From the middle of one box to that of the other, bent upwards: start, control point, end of a quadratic curve. */
function bow(from: Box, to: Box): readonly [Point, Point, Point] {
  const [x0, y0] = middle(from);
  const [x1, y1] = middle(to);
  const bend: Point = [(x0 + x1) / 2 + (y1 - y0) * 0.2, (y0 + y1) / 2 - Math.abs(x1 - x0) * 0.2];
  return [[x0, y0], bend, [x1, y1]];
}

/** A point of that curve, `t` 0..1. */
function along([start, bend, end]: readonly [Point, Point, Point], t: number): Point {
  const at = (of: 0 | 1): number => (1 - t) ** 2 * start[of] + 2 * t * (1 - t) * bend[of] + t * t * end[of];
  return [at(0), at(1)];
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
    const curve = bow(from, to);
    const [start, bend, end] = curve;
    ctx.beginPath();
    ctx.moveTo(...start);
    ctx.quadraticCurveTo(...bend, ...end);
    ctx.stroke();
    ctx.setLineDash([]);
    drawPoint(ctx, along(curve, 0.95), end, palette);
    if (part !== null && travels) {
      const t = easeCubicInOut(part);
      const size = (a: number, b: number): number => a + (b - a) * t;
      drawTraveller(ctx, along(curve, t), size(from.width, to.width), size(from.height, to.height), palette);
    }
    drawLabel(ctx, label, along(curve, 0.5), palette);
  }
  ctx.globalAlpha = 1;
}

function drawPoint(ctx: CanvasRenderingContext2D, [x0, y0]: Point, [x1, y1]: Point, palette: Palette): void {
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

function drawTraveller(
  ctx: CanvasRenderingContext2D,
  [x, y]: Point,
  width: number,
  height: number,
  palette: Palette
): void {
  ctx.beginPath();
  ctx.roundRect(x - width / 2, y - height / 2, width, height, Math.min(6, width / 4, height / 4));
  ctx.fillStyle = palette.tones.info;
  ctx.globalAlpha = 0.55;
  ctx.fill();
  ctx.globalAlpha = 1;
}

function drawLabel(ctx: CanvasRenderingContext2D, label: string, [x, y]: Point, palette: Palette): void {
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
