import { expect, test } from 'vitest';
import { en } from '#lib/messages/en.ts';
import { zh } from '#lib/messages/zh.ts';
import { bytes, bytesPerSecond, mib, millis, percent } from '#lib/model/units.ts';
import {
  absoluteTime,
  formatBytes,
  formatDuration,
  formatMib,
  formatPercent,
  formatRate,
  parseSize,
  printSize,
  relativeTime
} from './format.ts';

const plain = (text: string): string => text.replaceAll('\u00a0', ' ');

test('sizes carry binary units and at most two decimals', () => {
  expect([0, 512, 1024, 1088, 1536, 40 * 1024, 1.5 * 1024 * 1024].map((n) => plain(formatMib(mib(n))))).toEqual([
    '0 MiB',
    '512 MiB',
    '1 GiB',
    '1.06 GiB',
    '1.5 GiB',
    '40 GiB',
    '1.5 TiB'
  ]);
  expect([0, 900, 65_536, 2 ** 30].map((n) => plain(formatBytes(bytes(n))))).toEqual([
    '0 B',
    '900 B',
    '64 KiB',
    '1 GiB'
  ]);
});

test('an absent figure is a dash, never nought', () => {
  expect([formatMib(null), formatBytes(null), formatRate(null), formatPercent(null)]).toEqual(['–', '–', '–', '–']);
});

test('rates are decimal and never show four digits', () => {
  expect([0, 999, 1000, 3_140_000, 18_000_000, 999_900_000].map((n) => plain(formatRate(bytesPerSecond(n))))).toEqual([
    '0 B/s',
    '999 B/s',
    '1 kB/s',
    '3.1 MB/s',
    '18 MB/s',
    '1 GB/s'
  ]);
});

test('a little load is not shown as none', () => {
  expect([0, 0.04, 0.4, 1, 61.6, 100].map((n) => plain(formatPercent(percent(n))))).toEqual([
    '0 %',
    '0 %',
    '0.4 %',
    '1 %',
    '62 %',
    '100 %'
  ]);
});

test('durations use the two largest units', () => {
  expect([0, 412, 9_940, 12_000, 80_000, 11_520_000, 1_051_200_000].map((n) => plain(formatDuration(en, n)))).toEqual([
    '0 s',
    '0.4 s',
    '9.9 s',
    '12 s',
    '1 min 20 s',
    '3 h 12 min',
    '12 d 4 h'
  ]);
});

test('ages are relative, and a clock that is a little ahead reads as now', () => {
  const now = 1_800_000_000_000;
  const age = (ms: number): string => plain(relativeTime(en, millis(now - ms), now));
  expect([-30_000, 0, 12_000, 125_000, 3 * 3_600_000, 5 * 86_400_000].map(age)).toEqual([
    'now',
    'now',
    '12 s ago',
    '2 min ago',
    '3 h ago',
    '5 d ago'
  ]);
  expect(plain(relativeTime(en, millis(now + 600_000), now))).toBe('in 10 min');
});

test('spans and ages are in the words of the language, sizes and rates are not', () => {
  expect(plain(formatDuration(zh, 80_000))).toBe('1 分钟 20 秒');
  expect(plain(relativeTime(zh, millis(0), 125_000))).toBe('2 分钟前');
  expect(relativeTime(zh, millis(0), 0)).toBe('刚刚');
});

test('absolute times are local and sortable', () => {
  const at = new Date(2026, 10, 2, 4, 5, 6).getTime();
  expect(absoluteTime(millis(at))).toBe('2026-11-02 04:05:06');
});

test('a size that was printed is read back unchanged', () => {
  for (const n of [1, 64, 1023, 1024, 1100, 1280, 1536, 8192, 2 ** 33 - 1])
    expect(parseSize(printSize(mib(n)))).toBe(n);
});

test('sizes are read in the ways people write them, and nonsense is refused', () => {
  expect(['512', '512m', '1.5 GiB', '1,5G', ' 2 tb '].map(parseSize)).toEqual([512, 512, 1536, 1536, 2 * 1024 * 1024]);
  expect(['', '-1', '0', '1.3 MiB', '1e3', 'GiB', '9999999999 G', '1.0001g'].map(parseSize)).toEqual(
    Array(8).fill(null)
  );
});
