import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Fault } from '../model/fault.ts';
import type { Segment, Xml } from '../model/stages.ts';
import { MAX_XML } from './schema.ts';
import { MAX_SEGMENT, SEGMENT, XmlAssembler, packSegment, splitXml, unpackSegment } from './segment.ts';

const bytes = (length: number, first = 0): Uint8Array<ArrayBuffer> =>
  Uint8Array.from({ length }, (_, i) => (first + i * 31) & 0xff);

function assemble(segments: readonly Segment[], assembler = new XmlAssembler()): (Xml | null)[] {
  return segments.map((segment) => assembler.add(unpackSegment(segment).data));
}

describe('a segment', () => {
  test('comes back as it was packed', () => {
    const kinds = fc.constantFrom(...Object.values(SEGMENT));
    const channels = fc.oneof(fc.integer({ min: 0, max: 0xffffffff }), fc.constantFrom(0, 0x80000000, 0xffffffff));
    fc.assert(
      fc.property(kinds, channels, fc.uint8Array({ maxLength: 300 }), (kind, anyChannel, data) => {
        const channel = kind === SEGMENT.XML ? 0 : anyChannel;
        expect(unpackSegment(packSegment(kind, channel, data))).toEqual({ kind, channel, data });
      })
    );
  });
  test('has its head in network byte order', () => {
    expect([...packSegment(SEGMENT.CREDIT, 0x01020304, Uint8Array.of(9))]).toEqual([3, 1, 2, 3, 4, 9]);
  });
  test('is read right from the middle of a larger buffer', () => {
    const inner = packSegment(SEGMENT.BYTES, 7, Uint8Array.of(1, 2));
    const outer = Uint8Array.from([255, 255, ...inner, 255]);
    const { channel, data } = unpackSegment(outer.subarray(2, 2 + inner.length) as Segment);
    expect([channel, ...data]).toEqual([7, 1, 2]);
  });
  test('may be exactly 64 KiB and no more', () => {
    expect(packSegment(SEGMENT.BYTES, 1, new Uint8Array(MAX_SEGMENT - 5)).length).toBe(MAX_SEGMENT);
    expect(() => packSegment(SEGMENT.BYTES, 1, new Uint8Array(MAX_SEGMENT - 4))).toThrow(
      expect.objectContaining({ code: 'too-large' })
    );
    expect(() => unpackSegment(new Uint8Array(MAX_SEGMENT + 1).fill(2) as Segment)).toThrow(
      expect.objectContaining({ code: 'too-large' })
    );
  });
  test.each([
    ['nothing', []],
    ['half a head', [1, 0, 0, 0]],
    ['kind 0', [0, 0, 0, 0, 0]],
    ['a kind of another version', [8, 0, 0, 0, 0]],
    ['XML on a channel of its own', [1, 0, 0, 0, 1, 0, 60]]
  ])('is malformed when it is %s', (_, raw) => {
    expect(() => unpackSegment(Uint8Array.from(raw) as Segment)).toThrow(
      expect.objectContaining({ code: 'malformed' })
    );
  });
  test.each([-1, 1.5, 2 ** 32, NaN])('cannot be packed for channel %d', (channel) => {
    expect(() => packSegment(SEGMENT.BYTES, channel, new Uint8Array(1))).toThrow(Fault);
  });
});

describe('an XML message', () => {
  const PIECE = MAX_SEGMENT - 6;
  test.each([1, PIECE - 1, PIECE, PIECE + 1, 3 * PIECE, MAX_XML])('of %d bytes is cut and put together', (length) => {
    const xml = bytes(length) as Xml;
    const segments = splitXml(xml);
    expect(segments.length).toBe(Math.ceil(length / PIECE));
    const results = assemble(segments);
    expect(results.slice(0, -1).every((result) => result === null)).toBe(true);
    expect(same(results.at(-1), xml)).toBe(true);
  });
  test('comes together from pieces of any size, one message after the other', () => {
    const cut = fc.array(fc.uint8Array({ minLength: 1, maxLength: 50 }), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(fc.array(cut, { minLength: 1, maxLength: 5 }), (messages) => {
        const assembler = new XmlAssembler();
        for (const pieces of messages) {
          const whole = pieces.flatMap((piece) => [...piece]);
          const results = pieces.map((piece, i) =>
            assembler.add(Uint8Array.from([i < pieces.length - 1 ? 1 : 0, ...piece]))
          );
          expect([...(results.at(-1) ?? [])]).toEqual(whole);
          expect(results.slice(0, -1).every((result) => result === null)).toBe(true);
        }
      })
    );
  });
  test('is a copy: the record it came in may be overwritten', () => {
    const [segment] = splitXml(bytes(10) as Xml);
    const data = unpackSegment(segment ?? raise()).data;
    const xml = new XmlAssembler().add(data) ?? raise();
    data.fill(0);
    expect([...xml]).toEqual([...bytes(10)]);
  });
  test('is refused at the first byte above 4 MiB', () => {
    const assembler = new XmlAssembler();
    const full = splitXml(new Uint8Array(MAX_XML) as Xml).map((segment) => unpackSegment(segment).data.slice());
    for (const data of full) {
      data[0] = 1;
      expect(assembler.add(data)).toBeNull();
    }
    expect(() => assembler.add(Uint8Array.of(0, 60))).toThrow(expect.objectContaining({ code: 'too-large' }));
  });
  test.each([
    ['no flags', []],
    ['an unknown flag', [2, 60]],
    ['no piece', [0]],
    ['an endless row of empty pieces', [1]]
  ])('with %s is malformed', (_, data) => {
    expect(() => new XmlAssembler().add(Uint8Array.from(data))).toThrow(expect.objectContaining({ code: 'malformed' }));
  });
});

// Element by element, `toEqual` takes seconds for 4 MiB.
function same(a: Uint8Array | null | undefined, b: Uint8Array): boolean {
  return a?.length === b.length && a.every((byte, i) => byte === b[i]);
}

function raise(): never {
  throw new Error('it is missing');
}
