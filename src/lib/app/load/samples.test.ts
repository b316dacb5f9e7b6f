import { expect, test } from 'vitest';
import type { HostLoad } from '#lib/model/fleet.ts';
import { millis, percent } from '#lib/model/units.ts';
import { series } from './samples.ts';

const load = (seconds: number, cpu: number | null): HostLoad => ({
  at: millis(seconds * 1000),
  cpu: cpu === null ? null : percent(cpu),
  memoryUsed: null,
  diskRead: null,
  diskWrite: null,
  netReceive: null,
  netTransmit: null
});
const known = (values: readonly (number | null)[]) => values.slice(values.findIndex((value) => value !== null));

test('a gap in time is a gap in the line, and an absent figure is not nought', () => {
  const samples = [load(0, 10), load(2, 20), load(60, 30), load(62, null)];
  expect(known(series(samples, (sample) => sample.cpu))).toEqual([10, 20, null, 30, null]);
});

test('many samples are thinned to their means', () => {
  const samples = Array.from({ length: 240 }, (_, n) => load(n * 2, n % 2 === 0 ? 0 : 100));
  expect(new Set(series(samples, (sample) => sample.cpu, 120))).toEqual(new Set([50]));
});

test('a young chart is empty on the left', () => {
  const values = series([load(0, 5)], (sample) => sample.cpu);
  expect(values).toHaveLength(12);
  expect(values.at(-1)).toBe(5);
  expect(values[0]).toBeNull();
});
