// What a key does in a table with rows: moves the active row, changes the selection, opens a row. Pure.
import { allOf, extended, NOTHING, toggled, type Selection } from './selection.ts';

export type Grid = {
  /** Ids of all rows, as they are sorted. */
  readonly order: readonly string[];
  /** The row the arrow keys stand on; null before the first key or press. */
  readonly active: string | null;
  /** Null: rows cannot be selected. */
  readonly selection: Selection | null;
  /** Rows that Page Up and Page Down move by. */
  readonly page: number;
};
export type Key = {
  readonly key: string;
  readonly shiftKey: boolean;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
};
/** Only what changes. */
export type GridChange = { readonly active?: string; readonly selection?: Selection; readonly open?: string };

/** Null: the key means nothing here. */
export function gridKey({ key, shiftKey, ctrlKey, metaKey }: Key, grid: Grid): GridChange | null {
  const { order, active, selection } = grid;
  const command = ctrlKey || metaKey;
  if (command) return key === 'a' && selection !== null ? { selection: allOf(order) } : null;
  const at = active === null ? -1 : order.indexOf(active);
  const to = moveTo(key, at, grid);
  const own = order[to ?? at];
  if (to !== null && own !== undefined) {
    if (!shiftKey || selection === null) return { active: own };
    const from = selection.anchor === null ? { ...selection, anchor: active } : selection;
    return { active: own, selection: extended(from, order, own) };
  }
  if (key === 'Escape') return selection !== null && selection.ids.size > 0 ? { selection: NOTHING } : null;
  if (own === undefined) return null;
  if (key === 'Enter') return { open: own };
  if (key !== ' ' || selection === null) return null;
  return { selection: shiftKey ? extended(selection, order, own) : toggled(selection, own) };
}

function moveTo(key: string, from: number, { order: { length }, page }: Grid): number | null {
  const to: Readonly<Record<string, number>> = {
    ArrowDown: from + 1,
    ArrowUp: from - 1,
    PageDown: from + page,
    PageUp: from - page,
    Home: 0,
    End: length - 1
  };
  const wished = Object.hasOwn(to, key) ? to[key] : undefined;
  return wished === undefined || length === 0 ? null : Math.min(length - 1, Math.max(0, wished));
}
