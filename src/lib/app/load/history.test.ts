import { expect, test } from 'vitest';
import type { Host, HostLoad } from '#lib/model/fleet.ts';
import { Fault } from '#lib/model/fault.ts';
import { millis, percent } from '#lib/model/units.ts';
import { aFleet, aHost } from '../../../../tests/support/a-fleet.ts';
import type { Args, LoadHistory as Remembered } from '#lib/protocol/schema.ts';
import { LoadHistory } from './history.ts';
import type { Ask } from './history.ts';

const load = (seconds: number, cpu: number | null): HostLoad => ({
  at: millis(seconds * 1000),
  cpu: cpu === null ? null : percent(cpu),
  memoryUsed: null,
  diskRead: null,
  diskWrite: null,
  netReceive: null,
  netTransmit: null
});

const NOW = 1_800_000_000_000;
const HOUR = { span: 3_600_000, zoom: null };
const n1 = aHost('n1', [], { load: null });
const at = (seconds: number, cpu: number): HostLoad => ({ ...load(0, cpu), at: millis(NOW + seconds * 1000) });
/** What the tab has when n1 has just told that. */
const heard = (seconds: number, cpu: number, ahead = 0) =>
  aFleet(aHost('n1', [], { load: at(seconds + ahead, cpu), heardAt: millis(NOW + seconds * 1000) }));
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
  expect(history.chart([n1], null, HOUR).series.at).toHaveLength(0);
  await settled();
  for (const seconds of [0, 2, 4, 10, 12]) history.feed(heard(seconds, 50));
  const { cpu } = history.chart([n1], null, HOUR).series;
  expect(asked).toHaveLength(1);
  expect(cpu).toHaveLength(360);
  expect(cpu.slice(0, 3)).toEqual([10, 10, 10]);
  expect(cpu.at(-1)).toBe(50);
  expect(changes).toBe(6);
  expect(history.chart([n1], null, HOUR)).toBe(history.chart([n1], null, HOUR));
});

