// The way of an arrow over the map, and the place of its label: past what is written there, as far as that can be. Pure.
import { contains, type Box } from './boxes.ts';

export type Point = readonly [number, number];
/** Start, control point and end of a quadratic curve. */
export type Curve = readonly [Point, Point, Point];
export type Route = { readonly curve: Curve; /** The middle of the label. */ readonly label: Point };
export type Wish = {
  readonly from: Box;
  readonly to: Box;
  /** Width and height of its label. */ readonly label: Point;
};

/** Of its length across: how far the arrow is bent to a side, the usual first. */
const BENDS = [-0.2, 0.2, 0, -0.4, 0.4, -0.65, 0.65];
/** Where in a box it ends, in parts of it: words stand at the top. */
const ENDS: readonly Point[] = [
  [0.5, 0.7],
  [0.5, 0.93],
  [0.15, 0.85],
  [0.85, 0.85]
];
/** Where on the curve the label may stand. */
const PLACES = [0.5, 0.4, 0.6, 0.3, 0.7, 0.2, 0.8];
/** Points of the curve that are looked at. */
const SAMPLES = 32;
/** Px of a side of the squares in which words are looked for. */
const CELL = 64;
/** Px that are kept from words. */
const AWAY = 3;
/** More arrows than this cannot be read one by one: they take the usual way. */
const MOST = 16;

/** A point of the curve, `t` 0..1. */
export function along([start, bend, end]: Curve, t: number): Point {
  const at = (of: 0 | 1): number => (1 - t) ** 2 * start[of] + 2 * t * (1 - t) * bend[of] + t * t * end[of];
  return [at(0), at(1)];
}

/** Its beginning up to `t`. */
export function upTo([start, bend, end]: Curve, t: number): Curve {
  const half: Point = [start[0] + (bend[0] - start[0]) * t, start[1] + (bend[1] - start[1]) * t];
  return [start, half, along([start, bend, end], t)];
}

/** @param words what is written, and @param frame what is seen; all in one measure. One route for each wish. */
export function routes(wishes: readonly Wish[], words: readonly Box[], frame: Box): readonly Route[] {
  const labels: Box[] = [];
  const isWritten = lookup(words.map((box) => grown(box, AWAY)));
  return wishes.map((wish) => {
    const curve = wishes.length > MOST ? curveOf(wish, ENDS[0] ?? [0.5, 0.5], -0.2) : bestCurve(wish, isWritten, frame);
    const label = bestLabel(curve, wish.label, [...words, ...labels], frame);
    labels.push(around(label, wish.label));
    return { curve, label };
  });
}

function curveOf({ from, to }: Wish, [across, down]: Point, bend: number): Curve {
  const [x0, y0] = [from.x + from.width / 2, from.y + from.height * 0.7];
  const [x1, y1] = [to.x + to.width * across, to.y + to.height * down];
  // To the same side of the map whichever way it goes.
  const side = x1 < x0 ? -bend : bend;
  return [
    [x0, y0],
    [(x0 + x1) / 2 - (y1 - y0) * side, (y0 + y1) / 2 + (x1 - x0) * side],
    [x1, y1]
  ];
}

type AtPoint = (x: number, y: number) => boolean;

/** Whether a point lies in one of the boxes: of many, only those about it are looked at. */
function lookup(boxes: readonly Box[]): AtPoint {
  const cells = new Map<number, Box[]>();
  const cell = (x: number, y: number): number => Math.floor(y / CELL) * 65_536 + Math.floor(x / CELL);
  for (const box of boxes)
    for (let y = box.y; y < box.y + box.height + CELL; y += CELL)
      for (let x = box.x; x < box.x + box.width + CELL; x += CELL) {
        const key = cell(x, y);
        const there = cells.get(key);
        if (there === undefined) cells.set(key, [box]);
        else there.push(box);
      }
  return (x, y) => cells.get(cell(x, y))?.some((box) => contains(box, x, y)) ?? false;
}

function bestCurve(wish: Wish, isWritten: AtPoint, frame: Box): Curve {
  let best: { readonly curve: Curve; readonly cost: number } | null = null;
  for (const [rank, end] of ENDS.entries())
    for (const [turn, bend] of BENDS.entries()) {
      // A little for each step from the usual, so that the usual is taken where it does no harm.
      const least = 0.1 * (rank + turn);
      const most = best === null ? Infinity : best.cost - least;
      if (most <= 0) continue;
      const curve = curveOf(wish, end, bend);
      const found = crossed(curve, isWritten, frame, most);
      if (found < most) best = { curve, cost: found + least };
    }
  return best?.curve ?? curveOf(wish, [0.5, 0.5], 0);
}

/** Points of it that lie on words, and those out of sight; not counted beyond `most`. */
function crossed(curve: Curve, isWritten: AtPoint, frame: Box, most: number): number {
  let found = 0;
  for (let at = 0; at <= SAMPLES && found < most; at++) {
    const [x, y] = along(curve, at / SAMPLES);
    if (isWritten(x, y)) found += 1;
    if (!contains(frame, x, y)) found += 2;
  }
  return found;
}

function bestLabel(curve: Curve, size: Point, words: readonly Box[], frame: Box): Point {
  let best: { readonly at: Point; readonly cost: number } | null = null;
  for (const [turn, place] of PLACES.entries()) {
    const at = within(along(curve, place), size, frame);
    const box = around(at, size);
    const cost = words.reduce((sum, other) => sum + overlap(box, other), 0) + turn;
    if (best === null || cost < best.cost) best = { at, cost };
  }
  return best?.at ?? curve[0];
}

const grown = ({ x, y, width, height }: Box, by: number): Box => ({
  ...{ x: x - by, y: y - by },
  ...{ width: width + 2 * by, height: height + 2 * by }
});
const around = ([x, y]: Point, [width, height]: Point): Box => ({
  ...{ x: x - width / 2, y: y - height / 2 },
  ...{ width, height }
});
const within = ([x, y]: Point, [width, height]: Point, frame: Box): Point => {
  const clamp = (value: number, from: number, to: number): number => Math.max(from, Math.min(to, value));
  return [
    clamp(x, frame.x + width / 2 + 2, frame.x + frame.width - width / 2 - 2),
    clamp(y, frame.y + height / 2 + 2, frame.y + frame.height - height / 2 - 2)
  ];
};
const shared = (a: number, along: number, b: number, other: number): number =>
  Math.max(0, Math.min(a + along, b + other) - Math.max(a, b));
const overlap = (a: Box, b: Box): number => shared(a.x, a.width, b.x, b.width) * shared(a.y, a.height, b.y, b.height);
