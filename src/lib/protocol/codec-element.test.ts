import { expect, test } from 'vitest';
import { readElement, writeElement } from './codec-element.ts';
import { element, inUnit, many, maybe, one, text, tokens, whole, wireName } from './shape.ts';
import { readXml } from './xml.ts';

const leaf = element('leaf', { a: text(8) });

test('two children of one element may not share an element name: they could not be told apart when read', () => {
  const ambiguous = element('tree', {}, { first: maybe(leaf), others: many(leaf) });
  expect(() => writeElement(ambiguous, { first: null, others: [] }, '')).toThrow(/share an element name/);
});

test('camel case becomes kebab case, and the unit stands in the name', () => {
  expect(wireName('memoryMax', inUnit('mib', whole(0, 1)))).toBe('memory-max-mib');
  expect(wireName('usedBy', text(1))).toBe('used-by');
});

test('a missing part is named before anything is sent', () => {
  const tree = element('tree', { size: whole(0, 9) }, { leaf: one(leaf) });
  expect(() => writeElement(tree, { size: null, leaf: { a: 'x' } }, '')).toThrow('size “” is missing');
  expect(() => writeElement(tree, { size: 1, leaf: null }, '')).toThrow('leaf “” is missing');
  expect(writeElement(tree, { size: 1, leaf: { a: 'x' } }, '')).toBe('<tree size="1"><leaf a="x"/></tree>');
});

test('a length counts characters, not the halves of surrogate pairs', () => {
  const read = (a: string) =>
    readElement(leaf, readXml(new TextEncoder().encode(`<leaf xmlns="urn:smps:1" a="${a}"/>`)));
  expect(read('😀'.repeat(8))).toEqual({ a: '😀'.repeat(8) });
  expect(() => read('😀'.repeat(9))).toThrow('longer than 8');
  expect(() => read('x'.repeat(9))).toThrow('longer than 8');
});

test('a list has a length limit', () => {
  const list = element('list', { items: tokens(2, { pattern: /^[a-z]+$/, xsd: '[a-z]+', words: 'letters' }) });
  expect(writeElement(list, { items: ['a', 'b'] }, '')).toBe('<list items="a b"/>');
  expect(() => writeElement(list, { items: ['a', 'b', 'c'] }, '')).toThrow('more than 2 items');
});
