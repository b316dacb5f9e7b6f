import fc from 'fast-check';
import { expect, test } from 'vitest';
import { closer, printRange, readRange, SHORTEST, SPANS, stretchOf, type Range, type Span } from './range.ts';

const NOW = 1_800_000_000_000;
const spans = fc.constantFrom(...(Object.keys(SPANS) as Span[]));
const zooms = fc
  .tuple(fc.integer({ min: 1e12, max: NOW }), fc.integer({ min: SHORTEST, max: SPANS['24h'] }))
  .map(([from, length]) => ({ from, to: from + length }));
const ranges: fc.Arbitrary<Range> = fc.record({ span: spans, zoom: fc.option(zooms) });

test('every range can be written into an address and read from it', () => {
  fc.assert(
    fc.property(ranges, (range) => {
      const { range: span, from, to } = printRange(range);
      expect(readRange(span, from, to)).toEqual(range);
    })
  );
});

test('the usual range leaves the address as it is', () => {
  expect(printRange(readRange(null, null, null))).toEqual({ range: null, from: null, to: null });
});

test.each([
  ['2h', null, null],
  ['toString', null, null],
  [null, '1800000000000', null],
  [null, '1800000000000', '1800000000000'],
  [null, '1800000600000', '1800000000000'],
  [null, '1800000000000', '1800000059999'],
  [null, '1800000000000', '1800086400001'],
  [null, ' 1800000000000', '1800000600000'],
  [null, '1.8e12', '1800000600000'],
  [null, '-1800000000000', '1800000600000'],
  [null, '0x1a3185c5000', '1800000600000']
])('what makes no sense in an address is as if it were not there: range %s, from %s, to %s', (range, from, to) => {
  expect(readRange(range, from, to)).toEqual({ span: '1h', zoom: null });
});

test('a span that is known stays, though the closer look makes no sense', () => {
  expect(readRange('6h', '1', '2')).toEqual({ span: '6h', zoom: null });
});

test('a range without a closer look ends now, or hardly visibly later, and is as long as it says', () => {
  fc.assert(
    fc.property(spans, fc.integer({ min: 0, max: 10_000_000 }), (span, later) => {
      const now = NOW + later;
      const { from, to } = stretchOf({ span, zoom: null }, now);
      expect(to - from).toBe(SPANS[span]);
      expect(to - now).toBeGreaterThanOrEqual(0);
      expect(to - now).toBeLessThanOrEqual(SPANS[span] / 720);
    })
  );
  const zoom = { from: NOW - 100_000, to: NOW };
  expect(stretchOf({ span: '6h', zoom }, NOW + 5_000_000)).toEqual(zoom);
});

test('a closer look lies within what is shown, has a least length, and an address can carry it', () => {
  const instants = fc.double({ min: NOW - 4_000_000, max: NOW + 400_000, noNaN: true });
  fc.assert(
    fc.property(instants, instants, (a, b) => {
      const shown = { from: NOW - SPANS['1h'], to: NOW };
      const zoom = closer(a, b, shown);
      expect(zoom).toEqual(closer(b, a, shown));
      expect(zoom.from).toBeGreaterThanOrEqual(shown.from);
      expect(zoom.to).toBeLessThanOrEqual(shown.to);
      expect(zoom.to - zoom.from).toBeGreaterThanOrEqual(SHORTEST);
      const { range, from, to } = printRange({ span: '1h', zoom });
      expect(readRange(range, from, to).zoom).toEqual(zoom);
    })
  );
  expect(closer(NOW - 900_000, NOW - 600_000, { from: NOW - SPANS['1h'], to: NOW })).toEqual({
    from: NOW - 900_000,
    to: NOW - 600_000
  });
});
