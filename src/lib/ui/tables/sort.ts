// Sorting a table by one column: absent figures come last in either direction, equal rows keep their order.
export type SortKey = string | number | null;
export type Sorting = { readonly column: string; readonly descending: boolean };

/** “name” or “-name” in an address. Null when it names no column of `columns`. */
export function readSorting(text: string | null, columns: readonly string[]): Sorting | null {
  const descending = text?.startsWith('-') ?? false;
  const column = descending ? text?.slice(1) : (text ?? undefined);
  return column !== undefined && columns.includes(column) ? { column, descending } : null;
}

export const printSorting = ({ column, descending }: Sorting): string => (descending ? `-${column}` : column);

export function sorted<Row>(rows: readonly Row[], key: (row: Row) => SortKey, descending: boolean): Row[] {
  const sign = descending ? -1 : 1;
  return [...rows].sort((a, b) => {
    const [x, y] = [key(a), key(b)];
    if (x === null || y === null) return x === y ? 0 : x === null ? 1 : -1;
    return (
      sign *
      (typeof x === 'number' && typeof y === 'number'
        ? x - y
        : String(x).localeCompare(String(y), undefined, { numeric: true }))
    );
  });
}
