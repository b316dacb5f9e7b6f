import { expect, test } from 'vitest';
import { readIndex } from './bundled.ts';

const sha256 = 'a'.repeat(64);

test('the list of bundled plugins is read entry by entry, and what is none is left out', () => {
  const good = { id: 'spread', file: 'spread.js', sha256 };
  const bad = [
    null,
    7,
    { ...good, id: 'Spread' },
    { ...good, file: '../spread.js' },
    { ...good, file: 'https://example.com/x.js' },
    { ...good, sha256: 'A'.repeat(64) },
    { id: 'x' }
  ];
  expect(readIndex([...bad, { ...good, more: 1 }])).toEqual([good]);
  expect(readIndex({ 0: good, length: 1 })).toEqual([]);
  expect(readIndex(null)).toEqual([]);
});
