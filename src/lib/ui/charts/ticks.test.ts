import fc from 'fast-check';
import { expect, test } from 'vitest';
import { timeTicks, valueTicks } from './ticks.ts';

const HOUR = 3_600_000;
const at = (text: string): number => Date.parse(`${text}Z`);
const clock = (instants: number[]): string[] => instants.map((each) => new Date(each).toISOString().slice(11, 19));

test('instants are round by the clock', () => {
  const from = at('2026-11-25T13:07:31');
  expect(clock(timeTicks(from, from + HOUR, 6, 0))).toEqual([
    '13:10:00',
    '13:20:00',
    '13:30:00',
    '13:40:00',
    '13:50:00',
    '14:00:00'
  ]);
  expect(clock(timeTicks(from, from + 60_000, 6, 0))).toHaveLength(6);
  expect(clock(timeTicks(from, from + 24 * HOUR, 6, 0))).toEqual(['18:00:00', '00:00:00', '06:00:00', '12:00:00']);
});

test('they are round by the local clock, also where that is half an hour off', () => {
  const from = at('2026-11-25T13:07:31');
  expect(clock(timeTicks(from, from + 24 * HOUR, 4, 5.5 * HOUR))).toEqual([
    '18:30:00',
    '00:30:00',
    '06:30:00',
    '12:30:00'
  ]);
});

test('there are never more instants than asked for, all of them within, evenly apart', () => {
  const stretches = fc.tuple(
    fc.integer({ min: 1e12, max: 2e12 }),
    fc.integer({ min: 60_000, max: 24 * HOUR }),
    fc.integer({ min: 2, max: 20 })
  );
  fc.assert(
    fc.property(stretches, ([from, length, most]) => {
      const ticks = timeTicks(from, from + length, most, HOUR);
      expect(ticks.length).toBeLessThanOrEqual(most + 1);
      expect(ticks.every((tick) => tick >= from && tick <= from + length)).toBe(true);
      expect(new Set(ticks.slice(1).map((tick, n) => tick - (ticks[n] ?? 0))).size).toBeLessThanOrEqual(1);
    })
  );
});

test('values are round by their unit', () => {
  expect(valueTicks(100, 4, 'decimal')).toEqual([0, 25, 50, 75, 100]);
  expect(valueTicks(100_000, 4, 'decimal')).toEqual([0, 25_000, 50_000, 75_000, 100_000]);
  expect(valueTicks(33_000_000, 4, 'decimal')).toEqual([0, 10_000_000, 20_000_000, 30_000_000]);
  expect(valueTicks(7946, 4, 'binary')).toEqual([0, 2048, 4096, 6144]);
  expect(valueTicks(512, 4, 'binary')).toEqual([0, 128, 256, 384, 512]);
});

test('there are never more values than asked for, from nought to at most the top', () => {
  fc.assert(
    fc.property(
      fc.double({ min: 1e-3, max: 1e15, noNaN: true }),
      fc.integer({ min: 1, max: 10 }),
      fc.constantFrom('decimal' as const, 'binary' as const),
      (top, most, base) => {
        const ticks = valueTicks(top, most, base);
        expect(ticks[0]).toBe(0);
        expect(ticks.length).toBeLessThanOrEqual(most + 1);
        expect(Math.max(...ticks)).toBeLessThanOrEqual(top * (1 + 1e-6));
      }
    )
  );
  expect(valueTicks(0, 4, 'decimal')).toEqual([0]);
});
