import { expect, test } from 'vitest';
import { alone, bridged, digest, stepAt, stepIn } from './readings.ts';

const AT = Float64Array.of(100, 110, 120, 130);

test('the crosshair is in the step that has begun and not ended', () => {
  expect([99, 100, 109, 110, 139, 140].map((time) => stepAt(AT, 10, time))).toEqual([-1, 0, 0, 1, 3, -1]);
  expect(stepAt(new Float64Array(), 10, 100)).toBe(-1);
});

test('the crosshair stays on steps that are shown', () => {
  const within = (time: number) => stepIn(AT, 10, { from: 105, to: 130 }, time);
  expect([0, 105, 115, 125, 500].map(within)).toEqual([110, 110, 110, 120, 120]);
  expect(stepIn(AT, 10, { from: 140, to: 200 }, 150)).toBeNull();
  expect(stepIn(new Float64Array(), 10, { from: 0, to: 200 }, 150)).toBeNull();
});

test('figures are of what is known of the steps shown', () => {
  const values = [9, 2, null, 4];
  expect(digest(AT, values, { from: 110, to: 140 })).toEqual({ last: 4, least: 2, most: 4, mean: 3 });
  expect(digest(AT, values, { from: 110, to: 130 })).toEqual({ last: 2, least: 2, most: 2, mean: 2 });
  expect(digest(AT, values, { from: 120, to: 130 })).toBeNull();
});

test('nought is a figure', () => {
  expect(digest(AT, [0, 0, null, 0], { from: 0, to: 200 })).toEqual({ last: 0, least: 0, most: 0, mean: 0 });
});

test('a gap is a gap, but for a single step that a reading missed', () => {
  expect(bridged([null, 1, null, 2, null, null, 3, null])).toEqual([null, 1, undefined, 2, null, null, 3, null]);
});

test('what no line shows is shown as a point', () => {
  expect(alone([1, null, null, 2, null, null, 3, null, 4])).toEqual([0, 3]);
  expect(alone([1, 2, null])).toEqual([]);
});
