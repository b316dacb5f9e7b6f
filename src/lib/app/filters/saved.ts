// Filters an operator has given a name, in localStorage: no secret, but text from outside all the same, so read strictly.
import { QUERY_MAX } from '#lib/query/parse.ts';

export type SavedFilter = { readonly name: string; readonly query: string };

export const FILTERS_MAX = 50;
export const FILTER_NAME_MAX = 60;

/** Two filters of one name would be one: the later wins. */
export const withFilter = (filters: readonly SavedFilter[], added: SavedFilter): readonly SavedFilter[] =>
  [...filters.filter(({ name }) => name !== added.name), added].slice(-FILTERS_MAX);
export const withoutFilter = (filters: readonly SavedFilter[], name: string): readonly SavedFilter[] =>
  filters.filter((filter) => filter.name !== name);
/** In its place; a filter that had the new name is gone. */
export const renamedFilter = (filters: readonly SavedFilter[], from: string, to: string): readonly SavedFilter[] =>
  filters
    .filter(({ name }) => name === from || name !== to)
    .map((filter) => (filter.name === from ? { ...filter, name: to } : filter));

export const printFilters = (filters: readonly SavedFilter[]): string =>
  JSON.stringify(filters.map(({ name, query }) => [name, query]));

/** What is no filter is left out; what is no list of filters is none. */
export function readFilters(text: string | null): readonly SavedFilter[] {
  if (text === null || text.length > 2 * FILTERS_MAX * (QUERY_MAX + FILTER_NAME_MAX)) return [];
  let kept: unknown;
  try {
    kept = JSON.parse(text);
  } catch {
    return [];
  }
  if (!Array.isArray(kept)) return [];
  return kept
    .flatMap((entry: unknown): SavedFilter[] => {
      if (!Array.isArray(entry) || entry.length !== 2) return [];
      const [name, query] = entry as readonly unknown[];
      return isText(name, FILTER_NAME_MAX) && isText(query, QUERY_MAX) ? [{ name, query }] : [];
    })
    .reduce<readonly SavedFilter[]>(withFilter, []);
}

const isText = (value: unknown, max: number): value is string =>
  typeof value === 'string' && value.trim() !== '' && value.length <= max;
