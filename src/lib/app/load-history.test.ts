import { expect, test } from 'vitest';
import type { HostLoad } from '#lib/model/fleet.ts';
import type { HostId } from '#lib/model/ids.ts';
import { millis, percent } from '#lib/model/units.ts';
import { aFleet, aHost } from '../../../tests/support/a-fleet.ts';
import type { Args, LoadHistory as Remembered } from '#lib/protocol/schema.ts';
import { LoadHistory, series } from './load-history.ts';
import type { Ask } from './load-history.ts';

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

const NOW = 1_800_000_000_000;
const HOUR = 3_600_000;
const n1 = 'n1' as HostId;
const at = (seconds: number, cpu: number): HostLoad => ({ ...load(0, cpu), at: millis(NOW + seconds * 1000) });
const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));
/** What a host would say that had 10 % in every step it was asked for. */
const answer = ({ vm, from, to }: Args<'load.history'>): Remembered => {
  const count = (to - from) / 10_000;
  const cpu = Array<number>(count).fill(100);
  const unknown = {
    cpuMax: null,
    memoryUsed: null,
    diskRead: null,
    diskWrite: null,
    netReceive: null,
    netTransmit: null
  };
  return { vm, start: from, step: millis(10_000), count, cpu, ...unknown };
};

test('what is looked at is asked once of its host, and goes on with what this tab hears', async () => {
  const asked: Args<'load.history'>[] = [];
  let changes = 0;
  const ask: Ask = (_, args) => (asked.push(args), Promise.resolve(answer(args)));
  const history = new LoadHistory(
    ask,
    () => changes++,
    () => NOW
  );
  expect(history.of(n1, null, HOUR).at).toHaveLength(0);
  await settled();
  for (const seconds of [0, 2, 4, 10, 12]) history.feed(aFleet(aHost('n1', [], { load: at(seconds, 50) })));
  const { cpu } = history.of(n1, null, HOUR);
  expect(asked).toHaveLength(1);
  expect(cpu).toHaveLength(360);
  expect(cpu.slice(0, 3)).toEqual([10, 10, 10]);
  expect(cpu.at(-1)).toBe(50);
  expect(changes).toBe(6);
  expect(history.of(n1, null, HOUR)).toBe(history.of(n1, null, HOUR));
});

test('after a silence the host is asked again: it may know what this tab missed', async () => {
  const asked: Args<'load.history'>[] = [];
  const ask: Ask = (_, args) => (asked.push(args), Promise.resolve(null));
  const history = new LoadHistory(
    ask,
    () => undefined,
    () => NOW
  );
  history.of(n1, null, HOUR);
  await settled();
  for (const seconds of [0, 2, 100, 102]) {
    history.feed(aFleet(aHost('n1', [], { load: at(seconds, 50) })));
    await settled();
  }
  expect(asked).toHaveLength(2);
});

test('a host that cannot be asked leaves what this tab heard itself', async () => {
  const history = new LoadHistory(
    () => Promise.reject(new Error('offline')),
    () => undefined,
    () => NOW
  );
  history.of(n1, null, HOUR);
  await settled();
  history.feed(aFleet(aHost('n1', [], { load: at(0, 50) })));
  expect(history.of(n1, null, HOUR).cpu.at(-1)).toBe(50);
});

test('a host that remembers in larger steps sets those of the chart, also for what was heard meanwhile', async () => {
  const step = millis(300_000);
  const ask: Ask = (_, { vm, to }) =>
    Promise.resolve({
      ...answer({ vm, from: to, to, points: 1 }),
      start: millis(Math.floor(NOW / step) * step - step),
      step,
      count: 1,
      cpu: [200]
    });
  const history = new LoadHistory(
    ask,
    () => undefined,
    () => NOW
  );
  history.of(n1, null, HOUR);
  history.feed(aFleet(aHost('n1', [], { load: at(0, 50) })));
  await settled();
  const series = history.of(n1, null, HOUR);
  expect(series.step).toBe(step);
  expect(series.cpu.slice(-2)).toEqual([20, 50]);
});

test('what is not looked at costs nothing, and what was is let go after a while', async () => {
  let now = NOW;
  let asked = 0;
  const history = new LoadHistory(
    () => (asked++, Promise.resolve(null)),
    () => undefined,
    () => now
  );
  history.feed(aFleet(aHost('n1'), aHost('n2')));
  await settled();
  expect(asked).toBe(0);
  history.of(n1, null, HOUR);
  now += 10 * 60_000;
  history.feed(aFleet(aHost('n1', [], { load: at(600, 50) })));
  history.of(n1, null, HOUR);
  await settled();
  expect(asked).toBe(2);
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
