// Which rows of a long list are drawn: those in sight and a few beyond, all of one height.

/** Rows `first` to `last` (not included) are drawn; `above` and `below` are the heights that stand for the others, in px. */
export type RowWindow = {
  readonly first: number;
  readonly last: number;
  readonly above: number;
  readonly below: number;
};
/** Drawn beyond the edges, so that scrolling by a few rows shows no gap. */
const BEYOND = 8;

export function rowWindow(count: number, rowHeight: number, scrollTop: number, height: number): RowWindow {
  const bounded = (row: number): number => Math.min(count, Math.max(0, row));
  const first = bounded(Math.floor(scrollTop / rowHeight) - BEYOND);
  const last = bounded(Math.ceil((scrollTop + height) / rowHeight) + BEYOND);
  return { first, last, above: first * rowHeight, below: (count - last) * rowHeight };
}

/** Where to scroll so that `row` is in sight below a head of `head` px; `scrollTop` itself when it is already. */
export function scrollTo(row: number, rowHeight: number, scrollTop: number, height: number, head: number): number {
  const top = row * rowHeight;
  if (top < scrollTop) return top;
  return top + rowHeight + head > scrollTop + height ? top + rowHeight + head - height : scrollTop;
}
