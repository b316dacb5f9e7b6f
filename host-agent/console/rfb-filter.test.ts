import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Fault, isFault } from '../../src/lib/model/fault.ts';
import { HANDSHAKE } from '../drivers/rfb.ts';
import { RfbFilter } from './rfb-filter.ts';

const message = (size: number, ...head: number[]): Buffer =>
  Buffer.from([...head, ...Array<number>(size - head.length).fill(7)]);
const be16 = (value: number): [number, number] => [value >> 8, value & 255];
const be32 = (value: number): [number, number, number, number] => [
  value >>> 24,
  (value >> 16) & 255,
  (value >> 8) & 255,
  value & 255
];

const LOOKS = {
  SetPixelFormat: fc.constant(message(20, 0)),
  SetEncodings: fc.nat(20).map((count) => message(4 + 4 * count, 2, 0, ...be16(count))),
  FramebufferUpdateRequest: fc.constant(message(10, 3, 1)),
  EnableContinuousUpdates: fc.constant(message(10, 150, 1))
};
const TYPES = {
  KeyEvent: fc.constant(message(8, 4, 1)),
  PointerEvent: fc.constant(message(6, 5, 1)),
  ClientCutText: fc.nat(5000).map((length) => message(8 + length, 6, 0, 0, 0, ...be32(length))),
  'an extended clipboard': fc
    .integer({ min: 4, max: 300 })
    .map((length) => message(8 + length, 6, 0, 0, 0, ...be32(-length))),
  'QEMU’s extended key': fc.constant(message(12, 255, 0)),
  'QEMU’s sound': fc.constantFrom(message(4, 255, 1, 0, 0), message(10, 255, 1, 0, 2))
};
const anyMessage = fc.oneof(
  fc.oneof(...Object.values(LOOKS)).map((bytes) => ({ bytes, passes: true })),
  fc.oneof(...Object.values(TYPES)).map((bytes) => ({ bytes, passes: false }))
);

/** What a filter passes of `all`, given piece by piece. */
function passed(all: Buffer, cuts: readonly number[] = []): Buffer {
  const filter = new RfbFilter();
  const at = [0, ...cuts.map((cut) => cut % (all.length + 1)).sort((a, b) => a - b), all.length];
  return Buffer.concat(at.slice(1).map((end, index) => filter.take(all.subarray(at[index], end))));
}
const greeting = Buffer.concat(HANDSHAKE);
const faultOf = (...said: Buffer[]): Fault => {
  try {
    passed(Buffer.concat(said));
  } catch (thrown) {
    if (isFault(thrown)) return thrown;
    throw thrown;
  }
  throw new Error('it passed');
};

describe('a viewer’s client', () => {
  test('reaches the screen with all that is about the picture and nothing that is typed, however it is cut up', () => {
    fc.assert(
      fc.property(fc.array(anyMessage, { maxLength: 12 }), fc.array(fc.nat(), { maxLength: 12 }), (said, cuts) => {
        const expected = said.filter(({ passes }) => passes).map(({ bytes }) => bytes);
        const all = Buffer.concat([greeting, ...said.map(({ bytes }) => bytes)]);
        expect(passed(all, cuts)).toEqual(Buffer.concat([greeting, ...expected]));
      })
    );
  });

  test('shares the screen with the others even when it asks to be alone', () => {
    expect(passed(Buffer.concat([...HANDSHAKE.slice(0, 2), Buffer.from([0])]))).toEqual(greeting);
  });

  test.each([
    ['an older version', Buffer.from('RFB 003.003\n')],
    ['a password', Buffer.concat([Buffer.from('RFB 003.008\n'), Buffer.from([2])])]
  ])('that greets with %s is refused', (_, said) => {
    expect(faultOf(said)).toMatchObject({ code: 'malformed', detail: { where: 'RFB' } });
  });

  test.each([
    ['xvp, which can switch the VM off', message(4, 250, 0, 1, 2)],
    ['SetDesktopSize', message(24, 251, 0)],
    ['a message nobody knows', message(8, 99)],
    ['QEMU’s unknown', message(4, 255, 9)],
    ['a clipboard of gigabytes', message(8, 6, 0, 0, 0, 0x7f, 255, 255, 255)],
    ['65,535 encodings', message(8, 2, 0, 255, 255)]
  ])('is refused %s', (_, said) => {
    expect(faultOf(greeting, said)).toMatchObject({ code: 'malformed', detail: { where: 'RFB' } });
  });

  test('that sends anything at all is passed, refused or waited for, and nothing of a key gets by', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (noise) => {
        const filter = new RfbFilter();
        filter.take(greeting);
        try {
          const out = filter.take(noise);
          if (out.length > 0) expect([0, 2, 3, 150]).toContain(out[0]);
        } catch (thrown) {
          expect(thrown).toBeInstanceOf(Fault);
        }
      })
    );
  });
});
