// What the query of an address says about the time that charts show.
import type { Address } from './links.ts';
import { readRange, type Range } from '#lib/ui/charts/range.ts';

export const rangeOf = ({ searchParams }: Address): Range =>
  readRange(searchParams.get('range'), searchParams.get('from'), searchParams.get('to'));
