// What the query of an address says: filter, selection, order, metric. Read here and nowhere else,
// but for the time that charts show (`range-state.ts`), which the first view does without.
import type { Address } from './links.ts';
import { QUERY_MAX } from '#lib/query/parse.ts';
import { readSorting, type Sorting } from '#lib/ui/tables/sort.ts';
import { METRICS, type Metric } from '#lib/ui/topology/figures.ts';

export const filterOf = (url: Address): string => (url.searchParams.get('q') ?? '').slice(0, QUERY_MAX);
/** Id of the selected host or VM. */
export const selectionOf = (url: Address): string | null => url.searchParams.get('select');
export const metricOf = (url: Address): Metric =>
  METRICS.find((metric) => metric === url.searchParams.get('by')) ?? 'cpu';
export const sortingOf = (url: Address, columns: readonly string[]): Sorting | null =>
  readSorting(url.searchParams.get('sort'), columns);
