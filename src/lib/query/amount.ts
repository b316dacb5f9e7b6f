// Figures as they are written in a query: a number and, where it could be mistaken for another, a unit. Sizes are binary
// and rates decimal, as everywhere on screen.
import type { Dimension } from './fields.ts';

export type Amount = {
  readonly amount: number;
  /** How many decimals were written. */
  readonly decimals: number;
  /** As it is printed; empty for a plain number. */
  readonly unit: string;
};

type Unit = { readonly unit: string; readonly factor: number; readonly also: readonly string[] };
const unit = (name: string, factor: number, ...also: string[]): Unit => ({ unit: name, factor, also });

const SECOND = 1000;
const UNITS: Readonly<Record<Dimension, readonly Unit[]>> = {
  count: [],
  percent: [unit('%', 1)],
  size: [
    unit('KiB', 1 / 1024, 'k', 'kb'),
    unit('MiB', 1, 'm', 'mb'),
    unit('GiB', 1024, 'g', 'gb'),
    unit('TiB', 1024 * 1024, 't', 'tb')
  ],
  rate: [
    unit('B/s', 1, 'b'),
    unit('kB/s', 1e3, 'k', 'kb'),
    unit('MB/s', 1e6, 'm', 'mb'),
    unit('GB/s', 1e9, 'g', 'gb'),
    unit('KiB/s', 1024, 'kib'),
    unit('MiB/s', 1024 ** 2, 'mib'),
    unit('GiB/s', 1024 ** 3, 'gib')
  ],
  duration: [
    unit('s', SECOND, 'sec'),
    unit('min', 60 * SECOND, 'm'),
    unit('h', 3600 * SECOND),
    unit('d', 86_400 * SECOND),
    unit('w', 7 * 86_400 * SECOND)
  ]
};
/** What is offered to someone who wrote none where one is needed; empty where a plain number is clear. */
const USUAL: Readonly<Record<Dimension, string>> = { count: '', percent: '', size: 'GiB', rate: 'MB/s', duration: 'h' };

/** As they are printed, smallest first. */
export const unitsOf = (dimension: Dimension): readonly string[] => UNITS[dimension].map((each) => each.unit);
export const usualUnit = (dimension: Dimension): string => USUAL[dimension];

const WRITTEN = /^(\d{1,15})(?:\.(\d{1,6}))?\s*([a-z/%]*)$/i;

/** An amount, or why it is none. */
export function readAmount(
  dimension: Dimension,
  written: string
): Amount | 'not-a-number' | 'needs-unit' | 'unknown-unit' {
  const match = WRITTEN.exec(written);
  if (!match) return 'not-a-number';
  const [, whole = '', fraction = '', said = ''] = match;
  const amount = Number(fraction === '' ? whole : `${whole}.${fraction}`);
  const decimals = fraction.length;
  if (said === '') return USUAL[dimension] !== '' && amount !== 0 ? 'needs-unit' : { amount, decimals, unit: '' };
  const name = said.toLowerCase();
  const found = UNITS[dimension].find((each) => each.unit.toLowerCase() === name || each.also.includes(name));
  return found === undefined ? 'unknown-unit' : { amount, decimals, unit: found.unit };
}

export const printAmount = ({ amount, decimals, unit }: Amount): string => `${amount.toFixed(decimals)}${unit}`;

const factor = (dimension: Dimension, { unit }: Amount): number =>
  UNITS[dimension].find((each) => each.unit === unit)?.factor ?? 1;

/** In the unit its dimension is counted in. */
export const amountValue = (dimension: Dimension, written: Amount): number =>
  written.amount * factor(dimension, written);
/** Half the last digit written, in the same unit. */
export const amountPrecision = (dimension: Dimension, written: Amount): number =>
  0.5 * 10 ** -written.decimals * factor(dimension, written);
