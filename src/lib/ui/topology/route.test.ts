import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { contains, type Box } from './boxes.ts';
import { along, routes, upTo, type Curve } from './route.ts';

const FRAME: Box = { x: 0, y: 0, width: 1000, height: 600 };
const box = (x: number, y: number, width: number, height: number): Box => ({ x, y, width, height });
/** Names over the upper part of a tile. */
const nameOf = ({ x, y, width }: Box): Box => ({ x, y, width, height: 24 });
const points = (curve: Curve): (readonly [number, number])[] =>
  Array.from({ length: 101 }, (_, at) => along(curve, at / 100));
const LABEL = [100, 22] as const;
const wish = (from: Box, to: Box) => ({ from, to, label: LABEL });
const lies = (label: readonly [number, number]): Box => box(label[0] - 50, label[1] - 11, 100, 22);
const meet = (a: Box, b: Box): boolean =>
  a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;

test('an arrow and its label keep off the names between two tiles', () => {
  const tiles = [0, 1, 2, 3, 4].map((at) => box(20 + 190 * at, 100, 180, 80));
  const words = tiles.map(nameOf);
  const [first, last] = [tiles[0] ?? FRAME, tiles[4] ?? FRAME];
  for (const [from, to] of [
    [first, last],
    [last, first]
  ] as const) {
    const [route] = routes([wish(from, to)], words, FRAME);
    if (route === undefined) throw new Error('no route');
    for (const word of words) {
      expect(points(route.curve).filter(([x, y]) => contains(word, x, y))).toEqual([]);
      expect(meet(lies(route.label), word)).toBe(false);
    }
  }
});

test('two arrows of one way have their labels apart', () => {
  const [from, to] = [box(20, 100, 100, 80), box(800, 100, 100, 80)];
  const [one, other] = routes([wish(from, to), wish(from, to)], [], FRAME);
  if (one === undefined || other === undefined) throw new Error('no route');
  expect(meet(lies(one.label), lies(other.label))).toBe(false);
});

const anyBox = fc
  .tuple(fc.integer({ min: 0, max: 900 }), fc.integer({ min: 0, max: 500 }), fc.integer({ min: 1, max: 100 }))
  .map(([x, y, size]) => box(x, y, size, size));

test('whatever is written where, each arrow goes from its box to its box, and its label is in sight', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(anyBox, anyBox), { minLength: 1, maxLength: 20 }),
      fc.array(anyBox, { maxLength: 40 }),
      (pairs, words) => {
        const found = routes(
          pairs.map(([from, to]) => wish(from, to)),
          words,
          FRAME
        );
        expect(found).toHaveLength(pairs.length);
        for (const [at, { curve, label }] of found.entries()) {
          const [from = FRAME, to = FRAME] = pairs[at] ?? [];
          expect(contains(from, ...curve[0])).toBe(true);
          expect(contains(to, ...curve[2])).toBe(true);
          const { x, y, width, height } = lies(label);
          expect(contains(FRAME, x, y) && contains(FRAME, x + width, y + height)).toBe(true);
        }
      }
    )
  );
});

test('the done part of a curve lies on it and ends where it is done', () => {
  const curve: Curve = [
    [0, 0],
    [50, -80],
    [100, 0]
  ];
  const part = upTo(curve, 0.4);
  for (const t of [0, 0.25, 0.5, 1]) {
    const [a, b] = [along(part, t), along(curve, 0.4 * t)];
    expect(a[0]).toBeCloseTo(b[0]);
    expect(a[1]).toBeCloseTo(b[1]);
  }
});
