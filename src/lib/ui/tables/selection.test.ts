import { expect, test } from 'vitest';
import { allOf, extended, NOTHING, toggled } from './selection.ts';
import { defaultColumns, moved, printColumns, readColumns } from './columns.ts';

const ORDER = ['a', 'b', 'c', 'd', 'e'];
const chosen = ({ ids }: { ids: ReadonlySet<string> }) => [...ids].sort().join('');

test('a range runs from the row last toggled, either way, and adds to what was chosen', () => {
  expect(chosen(extended(toggled(NOTHING, 'd'), ORDER, 'b'))).toBe('bcd');
  expect(chosen(extended(toggled(toggled(NOTHING, 'e'), 'b'), ORDER, 'c'))).toBe('bce');
  expect(chosen(extended(extended(toggled(NOTHING, 'c'), ORDER, 'e'), ORDER, 'b'))).toBe('bcde');
});

test('without an anchor in sight, a range is one row', () => {
  expect(chosen(extended(NOTHING, ORDER, 'c'))).toBe('c');
  expect(chosen(extended(toggled(NOTHING, 'gone'), ORDER, 'c'))).toBe('cgone');
});

test('what is toggled twice is as before', () => {
  expect(chosen(toggled(toggled(allOf(ORDER), 'b'), 'b'))).toBe('abcde');
});

const COLUMNS = [
  { id: 'name', shown: 'always' },
  { id: 'cpu', shown: 'wide' },
  { id: 'notes', shown: 'chosen' }
] as const;

test('columns are read as they were printed; unknown and repeated ones are left out, and the name never is', () => {
  expect(readColumns(printColumns(['notes', 'name']), COLUMNS)).toEqual(['notes', 'name']);
  expect(readColumns('cpu,cpu,constructor', COLUMNS)).toEqual(['name', 'cpu']);
  for (const text of [null, '', 'nothing', 'name,'.repeat(100)]) expect(readColumns(text, COLUMNS)).toBeNull();
});

test('a narrow screen shows fewer columns when nothing was chosen', () => {
  expect(defaultColumns(COLUMNS, false)).toEqual(['name', 'cpu']);
  expect(defaultColumns(COLUMNS, true)).toEqual(['name']);
});

test('a column moves by one place and not beyond the ends', () => {
  expect(moved(ORDER, 'b', 1)).toEqual(['a', 'c', 'b', 'd', 'e']);
  expect(moved(ORDER, 'a', -1)).toEqual(ORDER);
});
