import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Sealed } from '../model/stages.ts';
import { LENGTH_PREFIX, MAX_RECORD, RECORD_HEADER } from './limits.ts';
import { prefix, RecordSplitter } from './record-stream.ts';

const records = fc.array(fc.uint8Array({ minLength: RECORD_HEADER, maxLength: 200 }), { maxLength: 12 });

function joined(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

test('records survive however the stream is cut into chunks', () => {
  fc.assert(
    fc.property(records, fc.array(fc.integer({ min: 1, max: 64 }), { minLength: 1 }), (sent, cuts) => {
      const stream = joined(sent.map((record) => prefix(record as Sealed)));
      const received: Uint8Array[] = [];
      const splitter = new RecordSplitter((record) => received.push(record.slice()));
      for (let at = 0, i = 0; at < stream.length; i += 1) {
        const to = at + (cuts[i % cuts.length] ?? 1);
        splitter.push(stream.slice(at, to));
        at = to;
      }
      expect(received).toEqual(sent);
      expect(splitter.whole).toBe(true);
    })
  );
});

test('a stream cut off inside a length or a record is not whole', () => {
  const stream = prefix(new Uint8Array(40) as Sealed);
  for (let length = 1; length < stream.length; length += 1) {
    const splitter = new RecordSplitter(() => undefined);
    splitter.push(stream.slice(0, length));
    expect(splitter.whole, `${String(length)} bytes`).toBe(false);
  }
});

test.each([0, RECORD_HEADER - 1, MAX_RECORD + 1, 0xffffffff])(
  'a length of %i is malformed before any memory is taken',
  (size) => {
    const head = new Uint8Array(LENGTH_PREFIX);
    new DataView(head.buffer).setUint32(0, size);
    const splitter = new RecordSplitter(() => undefined);
    expect(() => {
      splitter.push(head);
    }).toThrow('record stream is malformed');
  }
);

test('the longest record passes', () => {
  let size = 0;
  const splitter = new RecordSplitter((record) => (size = record.length));
  splitter.push(prefix(new Uint8Array(MAX_RECORD) as Sealed));
  expect(size).toBe(MAX_RECORD);
});
