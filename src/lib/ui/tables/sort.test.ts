import { expect, test } from 'vitest';
import { printSorting, readSorting, sorted } from './sort.ts';

test('an order is read back as it was printed, and an unknown column is none', () => {
  for (const order of [
    { column: 'cpu', descending: true },
    { column: 'name', descending: false }
  ]) {
    expect(readSorting(printSorting(order), ['name', 'cpu'])).toEqual(order);
  }
  expect([null, '', '-', 'constructor', '--cpu'].map((text) => readSorting(text, ['cpu']))).toEqual(
    Array(5).fill(null)
  );
});

test('absent figures come last either way, and equal ones keep their order', () => {
  const rows = [
    { id: 'a', n: 2 },
    { id: 'b', n: null },
    { id: 'c', n: 10 },
    { id: 'd', n: 2 }
  ];
  const ids = (descending: boolean) => sorted(rows, (row) => row.n, descending).map((row) => row.id);
  expect(ids(false)).toEqual(['a', 'd', 'c', 'b']);
  expect(ids(true)).toEqual(['c', 'a', 'd', 'b']);
});
