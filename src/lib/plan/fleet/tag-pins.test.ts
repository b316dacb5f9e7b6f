import fc from 'fast-check';
import { expect, test } from 'vitest';
import { TAG } from '../../model/ids.ts';
import { liveTags, pinOf, pinTag, tagRules } from './tag-rules.ts';

const MINUTE = 60_000;

test('a pin for a time is a tag that says until when, to the minute and not before', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 4e12 }), (until) => {
      const tag = pinTag(until);
      expect(tag).toMatch(TAG);
      const read = pinOf(tag) ?? -1;
      expect(read).toBeGreaterThanOrEqual(until);
      expect(read - until).toBeLessThan(MINUTE);
      expect(tagRules([tag])).toMatchObject({ pinned: false, pinnedUntil: read, odd: [] });
    })
  );
});

test('of several pins the longest holds, and those that are over are left out', () => {
  const tags = [pinTag(0), 'web', pinTag(60 * MINUTE), 'pin'];
  expect(tagRules(tags)).toMatchObject({ pinned: true, pinnedUntil: 60 * MINUTE });
  expect(liveTags(tags, 30 * MINUTE)).toEqual(['web', pinTag(60 * MINUTE), 'pin']);
  expect(liveTags(tags, 60 * MINUTE)).toEqual(['web', 'pin']);
});

test.each(['pin:', 'pin:tomorrow', 'pin:2026-13-40T15:40Z', 'pin:2026-11-26T15:40', 'pin:2026-11-26T15:40:00Z'])(
  'a pin that cannot be read (%s) pins nothing, and is told',
  (tag) => {
    expect(tagRules([tag])).toMatchObject({ pinned: false, pinnedUntil: null, odd: [tag] });
    expect(liveTags([tag], 4e12)).toEqual([tag]);
  }
);
