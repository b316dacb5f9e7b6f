import { expect, test } from 'vitest';
import type { HostLoad } from '#lib/model/fleet.ts';
import type { HostId } from '#lib/model/ids.ts';
import { millis, percent } from '#lib/model/units.ts';
import { aFleet, aHost } from '../../../tests/support/a-fleet.ts';
import { LoadHistory, series } from './load-history.ts';

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

test('each figure is taken once, however often a fleet shows it, and half an hour is kept', () => {
  const history = new LoadHistory();
  for (let n = 0; n < 1000; n++) {
    const fleet = aFleet(aHost('n1', [], { load: load(n * 2, n % 100) }));
    history.feed(fleet);
    history.feed(fleet);
  }
  const samples = history.of('n1' as HostId);
  expect(samples).toHaveLength(900);
  expect(samples.at(-1)?.at).toBe(1998_000);
  expect(history.of('n2' as HostId)).toEqual([]);
});

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
  expect(values).toHaveLength(60);
  expect(values.at(-1)).toBe(5);
  expect(values[0]).toBeNull();
});
