import fc from 'fast-check';
import { expect, test } from 'vitest';
import { rowWindow, scrollTo } from './row-window.ts';

const place = fc.record({
  count: fc.nat(30_000),
  rowHeight: fc.integer({ min: 10, max: 60 }),
  scrollTop: fc.nat(1_000_000),
  height: fc.nat(2000)
});

test('all rows in sight are drawn, few others, and the whole keeps its height', () => {
  fc.assert(
    fc.property(place, ({ count, rowHeight, scrollTop, height }) => {
      const { first, last, above, below } = rowWindow(count, rowHeight, scrollTop, height);
      expect(above + (last - first) * rowHeight + below).toBe(count * rowHeight);
      expect(last - first).toBeLessThanOrEqual(height / rowHeight + 18);
      const sees = (row: number) => (row + 1) * rowHeight > scrollTop && row * rowHeight < scrollTop + height;
      for (const row of [first - 1, last]) if (row >= 0 && row < count) expect(sees(row)).toBe(false);
    })
  );
});

test('a row is scrolled to only when it is out of sight, and then is in sight', () => {
  fc.assert(
    fc.property(place, fc.nat(), ({ count, rowHeight, scrollTop, height }, wish) => {
      fc.pre(count > 0 && height >= 3 * rowHeight);
      const row = wish % count;
      const to = scrollTo(row, rowHeight, scrollTop, height, rowHeight);
      expect(row * rowHeight).toBeGreaterThanOrEqual(to);
      expect((row + 1) * rowHeight + rowHeight).toBeLessThanOrEqual(to + height);
      expect(scrollTo(row, rowHeight, to, height, rowHeight)).toBe(to);
    })
  );
});
