// The columns of a table: which there are, which are shown, and in which order. An address carries them as ids between commas.
import type { SortKey } from './sort.ts';

export type Column<Row> = {
  readonly id: string;
  readonly label: string;
  /** What it sorts by. */
  readonly key: (row: Row) => SortKey;
  /** Least width, px; what is left over is shared by it, the first column has twice its share, and on narrow screens all. */
  readonly width: number;
  /** The same on narrow screens. */
  readonly narrow?: number;
  /** Figures: right-aligned, and sorted largest first. */
  readonly number?: boolean;
  /** True of now even where nothing is heard of the others. */
  readonly fresh?: boolean;
  /** Shown when nothing was chosen: everywhere, only on wide screens, or not at all. */
  readonly shown: 'always' | 'wide' | 'chosen';
};
type Known = Pick<Column<never>, 'id' | 'shown'>;

export const defaultColumns = (columns: readonly Known[], narrow: boolean): readonly string[] =>
  columns.filter(({ shown }) => shown === 'always' || (shown === 'wide' && !narrow)).map(({ id }) => id);

/** Null when it names no column; unknown ones and repeats are left out, and the first (the name) is never missing. */
export function readColumns(text: string | null, columns: readonly Known[]): readonly string[] | null {
  if (text === null || text.length > 400) return null;
  const known = text.split(',').filter((id) => columns.some((column) => column.id === id));
  const [name] = columns;
  return known.length === 0 || name === undefined
    ? null
    : [...new Set(known.includes(name.id) ? known : [name.id, ...known])];
}

export const printColumns = (ids: readonly string[]): string => ids.join(',');

/** `id` one place to the left (-1) or right (1). */
export function moved(ids: readonly string[], id: string, by: -1 | 1): readonly string[] {
  const at = ids.indexOf(id);
  const other = ids[at + by];
  return at < 0 || other === undefined ? ids : ids.map((each, i) => (i === at ? other : i === at + by ? id : each));
}
