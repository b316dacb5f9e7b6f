import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hex, unhex } from '../../../tests/vectors/hex.ts';
import { hkdfFromHmac } from './hkdf.ts';
import { nativeProvider } from './native.ts';
import type { Raw } from './provider.ts';

const provider = nativeProvider();
const fromHmac = (salt: Raw, input: Raw, length: number): Promise<Raw> =>
  hkdfFromHmac((key, data) => provider.hmac(key, data), salt, input, length);

describe.each([
  { name: 'the platform’s HKDF', hkdf: (salt: Raw, input: Raw, length: number) => provider.hkdf(salt, input, length) },
  { name: 'HKDF from HMAC', hkdf: fromHmac }
])('$name', ({ hkdf }) => {
  it('gives what RFC 5869 says without info (A.3; no salt is a salt of zeros)', async () => {
    const [salt, input] = [new Uint8Array(32), new Uint8Array(22).fill(0x0b)];
    expect(hex(await hkdf(salt, input, 42))).toBe(
      '8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8'
    );
  });

  it('takes an empty input, as the split of a handshake gives it', async () => {
    const temporary = await provider.hmac(unhex('07'.repeat(32)), new Uint8Array(0));
    const first = await provider.hmac(temporary, Uint8Array.of(1));
    expect(hex(await hkdf(unhex('07'.repeat(32)), new Uint8Array(0), 32))).toBe(hex(first));
  });
});

it('is the same by the platform and from HMAC', async () => {
  const bytes = (minLength: number) =>
    fc.uint8Array({ minLength, maxLength: 80 }).map((value): Raw => new Uint8Array(value));
  await fc.assert(
    fc.asyncProperty(bytes(1), bytes(0), fc.integer({ min: 1, max: 96 }), async (salt, input, length) => {
      expect(hex(await provider.hkdf(salt, input, length))).toBe(hex(await fromHmac(salt, input, length)));
    })
  );
});
