import { expect, test } from 'vitest';
import '../app.css';
import type { Box } from './boxes.ts';
import { drawArrows, labelSize, type Arrow } from './draw-overlay.ts';
import { readPalette } from './palette.ts';
import { along, routes } from './route.ts';

const [WIDTH, HEIGHT] = [600, 300];
const VIEW = { x: 0, y: 0, zoom: 1, width: WIDTH, height: HEIGHT, ratio: 1 };
const ARROW: Arrow = {
  from: { x: 20, y: 100, width: 100, height: 100 },
  to: { x: 480, y: 100, width: 100, height: 100 },
  ...{ label: 'web-1 · 40 %', far: 0.4, part: null, travels: true, quiet: false }
};

/** How many pixels are drawn on in a box. */
function drawn(arrow: Arrow, words: readonly Box[]) {
  const canvas = document.createElement('canvas');
  [canvas.width, canvas.height] = [WIDTH, HEIGHT];
  const ctx = canvas.getContext('2d', { willReadFrequently: true });
  if (ctx === null) throw new Error('no canvas');
  const wish = { from: arrow.from, to: arrow.to, label: labelSize(arrow) };
  const ways = routes([wish], words, { x: 0, y: 0, width: WIDTH, height: HEIGHT });
  drawArrows(ctx, [arrow], ways, words, readPalette(document.documentElement), VIEW);
  const inked = ({ x, y, width, height }: Box): number => {
    const { data } = ctx.getImageData(x, y, width, height);
    return data.filter((value, at) => at % 4 === 3 && value > 0).length;
  };
  const curve = ways[0]?.curve;
  if (curve === undefined) throw new Error('no route');
  const about = (t: number): number => {
    const [x, y] = along(curve, t).map(Math.round);
    return inked({ x: (x ?? 0) - 8, y: (y ?? 0) - 8, width: 16, height: 16 });
  };
  return { inked, about };
}

test('what is written stays to be read where an arrow cannot but cross it', () => {
  // Nothing leads around it.
  const wall = { x: 200, y: 0, width: 60, height: HEIGHT };
  const named = { ...ARROW, label: '' };
  expect(drawn(named, [wall]).inked(wall)).toBe(0);
  expect(drawn(named, []).inked(wall)).toBeGreaterThan(0);
});

test('the part of the way that is done is drawn thick, with a dot at its end', () => {
  const { about } = drawn({ ...ARROW, label: '' }, []);
  expect(about(0.2)).toBeGreaterThan(1.5 * about(0.7));
  expect(about(0.4)).toBeGreaterThan(1.5 * about(0.2));
});

test('how far nobody knows, nothing is said of it', () => {
  const { about } = drawn({ ...ARROW, label: '', far: null }, []);
  expect(about(0.2)).toBeLessThan(1.5 * about(0.7));
});

test('one that is still to come is fainter than one under way', () => {
  const all = { x: 0, y: 0, width: WIDTH, height: HEIGHT };
  const under = { ...ARROW, label: '', far: null };
  expect(drawn(under, []).inked(all)).toBeGreaterThan(1.5 * drawn({ ...under, quiet: true }, []).inked(all));
});