test('after a silence the host is asked again: it may know what this tab missed', async () => {
  const asked: Args<'load.history'>[] = [];
  const ask: Ask = (_, args) => (asked.push(args), Promise.resolve(null));
  const history = new LoadHistory(
    ask,
    () => undefined,
    () => NOW
  );
  history.chart([n1], null, HOUR);
  await settled();
  for (const seconds of [0, 2, 100, 102]) {
    history.feed(heard(seconds, 50));
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
  history.chart([n1], null, HOUR);
  await settled();
  history.feed(heard(0, 50));
  expect(history.chart([n1], null, HOUR).series.cpu.at(-1)).toBe(50);
});

test('a host that remembers in larger steps leaves the chart its own: what is heard live keeps its detail', async () => {
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
  history.chart([n1], null, HOUR);
  history.feed(heard(0, 50));
  await settled();
  history.feed(heard(10, 90));
  const { step: shown, cpu } = history.chart([n1], null, HOUR).series;
  expect(shown).toBe(10_000);
  expect(cpu.slice(-33)).toEqual([null, ...Array<number>(30).fill(20), 50, 90]);
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
  history.chart([n1], null, HOUR);
  now += 10 * 60_000;
  history.feed(heard(600, 50));
  history.chart([n1], null, HOUR);
  await settled();
  expect(asked).toBe(2);
});

test('a closer look is asked for by itself, in finer steps; meanwhile there is what is known of the whole', async () => {
  const asked: Args<'load.history'>[] = [];
  const ask: Ask = (_, args) => (asked.push(args), Promise.resolve(answer(args)));
  const history = new LoadHistory(
    ask,
    () => undefined,
    () => NOW
  );
  const day = { span: 86_400_000, zoom: null };
  history.chart([n1], null, day);
  await settled();
  const zoom = { from: NOW - 7_200_005, to: NOW - 6_000_000 };
  const before = history.chart([n1], null, { ...day, zoom });
  expect(before.coming).toBe(1);
  expect(before.series.at.length).toBeGreaterThan(100);
  await settled();
  history.feed(heard(0, 50));
  const { coming, series } = history.chart([n1], null, { ...day, zoom });
  expect(coming).toBe(0);
  expect(series.step).toBe(10_000);
  const begun = series.at.filter((_, index) => series.cpu[index] !== null);
  expect([begun[0], begun.at(-1)]).toEqual([NOW - 7_210_000, NOW - 6_010_000]);
  expect(asked.map(({ from, to, points }) => (to - from) / points)).toEqual([240_000, 10_000]);
});

test('a host whose clock is ahead is asked by its own clock, and shown by that of the tab', async () => {
  const asked: Args<'load.history'>[] = [];
  const ask: Ask = (_, args) => (asked.push(args), Promise.resolve(answer(args)));
  const history = new LoadHistory(
    ask,
    () => undefined,
    () => NOW
  );
  const ahead = heard(0, 50, 600).hosts.get(n1.id);
  if (ahead === undefined) throw new Error('there is one host');
  history.chart([ahead], null, HOUR);
  await settled();
  history.feed(heard(2, 50, 600));
  const { at: times, cpu } = history.chart([ahead], null, HOUR).series;
  expect(asked.map(({ to }) => to)).toEqual([NOW + 610_000]);
  expect([times.at(-1), cpu.at(-2)]).toEqual([NOW, 10]);
});

test('a clock found to differ later is allowed for from then on', async () => {
  const asked: Args<'load.history'>[] = [];
  const ask: Ask = (_, args) => Promise.resolve(asked.push(args) === 1 ? null : answer(args));
  const history = new LoadHistory(
    ask,
    () => undefined,
    () => NOW
  );
  history.chart([n1], null, HOUR);
  await settled();
  for (const seconds of [2, 4]) {
    history.feed(heard(seconds, 50, -900));
    await settled();
  }
  expect(asked.map(({ to }) => to)).toEqual([NOW + 10_000, NOW - 890_000]);
  expect(history.chart([n1], null, HOUR).series.at.at(-1)).toBe(NOW);
});

test('a refusal is told, and asked again only when the operator wants; a link that was away is when it is back', async () => {
  const { id } = n1;
  let fault = new Fault('malformed', { where: 'command@op', reason: 'it is no known op' }) as Fault;
  let asked = 0;
  const history = new LoadHistory(
    () => (asked++, Promise.reject(fault)),
    () => undefined,
    () => NOW
  );
  history.chart([n1], null, HOUR);
  await settled();
  history.feed(heard(0, 50));
  await settled();
  expect(asked).toBe(1);
  expect(history.chart([n1], null, HOUR)).toMatchObject({ coming: 0, faults: new Map([[id, fault]]) });
  fault = new Fault('offline', { host: id, since: 'now' });
  history.again([n1], null, HOUR);
  expect(history.chart([n1], null, HOUR)).toMatchObject({ coming: 1, faults: new Map() });
  await settled();
  history.feed(heard(2, 50));
  await settled();
  expect(asked).toBe(3);
  expect(history.chart([n1], null, HOUR).series.cpu.at(-1)).toBe(50);
});

test('a host that is still being linked is waited for; one that is away is told as such', async () => {
  const { id } = n1;
  const fault = new Fault('offline', { host: id, since: 'now' });
  const history = new LoadHistory(
    () => Promise.reject(fault),
    () => undefined,
    () => NOW
  );
  const linked = (link: Host['link']) => [{ ...n1, link }];
  history.chart(linked('connecting'), null, HOUR);
  await settled();
  expect(history.chart(linked('connecting'), null, HOUR)).toMatchObject({ coming: 1, faults: new Map() });
  expect(history.chart(linked('offline'), null, HOUR)).toMatchObject({ coming: 0, faults: new Map([[id, fault]]) });
});

test('of many hosts a chart rests a moment between changes, and tells when the last of them can be had', async () => {
  let now = NOW;
  let told: () => void = () => undefined;
  const history = new LoadHistory(
    () => Promise.resolve(null),
    () => told(),
    () => now
  );
  const hosts = [n1, aHost('n2', [], { load: null })];
  history.chart(hosts, null, HOUR);
  await settled();
  now += 10;
  const before = history.chart(hosts, null, HOUR);
  history.feed(heard(0, 50));
  const again = new Promise<void>((resolve) => (told = resolve));
  expect(history.chart(hosts, null, HOUR)).toBe(before);
  await again;
  now += 10;
  expect(history.chart(hosts, null, HOUR).series.cpu.at(-1)).toBe(50);
});
