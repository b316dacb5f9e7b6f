import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mib } from '../../../src/lib/model/units.ts';
import { memoryMax, memoryNext, readDomain } from './domain-xml.ts';
import { canSplit, splitMemory, withMemory } from './memory-split.ts';
import { readElement } from './xml.ts';

const inactive = readElement(readFileSync(join(import.meta.dirname, 'fixtures/inactive.xml'), 'utf8'));

describe('memory of the next boot', () => {
  it('is all there from the start, with room to grow to what was asked for', () => {
    fc.assert(
      fc.property(fc.integer({ min: 32, max: 8192 }), fc.integer({ min: 0, max: 8192 }), (memory, more) => {
        const split = splitMemory(mib(memory), memory + more);
        expect(split.boot).toBe(memory);
        expect(split.device % 128).toBe(0);
        expect(split.boot + split.device).toBeGreaterThanOrEqual(memory + more);
        const domain = readDomain(withMemory(inactive, split, 4));
        expect(memoryNext(domain)).toBe(memory * 1024);
        expect(memoryMax(domain)).toBe((split.boot + split.device) * 1024);
      })
    );
  });

  it('can be divided again and again, and only where the division is ours', () => {
    const once = withMemory(inactive, splitMemory(mib(300), 1024), 4);
    expect(canSplit(once)).toBe(true);
    expect(withMemory(once, splitMemory(mib(300), 1024), 4)).toEqual(once);
    const without = withMemory(once, splitMemory(mib(512), 512), 4);
    expect(readDomain(without)).toMatchObject({ modules: [], memoryBoot: 512 * 1024, memorySlots: 0 });
    expect(canSplit(without)).toBe(true);
    const dimm = readElement('<d><devices><memory model="dimm"/></devices></d>');
    expect(canSplit(dimm)).toBe(false);
    const cells = readElement('<d><cpu><numa><cell id="0"/><cell id="1"/></numa></cpu><devices/></d>');
    expect(canSplit(cells)).toBe(false);
  });
});
