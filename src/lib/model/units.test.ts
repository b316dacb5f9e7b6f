import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Fault } from './fault.ts';
import { bytes, bytesPerSecond, bytesToMib, kibToMib, mib, mibToBytes, millis, percent, vcpus } from './units.ts';

describe('whole units', () => {
  const units = [
    ['bytes', bytes, Number.MAX_SAFE_INTEGER],
    ['MiB', mib, 2 ** 33 - 1],
    ['vCPUs', vcpus, 4096],
    ['milliseconds', millis, Number.MAX_SAFE_INTEGER]
  ] as const;
  test.each(units)('%s take 0 and their maximum', (_, make, max) => {
    expect(make(0)).toBe(0);
    expect(make(max)).toBe(max);
  });
  test.each(units)('%s refuse what is negative, fractional, absurd or no number', (name, make, max) => {
    for (const value of [-1, 0.5, max + 1, Infinity, NaN]) {
      expect(() => make(value)).toThrow(Fault);
      expect(() => make(value)).toThrow(
        expect.objectContaining({ code: 'bad-argument', detail: expect.objectContaining({ name }) as object })
      );
    }
  });
});

describe('measured figures', () => {
  test('a share that overshoots by a little is clamped', () => {
    expect([percent(-0.1), percent(50.5), percent(100.2)]).toEqual([0, 50.5, 100]);
  });
  test('a rate after a counter was reset is not negative', () => {
    expect([bytesPerSecond(-5), bytesPerSecond(0.5)]).toEqual([0, 0.5]);
  });
});

describe('conversions', () => {
  test('MiB to bytes and back is exact over the whole range', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.integer({ min: 0, max: 2 ** 31 - 1 }), fc.constantFrom(2 ** 33 - 1, 2 ** 32)),
        (value) => {
          expect(bytesToMib(mibToBytes(mib(value)))).toBe(value);
        }
      )
    );
  });
  test('what is promised in MiB is really there', () => {
    fc.assert(
      fc.property(fc.maxSafeNat(), (value) => {
        const whole = bytesToMib(bytes(value));
        expect(whole * 2 ** 20).toBeLessThanOrEqual(value);
        expect(value - whole * 2 ** 20).toBeLessThan(2 ** 20);
      })
    );
    expect(kibToMib(2047)).toBe(1);
  });
});
