import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Fault } from '../model/fault.ts';
import { hostId } from '../model/ids.ts';
import type { Sealed } from '../model/stages.ts';
import { CLOSE_CODES, closeName } from './close-code.ts';
import type { CloseName } from './close-code.ts';
import {
  creditPayload,
  FRAME,
  linkOfData,
  pack,
  packClose,
  packData,
  packOpen,
  readClose,
  readCredit,
  readOpen,
  unpack
} from './frame.ts';
import { MAX_CLOSE_TEXT, MAX_RECORD, RECORD_HEADER } from './limits.ts';

const link = fc.integer({ min: 1, max: 0xffffffff });
const record = fc.uint8Array({ minLength: RECORD_HEADER, maxLength: 300 });
const code = fc.constantFrom(...(Object.keys(CLOSE_CODES) as CloseName[]));
const thrown = (run: () => void): string => {
  try {
    run();
  } catch (error) {
    return Fault.from(error).code;
  }
  return 'nothing';
};

describe('a frame', () => {
  test('carries a record unchanged', () => {
    fc.assert(
      fc.property(link, record, (number, payload) => {
        const frame = packData(number, payload as Sealed);
        expect(unpack(frame)).toEqual({ kind: FRAME.DATA, link: number, payload });
      })
    );
  });

  test('is read from the middle of a buffer as well', () => {
    const frame = packData(7, new Uint8Array(20).fill(9) as Sealed);
    const around = new Uint8Array(frame.length + 8);
    around.set(frame, 3);
    expect(unpack(around.subarray(3, 3 + frame.length))).toEqual({
      kind: FRAME.DATA,
      link: 7,
      payload: new Uint8Array(20).fill(9)
    });
  });

  test('of data names its link without being taken apart, and no other frame does', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.uint8Array({ maxLength: 40 }),
          record.map((each) => packData(9, each as Sealed))
        ),
        (bytes) => {
          const isData = thrown(() => unpack(bytes)) === 'nothing' && unpack(bytes).kind === FRAME.DATA;
          expect(linkOfData(bytes)).toBe(isData ? unpack(bytes).link : 0);
        }
      )
    );
  });

  test('has the layout that docs/WIRE.md gives', () => {
    expect([...packOpen(0x01020304, hostId('n1'))]).toEqual([1, 1, 2, 3, 4, 0x6e, 0x31]);
    expect([...pack(FRAME.OPENED, 1, new Uint8Array(0))]).toEqual([2, 0, 0, 0, 1]);
    expect([...packData(2, new Uint8Array(10) as Sealed)]).toEqual([3, 0, 0, 0, 2, ...new Array<number>(10).fill(0)]);
    expect([...packClose(3, 'pin-mismatch', 'é')]).toEqual([4, 0, 0, 0, 3, 0, 5, 0xc3, 0xa9]);
    expect([...pack(FRAME.CREDIT, 4, creditPayload(0x00010000))]).toEqual([5, 0, 0, 0, 4, 0, 1, 0, 0]);
  });

  test('never makes a reader throw anything but malformed', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        expect(['nothing', 'malformed']).toContain(thrown(() => unpack(bytes)));
      })
    );
  });

  test.each([
    ['empty', []],
    ['shorter than its header', [3, 0, 0, 0]],
    ['of kind 0', [0, 0, 0, 0, 1]],
    ['of an unknown kind', [6, 0, 0, 0, 1]],
    ['of link 0', [2, 0, 0, 0, 0]],
    ['OPEN without a host', [1, 0, 0, 0, 1]],
    ['OPENED with a payload', [2, 0, 0, 0, 1, 1]],
    ['DATA with less than a record header', [3, 0, 0, 0, 1, 1, 3, 0, 0, 0, 0, 0, 0, 0]],
    ['CLOSE without a code', [4, 0, 0, 0, 1, 1]],
    ['CREDIT of three bytes', [5, 0, 0, 0, 1, 0, 0, 1]]
  ])('that is %s is malformed', (_, bytes) => {
    expect(thrown(() => unpack(Uint8Array.from(bytes)))).toBe('malformed');
  });

  test('holds the longest record and not one byte more', () => {
    expect(thrown(() => pack(FRAME.DATA, 1, new Uint8Array(MAX_RECORD)))).toBe('nothing');
    expect(thrown(() => pack(FRAME.DATA, 1, new Uint8Array(MAX_RECORD + 1)))).toBe('malformed');
  });
});

describe('OPEN', () => {
  test.each([
    '../n1',
    'n1/..',
    'n1\r\nx: y',
    '%2e%2e',
    'N1',
    '.n1',
    'http://a',
    '',
    'a'.repeat(65),
    'nö',
    'n1\0',
    'n1 ',
    '-n1'
  ])('refuses %j as a host id', (text) => {
    expect(thrown(() => readOpen(new TextEncoder().encode(text)))).toBe('malformed');
  });

  test('takes an address only as the name it would be in the host table', () => {
    // A host id may hold dots: that this one is no address to connect to is the table's doing.
    expect(readOpen(new TextEncoder().encode('169.254.169.254'))).toBe('169.254.169.254');
  });
});

describe('CLOSE', () => {
  test('carries its code and text', () => {
    fc.assert(
      fc.property(code, fc.string({ unit: 'grapheme', maxLength: 40 }), (name, text) => {
        const read = readClose(unpack(packClose(1, name, text)).payload);
        expect(read.name).toBe(name);
        expect(read.text.length).toBe(text.toWellFormed().length);
      })
    );
  });

  test('cuts a long text at a character', () => {
    const { payload } = unpack(packClose(1, 'lost', 'é'.repeat(200)));
    expect(payload.length).toBe(2 + MAX_CLOSE_TEXT);
    expect(readClose(payload).text).toBe('é'.repeat(128));
  });

  test('of an unknown code has no name, and control characters in its text are gone', () => {
    expect(readClose(Uint8Array.from([255, 255, 0x61, 0x1b, 0x0a, 0x62]))).toEqual({ name: null, text: 'a  b' });
    expect(closeName(0)).toBeNull();
  });
});

test('CREDIT carries any u32', () => {
  fc.assert(
    fc.property(link, fc.integer({ min: 0, max: 0xffffffff }), (number, bytes) => {
      expect(readCredit(unpack(pack(FRAME.CREDIT, number, creditPayload(bytes))).payload)).toBe(bytes);
    })
  );
});
