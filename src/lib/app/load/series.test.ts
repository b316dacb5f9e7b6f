import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { HostLoad } from '#lib/model/fleet.ts';
import { bytesPerSecond, mib, millis, percent } from '#lib/model/units.ts';
import type { LoadHistory as Remembered } from '#lib/protocol/schema.ts';
import { combined, LoadGrid, stepOf } from './series.ts';

const STEP = millis(10_000);
const load = (seconds: number, cpu: number | null, more: Partial<HostLoad> = {}): HostLoad => ({
  at: millis(seconds * 1000),
  cpu: cpu === null ? null : percent(cpu),
  memoryUsed: null,
  diskRead: null,
  diskWrite: null,
  netReceive: null,
  netTransmit: null,
  ...more
});
const remembered = (start: number, permille: (number | null)[], more: Partial<Remembered> = {}): Remembered => ({
  vm: null,
  start: millis(start * 1000),
  step: STEP,
  count: permille.length,
  cpu: permille,
  cpuMax: null,
  memoryUsed: null,
  diskRead: null,
  diskWrite: null,
  netReceive: null,
  netTransmit: null,
  ...more
});

test('each step has the mean of what was known in it and its highest CPU, and null where nothing was, as a model has it', () => {
  const readings = fc.array(
    fc.record({ seconds: fc.integer({ min: 0, max: 300 }), cpu: fc.option(fc.integer({ min: 0, max: 100 })) }),
    { maxLength: 80 }
  );
  fc.assert(
    fc.property(readings, (unsorted) => {
      const sorted = [...unsorted].sort((a, b) => a.seconds - b.seconds);
      const grid = new LoadGrid(STEP, 12);
      for (const { seconds, cpu } of sorted) grid.add(load(seconds, cpu));
      const series = grid.series();
      const last = sorted.at(-1);
      expect(series.at.at(-1)).toBe(last && Math.floor(last.seconds / 10) * 10_000);
      for (const [index, at] of series.at.entries()) {
        const known = sorted
          .filter(({ seconds }) => seconds * 1000 >= at && seconds * 1000 < at + STEP)
          .flatMap(({ cpu }) => cpu ?? []);
        const mean = known.reduce((sum, value) => sum + value, 0) / known.length;
        if (known.length === 0) expect(series.cpu[index]).toBeNull();
        else expect(series.cpu[index]).toBeCloseTo(mean, 3);
        expect(series.cpuMax[index]).toBe(known.length === 0 ? null : Math.max(...known));
      }
    })
  );
});

test('what the host remembers fills what this tab did not hear, and a gap of both stays a gap', () => {
  const grid = new LoadGrid(STEP, 8);
  grid.add(load(70, 50));
  grid.add(load(72, 70));
  grid.remember(remembered(10, [100, null, null, 400, null, 600, 555]), 80_000);
  const { at, cpu } = grid.series();
  expect([...at].map((ms) => ms / 1000)).toEqual([0, 10, 20, 30, 40, 50, 60, 70]);
  expect(cpu.map((value) => value && Math.round(value))).toEqual([null, 10, null, null, 40, null, 60, 56]);
});

test('larger steps of a host fill the finer ones of which this tab heard nothing, and none that is still to come', () => {
  const grid = new LoadGrid(STEP, 8);
  for (const [seconds, cpu] of [
    [40, 50],
    [60, 70]
  ] as const)
    grid.add(load(seconds, cpu));
  grid.remember(remembered(0, [100, null, 300], { step: millis(30_000) }), 75_000);
  const { at, cpu } = grid.series();
  expect([...at].map((ms) => ms / 1000)).toEqual([0, 10, 20, 30, 40, 50, 60, 70]);
  expect(cpu).toEqual([10, 10, 10, null, 50, null, 70, 30]);
});

const whole = (permille: readonly (number | null)[]): number | null => {
  const known = permille.filter((value) => value !== null);
  return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0) / known.length;
};

