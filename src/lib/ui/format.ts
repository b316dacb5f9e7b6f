// How figures are written: units always, absent is “–” and never 0, no-break space before the unit, binary units for
// sizes and decimal ones for rates. Pure; the instant is always an argument, and so is the language where words are in it.
import type { ShellMessages } from '#lib/messages/messages.ts';
import { bytesToMib, mib } from '#lib/model/units.ts';
import type { Bytes, BytesPerSecond, Mib, Millis, Percent } from '#lib/model/units.ts';

export const ABSENT = '–';
const NBSP = '\u00a0';

/** At most `digits` decimals, without trailing zeros. */
const trim = (value: number, digits: number): string => String(Number(value.toFixed(digits)));

function scaled(value: number, base: number, units: readonly string[]): string {
  let index = 0;
  while (value >= base && index < units.length - 1) {
    value /= base;
    index += 1;
  }
  return `${trim(value, index === 0 ? 0 : value < 10 ? 2 : 1)}${NBSP}${units[index] ?? ''}`;
}

/** “512 MiB”, “1.5 GiB”, “1.06 GiB”. */
export const formatMib = (value: Mib | null): string =>
  value === null ? ABSENT : scaled(value, 1024, ['MiB', 'GiB', 'TiB', 'PiB']);

/** “900 B”, “64 MiB”, “40 GiB”. */
export const formatBytes = (value: Bytes | null): string =>
  value === null ? ABSENT : scaled(value, 1024, ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB']);

/** “0 B/s”, “18 MB/s”: decimal, as network and disk rates are. */
export function formatRate(value: BytesPerSecond | null): string {
  if (value === null) return ABSENT;
  let rate: number = value;
  let index = 0;
  const units = ['B/s', 'kB/s', 'MB/s', 'GB/s'];
  while (rate >= 999.5 && index < units.length - 1) {
    rate /= 1000;
    index += 1;
  }
  return `${trim(rate, index > 0 && rate < 10 ? 1 : 0)}${NBSP}${units[index] ?? ''}`;
}

/** “62 %”, “0.4 %”: one decimal below 1, so that a little is not nothing. */
export const formatPercent = (value: Percent | null): string =>
  value === null ? ABSENT : `${trim(value, value > 0 && value < 0.95 ? 1 : 0)}${NBSP}%`;

/** A span of time: “0.4 s”, “12 s”, “1 min 20 s”, “3 h 12 min”, “12 d 4 h”. */
export function formatDuration({ common: { time } }: ShellMessages, ms: number): string {
  const seconds = Math.max(0, ms) / 1000;
  if (seconds < 9.95) return time.seconds(Number(seconds.toFixed(1)));
  const pair = (a: string, b: number, unit: (n: number) => string): string => (b === 0 ? a : `${a} ${unit(b)}`);
  const whole = Math.round(seconds);
  if (whole < 60) return time.seconds(whole);
  if (whole < 3600) return pair(time.minutes(Math.floor(whole / 60)), whole % 60, time.seconds);
  if (whole < 86_400) return pair(time.hours(Math.floor(whole / 3600)), Math.floor((whole % 3600) / 60), time.minutes);
  return pair(time.days(Math.floor(whole / 86_400)), Math.floor((whole % 86_400) / 3600), time.hours);
}

/** One unit is enough to judge an age: “now”, “12 s ago”, “2 min ago”, “3 h ago”, “5 d ago”; clocks may differ a little. */
export function relativeTime(m: ShellMessages, at: Millis, now: number): string {
  const { time } = m.common;
  const seconds = Math.floor((now - at) / 1000);
  if (seconds < -90) return time.ahead(formatDuration(m, at - now));
  if (seconds < 5) return time.now;
  if (seconds < 60) return time.ago(time.seconds(seconds));
  if (seconds < 3600) return time.ago(time.minutes(Math.floor(seconds / 60)));
  if (seconds < 86_400) return time.ago(time.hours(Math.floor(seconds / 3600)));
  return time.ago(time.days(Math.floor(seconds / 86_400)));
}

const pad = (n: number, width = 2): string => String(n).padStart(width, '0');

/** Local time, sortable: “2026-11-22 14:02:07”. */
export function absoluteTime(at: Millis): string {
  const date = new Date(at);
  return `${date.getFullYear()}-${pad(date.getMonth() + 1)}-${pad(date.getDate())} ${clockTime(at)}:${pad(date.getSeconds())}`;
}

/** Local time of day: “14:02”. */
export function clockTime(at: Millis): string {
  const date = new Date(at);
  return `${pad(date.getHours())}:${pad(date.getMinutes())}`;
}

/** The shortest exact way to write a size in a field that `parseSize` reads: “1.5 GiB”, “1100 MiB”. */
export function printSize(value: Mib): string {
  const gib = value / 1024;
  return value >= 1024 && Number.isInteger(gib * 4) ? `${gib} GiB` : `${value} MiB`;
}

const SIZE = /^(\d{1,12}(?:\.\d{1,6})?)\s*(m|mib|mb|g|gib|gb|t|tib|tb)?$/i;
const FACTOR: Readonly<Record<string, number>> = { m: 1, g: 1024, t: 1024 * 1024 };

/** “1.5 GiB”, “512m”, “2G”; a bare number is MiB. Null when it is not a whole number of MiB from 1 to 2^33 - 1. */
export function parseSize(text: string): Mib | null {
  const match = SIZE.exec(text.trim().replace(',', '.'));
  if (!match) return null;
  const value = Number(match[1]) * (FACTOR[(match[2] ?? 'm').charAt(0).toLowerCase()] ?? 1);
  if (!Number.isInteger(value) || value < 1 || value >= 2 ** 33) return null;
  return mib(value);
}

/** What is left of `bytes` in whole MiB, for comparing with what was typed. */
export const wholeMib = (value: Bytes): Mib => bytesToMib(value);
