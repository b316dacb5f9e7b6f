import { expect, test } from 'vitest';
import { aVm } from '../../../../tests/support/fake-host.ts';
import { changedTags, readTags, tagCounts } from './tag-change.ts';

const tagged = (n: number, ...tags: readonly string[]) => Object.assign(aVm(n), { tags });

test('tags stand between commas; empty ones and repeats are none', () => {
  expect(readTags(' db, gold ,,db,')).toEqual(['db', 'gold']);
  expect(readTags('')).toEqual([]);
});

test('a VM keeps the tags that nobody takes away, and has none twice', () => {
  expect(changedTags(tagged(1, 'db', 'old'), { add: ['gold', 'db'], remove: ['old', 'absent'] })).toEqual([
    'db',
    'gold'
  ]);
  expect(changedTags(tagged(1, 'db'), { add: ['db'], remove: ['db'] })).toEqual(['db']);
});

test('the tags of several VMs are counted, most frequent first', () => {
  expect(tagCounts([tagged(1, 'a', 'b'), tagged(2, 'b'), aVm(3)])).toEqual([
    ['b', 2],
    ['a', 1]
  ]);
});
