// What lies over the map: outlines of what is selected, pointed at and walked to, and the arrows of VMs that move.
import { easeCubicInOut } from 'd3';
import type { Box } from './boxes.ts';
import { textWidth } from './fit-text.ts';
import type { Palette } from './palette.ts';
import { along, upTo, type Curve, type Point, type Route } from './route.ts';
import { onScreen, type View } from './view.ts';

export type Outline = { readonly box: Box; readonly kind: 'selected' | 'pointed' | 'walked' };
export type Arrow = {
  readonly from: Box;
  readonly to: Box;
  /** The name of the VM and how far it is, beside the arrow. */
  readonly label: string;
  /** How far it is on its way, 0..1, as its host says; null where nobody knows, and of one that has arrived. */
  readonly far: number | null;
  /** Of one that has arrived: how much of the arrow it has been drawn along, 0..1; null of all others. */
  readonly part: number | null;
  /** Without travel, the arrow only fades. */
  readonly travels: boolean;
  /** Of a move that has not begun: fainter than the others. */
  readonly quiet: boolean;
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

/** Px about the words of a label. */
const LABEL = { across: 22, height: 22 };

/** Px that the label of an arrow takes, as near as can be told before it is drawn. */
export const labelSize = ({ label }: Arrow): Point =>
  label === '' ? [0, 0] : [textWidth(label, 11.5) + LABEL.across, LABEL.height];

/** @param routes for each arrow, and @param words what is written on the map, under which the arrows pass; on the screen */
export function drawArrows(
  ctx: CanvasRenderingContext2D,
  arrows: readonly Arrow[],
  routes: readonly Route[],
  words: readonly Box[],
  palette: Palette,
  view: View
): void {
  ctx.save();
  ctx.beginPath();
  ctx.rect(0, 0, view.width, view.height);
  for (const { x, y, width, height } of words) ctx.rect(x, y, width, height);
  ctx.clip('evenodd');
  for (const [at, { part, travels, far, quiet }] of arrows.entries()) {
    const route = routes[at];
    if (route === undefined) continue;
    const { curve } = route;
    ctx.globalAlpha = quiet ? 0.55 : part === null || travels ? 1 : 1 - part;
    ctx.strokeStyle = palette.tones.info;
    ctx.lineWidth = quiet ? 1.25 : 2;
    ctx.setLineDash(quiet ? [2, 4] : [5, 4]);
    stroke(ctx, curve);
    ctx.setLineDash([]);
    drawPoint(ctx, along(curve, 0.95), curve[2], palette);
    if (far !== null) drawFar(ctx, curve, far, palette);
  }
  ctx.restore();
  // No line of another goes over them.
  ctx.textAlign = 'center';
  for (const [at, { label, part, travels, from: source, to: target }] of arrows.entries()) {
    const route = routes[at];
    if (route === undefined) continue;
    if (part !== null && travels) {
      const [from, to] = [onScreen(source, view), onScreen(target, view)];
      const t = easeCubicInOut(part);
      const size = (a: number, b: number): number => a + (b - a) * t;
      drawTraveller(ctx, along(route.curve, t), size(from.width, to.width), size(from.height, to.height), palette);
    }
    ctx.globalAlpha = part === null || travels ? 1 : 1 - part;
    drawLabel(ctx, label, route.label, palette);
  }
  ctx.globalAlpha = 1;
}

function stroke(ctx: CanvasRenderingContext2D, [start, bend, end]: Curve): void {
  ctx.beginPath();
  ctx.moveTo(...start);
  ctx.quadraticCurveTo(...bend, ...end);
  ctx.stroke();
}

/** The part of the way that is done, and a dot at its end. */
function drawFar(ctx: CanvasRenderingContext2D, curve: Curve, far: number, palette: Palette): void {
  ctx.lineWidth = 4;
  ctx.lineCap = 'round';
  const done = upTo(curve, far);
  stroke(ctx, done);
  ctx.lineCap = 'butt';
  ctx.beginPath();
  ctx.arc(...done[2], 6, 0, 2 * Math.PI);
  ctx.fillStyle = palette.tones.info;
  ctx.fill();
  ctx.lineWidth = 2;
  ctx.strokeStyle = palette.surface;
  ctx.stroke();
  ctx.strokeStyle = palette.tones.info;
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
  const width = ctx.measureText(label).width + LABEL.across;
  ctx.beginPath();
  ctx.roundRect(x - width / 2, y - LABEL.height / 2, width, LABEL.height, LABEL.height / 2);
  ctx.fillStyle = palette.surface;
  ctx.fill();
  ctx.lineWidth = 1;
  ctx.strokeStyle = palette.tones.info;
  ctx.stroke();
  ctx.fillStyle = palette.tones.info;
  ctx.fillText(label, x, y + 4);
}
