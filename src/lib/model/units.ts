// Numbers with units. A bare number never crosses a module boundary where it could be mistaken for another unit;
// conversions live here and nowhere else.
import { Fault } from './fault.ts';

declare const unit: unique symbol;
type Unit<Name extends string> = number & { readonly [unit]: Name };

/** Whole bytes, 0 to 2^53 - 1. */
export type Bytes = Unit<'bytes'>;
/** Whole mebibytes (2^20 bytes), 0 to 2^33 - 1: as bytes they are still exact. */
export type Mib = Unit<'mib'>;
/** Whole virtual processors, 0 to 4096. */
export type Vcpus = Unit<'vcpus'>;
/** Whole milliseconds: a duration, or an instant since the Unix epoch (names ending in `At`). */
export type Millis = Unit<'millis'>;
/** A share of a whole, 0 to 100, fractions allowed. */
export type Percent = Unit<'percent'>;
/** Bytes per second, fractions allowed, not negative. */
export type BytesPerSecond = Unit<'bytes-per-second'>;

function whole(name: string, value: number, max: number): number {
  if (!Number.isSafeInteger(value) || value < 0 || value > max) {
    throw new Fault('bad-argument', { name, value: String(value), reason: `must be a whole number from 0 to ${max}` });
  }
  return value;
}

/** @throws Fault `bad-argument` unless whole, 0 to 2^53 - 1. */
export const bytes = (value: number): Bytes => whole('bytes', value, Number.MAX_SAFE_INTEGER) as Bytes;
/** @throws Fault `bad-argument` unless whole, 0 to 2^33 - 1. */
export const mib = (value: number): Mib => whole('MiB', value, 2 ** 33 - 1) as Mib;
/** @throws Fault `bad-argument` unless whole, 0 to 4096. */
export const vcpus = (value: number): Vcpus => whole('vCPUs', value, 4096) as Vcpus;
/** @throws Fault `bad-argument` unless whole, 0 to 2^53 - 1. */
export const millis = (value: number): Millis => whole('milliseconds', value, Number.MAX_SAFE_INTEGER) as Millis;

/** Clamps a measured share to 0..100: counters read at slightly different instants may overshoot by a little. */
export const percent = (value: number): Percent => Math.min(100, Math.max(0, value)) as Percent;
/** Clamps a measured rate to >= 0: a counter that was reset reads as a negative difference. */
export const bytesPerSecond = (value: number): BytesPerSecond => Math.max(0, value) as BytesPerSecond;

const MIB = 1024 * 1024;
/** Exact. */
export const mibToBytes = (value: Mib): Bytes => bytes(value * MIB);
/** Rounds down: what is promised in MiB is really there. */
export const bytesToMib = (value: Bytes): Mib => mib(Math.floor(value / MIB));
/** libvirt reports KiB. Rounds down. */
export const kibToMib = (kib: number): Mib => mib(Math.floor(kib / 1024));
