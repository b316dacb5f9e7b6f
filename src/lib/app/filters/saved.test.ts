import fc from 'fast-check';
import { expect, test } from 'vitest';
import { FILTERS_MAX, printFilters, readFilters, renamedFilter, withFilter, withoutFilter } from './saved.ts';

const DB = { name: 'databases', query: 'tag:db' };
const HOT = { name: 'hot', query: 'cpu>80' };

test('filters are read back as they were kept', () => {
  expect(readFilters(printFilters([DB, HOT]))).toEqual([DB, HOT]);
});

test('what is no filter is left out', () => {
  const more = [['', 'x'], ['x', ' '], ['n'.repeat(61), 'x'], ['x', 'q'.repeat(501)], ['x'], ['x', 1], 'x', null, [DB]];
  expect(readFilters(JSON.stringify([...more, [DB.name, DB.query]]))).toEqual([DB]);
  expect(readFilters(JSON.stringify(Array.from({ length: 80 }, (_, n) => [`f${n}`, 'x'])))).toHaveLength(FILTERS_MAX);
});

test('no text is too strange: what is read of it is read again as the same', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
      const filters = readFilters(text);
      expect(readFilters(printFilters(filters))).toEqual(filters);
    })
  );
});

test('a name stands for one filter', () => {
  expect(withFilter([DB, HOT], { ...DB, query: 'tag:pg' })).toEqual([HOT, { ...DB, query: 'tag:pg' }]);
  expect(renamedFilter([DB, HOT], 'databases', 'hot')).toEqual([{ name: 'hot', query: 'tag:db' }]);
  expect(renamedFilter([DB, HOT], 'hot', 'hot')).toEqual([DB, HOT]);
  expect(withoutFilter([DB, HOT], 'hot')).toEqual([DB]);
});
