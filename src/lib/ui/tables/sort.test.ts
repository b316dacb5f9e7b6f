import fc from 'fast-check';
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

test('numbers in names sort as people count, whatever else the names hold', () => {
  const names = ['web-10', 'web-9', 'Web-9b', 'db-007', 'db-8', 'db-1000000000000000000000', 'web'];
  const order = ['db-007', 'db-8', 'db-1000000000000000000000', 'web', 'web-9', 'Web-9b', 'web-10'];
  expect(sorted(names, (name) => name, false)).toEqual(order);
  expect(sorted([...names, 'Ärger'], (name) => name, false)).toEqual(['Ärger', ...order]);
});

test('sorting loses and invents no row, and twice is once', () => {
  const key = fc.oneof(fc.string({ maxLength: 4 }), fc.constant(null));
  fc.assert(
    fc.property(fc.array(key), fc.boolean(), (keys, descending) => {
      const rows = keys.map((own, id) => ({ id, own }));
      const once = sorted(rows, (row) => row.own, descending);
      expect(once.map(({ id }) => id).sort((a, b) => a - b)).toEqual(rows.map(({ id }) => id));
      expect(sorted(once, (row) => row.own, descending)).toEqual(once);
    })
  );
});
