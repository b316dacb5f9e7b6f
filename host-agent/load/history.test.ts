import { mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { vmId } from '../../src/lib/model/ids.ts';
import type { HostLoad } from '../../src/lib/model/fleet.ts';
import { bytesPerSecond, mib, millis, percent } from '../../src/lib/model/units.ts';
import { decodeReply, emptyReply, encodeReply } from '../../src/lib/protocol/codec.ts';
import { newCommandId } from '../../tests/support/agent-lab.ts';
import { readLoads, writeLoads } from './file.ts';
import { FINEST, LoadHistory, roomFor, STEPS } from './history.ts';
import { KEPT, LoadRing, ringBytes } from './ring.ts';

const load = (at: number, cpu: number | null, rest: Partial<HostLoad> = {}): HostLoad => ({
  at: millis(at),
  cpu: cpu === null ? null : percent(cpu),
  memoryUsed: null,
  diskRead: null,
  diskWrite: null,
  netReceive: null,
  netTransmit: null,
  ...rest
});
const vm = (n: number) => vmId(`00000000-0000-4000-8000-${String(n).padStart(12, '0')}`);
const NOW = Date.UTC(2026, 5, 1);
const host = (at: number, cpu: number | null, rest: Partial<HostLoad> = {}) => ({ host: load(at, cpu, rest), vms: [] });
const all = { vm: null, points: 1000 } as const;

test('whatever was added, a reading says of each step the mean and the highest of what was known in it, else nothing', () => {
  const reading = fc.record({
    at: fc.integer({ min: 0, max: 700 }).map((slot) => NOW + slot * FINEST),
    cpu: fc.option(fc.integer({ min: 0, max: 100 }))
  });
  fc.assert(
    fc.property(
      fc.uniqueArray(reading, { selector: ({ at }) => at, maxLength: 60 }),
      fc.integer({ min: 1, max: 1000 }),
      fc.integer({ min: 0, max: 699 }),
      (readings, points, first) => {
        const history = new LoadHistory();
        for (const { at, cpu } of readings) history.add(host(at, cpu));
        const [from, to] = [NOW + first * FINEST, NOW + 701 * FINEST];
        const said = history.read({ vm: null, from: millis(from), to: millis(to), points }, to);
        expect(said.count).toBeLessThanOrEqual(points);
        expect(said.start % said.step).toBe(0);
        expect(said.start).toBeLessThanOrEqual(from);
        expect(said.start + said.count * said.step).toBeGreaterThanOrEqual(to);
        for (let step = 0; step < said.count; step++) {
          const begin = said.start + step * said.step;
          const within = readings.filter(({ at }) => at >= begin && at < begin + said.step);
          const known = within.flatMap(({ cpu }) => cpu ?? []);
          const mean = known.reduce((sum, value) => sum + value, 0) / known.length;
          const value = said.cpu?.[step] ?? null;
          if (known.length === 0) expect(value).toBeNull();
          else expect(Math.abs((value ?? NaN) - mean * 10)).toBeLessThanOrEqual(0.51);
          expect(said.cpuMax?.[step] ?? null).toBe(known.length === 0 ? null : Math.max(...known) * 10);
        }
      }
    )
  );
});

test('a reading can be sent and read as it is, and a figure nobody knows is left out', () => {
  const history = new LoadHistory();
  history.add(host(NOW, 12.34, { memoryUsed: mib(2048), netReceive: bytesPerSecond(1e9 + 0.4) }));
  history.add(host(NOW + 30_000, null, { memoryUsed: mib(2050) }));
  const said = history.read({ ...all, from: millis(NOW), to: millis(NOW + 40_000) }, NOW + 40_000);
  expect(said).toMatchObject({
    start: NOW,
    step: 10_000,
    count: 4,
    cpu: [123, null, null, null],
    memoryUsed: [2048, null, null, 2050],
    netReceive: [1e9, null, null, null],
    diskRead: null
  });
  const reply = { ...emptyReply(newCommandId(), 'done'), history: said };
  expect(decodeReply(encodeReply(reply))).toEqual(reply);
});

test('readings within one step are one sample, their mean', () => {
  const history = new LoadHistory();
  for (const [seconds, cpu] of [0, 30, 60].entries()) history.add(host(NOW + seconds * 2000, cpu));
  const { cpu } = history.read({ ...all, from: millis(NOW), to: millis(NOW + 1) }, NOW);
  expect(cpu).toEqual([300]);
});

test('a day is kept, and no more', () => {
  const history = new LoadHistory();
  for (let at = NOW; at < NOW + 2 * KEPT; at += FINEST) history.add(host(at, 50));
  const now = NOW + 2 * KEPT;
  const said = history.read({ ...all, from: millis(0), to: millis(now) }, now);
  expect(said.start).toBeGreaterThanOrEqual(now - KEPT - said.step);
  expect(said.cpu?.filter((value) => value === null)).toEqual([]);
});

test('a clock that was set back by a day does not stop the history', () => {
  const history = new LoadHistory();
  history.add(host(NOW + 3 * KEPT, 90));
  history.add(host(NOW, 10));
  history.add(host(NOW + FINEST, 20));
  const { cpu } = history.read({ ...all, from: millis(NOW), to: millis(NOW + 20_000) }, NOW + 20_000);
  expect(cpu).toEqual([100, 200]);
});

test('however many VMs there are, their rings stay within 14 MiB: the steps grow, and what was known stays known', () => {
  const history = new LoadHistory();
  const vms = (count: number, at: number) =>
    Array.from({ length: count }, (_, n) => ({ ...load(at, n % 100), vm: vm(n) }));
  history.add({ host: load(NOW, 1), vms: vms(12, NOW) });
  expect(history.step).toBe(FINEST);
  const memory = (): number => [...history.vms.values()].reduce((sum, { values }) => sum + values.byteLength, 0);
  for (const count of [100, 400, 2000]) {
    history.add({ host: load(NOW, 1), vms: vms(count, NOW) });
    expect(history.vms.size).toBe(count);
    expect(memory()).toBeLessThanOrEqual(14 * 2 ** 20);
    const said = history.read({ vm: vm(7), from: millis(NOW), to: millis(NOW + 1), points: 10 }, NOW);
    expect(said.cpu).toEqual([70]);
  }
  expect(history.step).toBe(300_000);
  history.add({ host: load(NOW, 1), vms: vms(7000, NOW) });
  expect(history.vms.size).toBe(roomFor(900_000));
  expect(memory()).toBeLessThanOrEqual(14 * 2 ** 20);
});

test('a ring made coarser says what the finer one says in steps of the coarser', () => {
  fc.assert(
    fc.property(fc.array(fc.option(fc.integer({ min: 0, max: 100 })), { minLength: 1, maxLength: 90 }), (values) => {
      const fine = new LoadRing(FINEST);
      for (const [slot, cpu] of values.entries()) fine.add(load(NOW + slot * FINEST, cpu));
      const coarse = fine.coarser(STEPS[1]);
      const [a, b] = [fine, coarse].map((ring) => ring.read(NOW, STEPS[1], 40).cpu ?? []);
      expect(b).toEqual(a);
    })
  );
});

test('a VM that is gone is forgotten after an hour, one that is merely off after a day', () => {
  const history = new LoadHistory();
  history.add({ host: load(NOW, 1), vms: [1, 2].map((n) => ({ ...load(NOW, 5), vm: vm(n) })) });
  const isThere = (id: string): boolean => id === vm(2);
  history.sweep(NOW + 3_500_000, isThere);
  expect(history.vms.size).toBe(2);
  history.sweep(NOW + 3_700_000, isThere);
  expect([...history.vms.keys()]).toEqual([vm(2)]);
  history.sweep(NOW + KEPT + 60_000, isThere);
  expect(history.vms.size).toBe(0);
});

test('what was written down is read back as it was, and what is damaged is refused', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'smps-loads-'));
  try {
    const path = join(directory, 'loads');
    expect(await readLoads(path, NOW)).toBeNull();
    const history = new LoadHistory();
    history.add({ host: load(NOW, 33), vms: [{ ...load(NOW, 44, { memoryUsed: mib(512) }), vm: vm(1) }] });
    await writeLoads(path, history);
    const again = await readLoads(path, NOW);
    for (const id of [null, vm(1)]) {
      const asked = { vm: id, from: millis(NOW), to: millis(NOW + 60_000), points: 10 };
      expect(again?.read(asked, NOW)).toEqual(history.read(asked, NOW));
    }
    // A clock that now says an earlier time: nothing is known of the future.
    await expect(readLoads(path, NOW - KEPT)).rejects.toMatchObject({ code: 'corrupt-state' });
    const content = await readFile(path);
    await truncate(path, content.length - 4);
    await expect(readLoads(path, NOW)).rejects.toMatchObject({ code: 'corrupt-state' });
    await writeFile(path, content.subarray(10));
    await expect(readLoads(path, NOW)).rejects.toMatchObject({ code: 'corrupt-state' });
    // Figures that no load can be are not known.
    const wild = new Float32Array(ringBytes(FINEST) / 4).fill(-1);
    const ring = new LoadRing(FINEST, { values: wild, newest: Math.floor(NOW / FINEST) });
    expect(ring.read(NOW, FINEST, 1).cpu).toBeNull();
  } finally {
    await rm(directory, { recursive: true });
  }
});
