// What the query of an address says: filter, selection, order, metric, time. Read here and nowhere else.
import type { Address } from './links.ts';
import { QUERY_MAX } from '#lib/query/parse.ts';
import { readRange, type Range } from '#lib/ui/charts/range.ts';
import { readSorting, type Sorting } from '#lib/ui/tables/sort.ts';
import { METRICS, type Metric } from '#lib/ui/topology/figures.ts';

export const filterOf = (url: Address): string => (url.searchParams.get('q') ?? '').slice(0, QUERY_MAX);
/** Id of the selected host or VM. */
export const selectionOf = (url: Address): string | null => url.searchParams.get('select');
export const metricOf = (url: Address): Metric =>
  METRICS.find((metric) => metric === url.searchParams.get('by')) ?? 'cpu';
export const sortingOf = (url: Address, columns: readonly string[]): Sorting | null =>
  readSorting(url.searchParams.get('sort'), columns);
export const rangeOf = ({ searchParams }: Address): Range =>
  readRange(searchParams.get('range'), searchParams.get('from'), searchParams.get('to'));
