import fc from 'fast-check';
import { expect, test } from 'vitest';
import { MAX_RECORD } from '../src/lib/frame/limits.ts';
import { Slabs } from './slabs.ts';

test('memory is nobody else’s until it is given back, whatever the order', () => {
  const steps = fc.array(fc.record({ size: fc.integer({ min: 1, max: MAX_RECORD }), back: fc.nat() }));
  fc.assert(
    fc.property(steps, (all) => {
      const slabs = new Slabs();
      const held: { memory: Uint8Array; mark: number }[] = [];
      for (const [index, { size, back }] of all.entries()) {
        const mark = index % 251;
        const memory = slabs.take(size).fill(mark);
        expect(memory).toHaveLength(size);
        held.push({ memory, mark });
        if (back % 2 === 0) continue;
        for (const { memory, mark } of held.splice(back % held.length, 1)) {
          expect(memory.every((byte) => byte === mark)).toBe(true);
          slabs.give(memory);
        }
      }
      for (const { memory, mark } of held) expect(memory.every((byte) => byte === mark)).toBe(true);
    }),
    { numRuns: 50 }
  );
});

test('long ones are used again, at most sixteen are kept, and nothing is that was not taken', () => {
  const slabs = new Slabs();
  slabs.give(new Uint8Array(MAX_RECORD));
  const first = Array.from({ length: 20 }, () => slabs.take(MAX_RECORD));
  for (const each of first) slabs.give(each);
  const memory = new Set(first.map(({ buffer }) => buffer));
  const again = Array.from({ length: 20 }, () => slabs.take(20_000).buffer);
  expect(memory.size).toBe(20);
  expect(again.filter((buffer) => memory.has(buffer))).toHaveLength(16);
  expect(new Set(again).size).toBe(20);
});