test('whatever steps a host has, the grid stays as it was made and shows what the host said of each moment', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 40 }),
      fc.integer({ min: 0, max: 20 }),
      fc.array(fc.option(fc.integer({ min: 0, max: 1000 })), { maxLength: 40 }),
      (times, first, permille) => {
        const step = millis(times * 5_000);
        const said = { ...remembered(0, permille), step, start: millis(first * step) };
        const grid = new LoadGrid(STEP, 12);
        grid.remember(said, Infinity);
        const { at, cpu } = grid.series();
        expect(at.length).toBeLessThanOrEqual(12);
        for (const [index, begin] of at.entries()) {
          const first = Math.floor((begin - said.start) / step);
          const value =
            begin < said.start ? null : whole(permille.slice(first, first + Math.max(1, Math.floor(STEP / step))));
          if (value !== null) expect(cpu[index]).toBeCloseTo(value * 0.1, 4);
          expect(cpu[index] === null).toBe(value === null);
        }
      }
    )
  );
});

test('a figure a host does not know stays unknown beside those it knows', () => {
  const grid = new LoadGrid(STEP, 3);
  grid.remember(remembered(0, [100, 200], { memoryUsed: [null, 512] }), 20_000);
  grid.add(load(20, 5, { netReceive: bytesPerSecond(7) }));
  const { memoryUsed, netReceive, diskRead } = grid.series();
  expect(memoryUsed).toEqual([null, 512, null]);
  expect(netReceive).toEqual([null, null, 7]);
  expect(diskRead).toEqual([null, null, null]);
});

test('columns that do not fit together are refused', () => {
  const grid = new LoadGrid(STEP, 8);
  for (const wrong of [
    remembered(0, [1, 2], { count: 3 }),
    remembered(5, [1]),
    remembered(10, [1], { step: millis(30_000) }),
    remembered(0, [1], { memoryUsed: [1, 2] })
  ]) {
    expect(() => grid.remember(wrong, 80_000)).toThrow('do not fit');
  }
});

test('hosts together: memory is summed, CPU counts by processors, and where no host is known nothing is', () => {
  const [small, large] = [new LoadGrid(STEP, 4), new LoadGrid(STEP, 4)];
  small.add(load(0, 100, { memoryUsed: mib(100) }));
  large.add(load(0, 0, { memoryUsed: mib(900) }));
  large.add(load(30, 40));
  const site = combined(
    [
      { grid: small, cpus: 4, ahead: 0 },
      { grid: large, cpus: 12, ahead: 0 }
    ],
    STEP,
    4
  );
  expect(site.cpu).toEqual([25, null, null, 40]);
  expect(site.memoryUsed).toEqual([1000, null, null, null]);
  expect(combined([], STEP, 4).at).toHaveLength(0);
});

test('hosts whose clocks differ are laid over one another by the clock of the tab', () => {
  const [right, ahead] = [new LoadGrid(STEP, 4), new LoadGrid(STEP, 4)];
  for (const [seconds, cpu] of [
    [100, 20],
    [110, 40]
  ] as const) {
    right.add(load(seconds, cpu));
    ahead.add(load(seconds + 600, cpu));
  }
  const { at, cpu } = combined(
    [
      { grid: right, cpus: 1, ahead: 0 },
      { grid: ahead, cpus: 1, ahead: 600_000 }
    ],
    STEP,
    2
  );
  expect([...at]).toEqual([100_000, 110_000]);
  expect(cpu).toEqual([20, 40]);
});

test('grids of other steps are laid over one another: finer ones by their mean, coarser ones as often as they last', () => {
  const [fine, coarse] = [new LoadGrid(STEP, 12), new LoadGrid(millis(60_000), 2)];
  for (const [n, cpu] of [10, 20, 30, 40, 50, 60].entries()) fine.add(load(60 + n * 10, cpu));
  coarse.add(load(90, 80));
  const minutes = combined([{ grid: fine, cpus: 1, ahead: 0 }], millis(60_000), 1);
  expect([minutes.cpu, minutes.cpuMax]).toEqual([[35], [60]]);
  expect(combined([{ grid: coarse, cpus: 1, ahead: 0 }], millis(30_000), 2).cpu).toEqual([null, 80]);
  expect(coarse.over('cpu', 90_000, 120_000)).toBe(80);
});

test('a chart’s steps are whole multiples of what agents remember', () => {
  expect([stepOf(3_600_000, 360), stepOf(86_400_000, 360), stepOf(1000, 360)]).toEqual([10_000, 240_000, 10_000]);
});
