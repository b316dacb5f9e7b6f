import fc from 'fast-check';
import { expect, test } from 'vitest';
import { expandNames, MAX_NAMES } from './name-pattern.ts';

test.each<[string, string[]]>([
  ['web', ['web']],
  ['web-{1..3}', ['web-1', 'web-2', 'web-3']],
  ['web-{08..11}', ['web-08', 'web-09', 'web-10', 'web-11']],
  ['{3..1}', ['3', '2', '1']],
  ['{1..03}', ['01', '02', '03']],
  ['db-{a,b}', ['db-a', 'db-b']],
  ['{a,b}-{1..2} x', ['a-1 x', 'a-2 x', 'b-1 x', 'b-2 x']],
  ['{数,据}', ['数', '据']]
])('%s makes %j', (pattern, names) => {
  expect(expandNames(pattern)).toEqual({ names, problem: null });
});

test.each<[string, string, number]>([
  ['web-{1..3', 'open', 4],
  ['web-1..3}', 'close', 8],
  ['a{b{c,d}}', 'nested', 1],
  ['web-{}', 'group', 4],
  ['web-{one}', 'group', 4],
  ['web-{1..}', 'group', 4],
  ['web-{a..c}', 'group', 4],
  ['web-{-1..3}', 'group', 4],
  ['x{a,,b}', 'empty', 1],
  ['x{a,}', 'empty', 1],
  ['{1..201}', 'too-many', 0],
  ['{1..20}-{1..20}', 'too-many', 8],
  ['{1..999999}{1..999999}', 'too-many', 0],
  ['', 'name', 0],
  [' {a,b}', 'name', 0],
  ['a\u202e', 'name', 0],
  [`{a,b}${'x'.repeat(128)}`, 'name', 0],
  ['{a,b,a}', 'twice', 0],
  ['{1..11}{1..11}', 'twice', 0]
])('%j is refused as %s at %i', (pattern, kind, at) => {
  expect(expandNames(pattern)).toMatchObject({ names: [], problem: { kind, at } });
});

test('any text makes either a problem with its place, or different names, not too many', () => {
  const piece = fc.oneof(
    fc.constantFrom('{', '}', ',', '..', '{1..3}', '{a,b}', '0', '12'),
    fc.string({ maxLength: 3 })
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
      const pattern = pieces.join('');
      const { names, problem } = expandNames(pattern);
      expect(names.length === 0).toBe(problem !== null);
      expect(new Set(names).size).toBe(names.length);
      expect(names.length).toBeLessThanOrEqual(MAX_NAMES);
      if (problem !== null) expect(problem.at).toBeLessThanOrEqual(pattern.length);
    })
  );
});
