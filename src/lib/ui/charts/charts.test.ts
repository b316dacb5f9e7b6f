import { expect, test } from 'vitest';
import { LoadGrid, type LoadSeries } from '#lib/app/load/series.ts';
import { en } from '#lib/messages/en.ts';
import { bytesPerSecond, mib, millis, percent } from '#lib/model/units.ts';
import { chartsOf, nowOf, type Now } from './charts.ts';

const NOTHING: Now = {
  cpu: null,
  memoryUsed: null,
  diskRead: null,
  diskWrite: null,
  netReceive: null,
  netTransmit: null
};

function seriesOf(...loads: readonly Partial<Now>[]): LoadSeries {
  const grid = new LoadGrid(millis(10_000), 10);
  for (const [n, load] of loads.entries()) grid.add({ ...NOTHING, ...load, at: millis(n * 10_000) });
  return grid.series();
}
const ALL = { from: 0, to: 100_000 };

test('memory has room for all of it, or for more where more was used', () => {
  const [, memory] = chartsOf(en, seriesOf({ memoryUsed: mib(100) }), ALL, 512, null);
  expect(memory?.top).toBe(512);
  const [, more] = chartsOf(en, seriesOf({ memoryUsed: mib(800) }), ALL, 512, null);
  expect(more?.top).toBe(800);
});

test('rates have room for the largest of what is shown, and a whisper does not look like a storm', () => {
  const series = seriesOf({ diskWrite: bytesPerSecond(7e6) }, { diskRead: bytesPerSecond(20), diskWrite: null });
  expect(chartsOf(en, series, ALL, null, null)[2]?.top).toBe(7e6);
  expect(chartsOf(en, series, { from: 10_000, to: 20_000 }, null, null)[2]?.top).toBe(100_000);
});

test('a figure that does not exist is absent, not nought', () => {
  const [cpu, , , network] = chartsOf(en, seriesOf({ cpu: percent(0) }), ALL, null, NOTHING);
  expect(cpu?.lines[0]?.digest?.mean).toBe(0);
  expect(network?.lines.map(({ now, digest }) => [now, digest])).toEqual([
    [null, null],
    [null, null]
  ]);
  expect(network?.write(network.lines[0]?.now ?? null)).toBe('–');
});

test('hosts together: sums, CPU by processors, and only of those that are there', () => {
  const now = nowOf([
    { load: { ...NOTHING, cpu: percent(100), memoryUsed: mib(10), netReceive: bytesPerSecond(5) }, cpus: 4 },
    { load: { ...NOTHING, cpu: percent(0), memoryUsed: mib(20) }, cpus: 12 },
    { load: null, cpus: 99 }
  ]);
  expect(now).toEqual({ ...NOTHING, cpu: 25, memoryUsed: 30, netReceive: 5 });
  expect(nowOf([{ load: null, cpus: 1 }])).toBeNull();
});
