import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compareNames } from './names.ts';

const collator = new Intl.Collator('en', { numeric: true });

test('numbers in names are ordered as people count', () => {
  const names = ['web-10', 'web-9', 'Web-9b', 'db-007', 'db-8', 'db-1000000000000000000000', 'web', '10', '9', ''];
  const order = ['', '9', '10', 'db-007', 'db-8', 'db-1000000000000000000000', 'web', 'web-9', 'Web-9b', 'web-10'];
  expect(names.toSorted(compareNames)).toEqual(order);
  expect([...names, 'Ärger'].toSorted(compareNames)).toEqual([...order.slice(0, 3), 'Ärger', ...order.slice(3)]);
});

test('names differing in capitals or leading zeros alone have no order of their own', () => {
  expect(compareNames('Web-1', 'web-1')).toBe(0);
  expect(compareNames('web-01', 'web-1')).toBe(0);
});

test('names of letters, digits and hyphens are ordered as a collator orders them', () => {
  const name = fc.string({ unit: fc.constantFrom('a', 'b', 'z', '0', '1', '9', '-'), maxLength: 8 });
  const sign = (a: string, b: string): number => Math.sign(collator.compare(a, b));
  fc.assert(fc.property(name, name, (a, b) => Math.sign(compareNames(a, b)) === sign(a, b)));
});
