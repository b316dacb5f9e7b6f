// snow's P-256 vectors use XChaCha20-Poly1305, which WebCrypto lacks: Node has the ChaCha20-Poly1305 and BLAKE2 in it,
// and HChaCha20 (draft-irtf-cfrg-xchacha-03, section 2.2) is written out here, for this test only.
import { createCipheriv, createDecipheriv, createHash, createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { vectors } from 'virtual:vectors/noise';
import { hex, unhex } from '../../../tests/vectors/hex.ts';
import { p256Pair } from '../../../tests/vectors/import-private.ts';
import { ABSENT } from '../../../tests/vectors/absent.ts';
import { runVector, type NoiseVector } from '../../../tests/vectors/noise-vectors.ts';
import { hkdfFromHmac } from './hkdf.ts';
import { nativeProvider } from './native.ts';
import type { NoisePrimitives } from './noise.ts';
import type { AeadKey, CryptoProvider, Raw } from './provider.ts';

function hchacha20(key: Uint8Array, nonce16: Uint8Array): Raw {
  const input = new DataView(new Uint8Array([...unhex('657870616e642033322d62797465206b'), ...key, ...nonce16]).buffer);
  const state = Uint32Array.from({ length: 16 }, (_, index) => input.getUint32(index * 4, true));
  const at = (index: number): number => state[index] ?? 0;
  const turn = (index: number, other: number, by: number): void => {
    const mixed = at(index) ^ at(other);
    state[index] = (mixed << by) | (mixed >>> (32 - by));
  };
  const quarter = (a: number, b: number, c: number, d: number): void => {
    for (const [first, second] of [
      [16, 12],
      [8, 7]
    ] as const) {
      state[a] = at(a) + at(b);
      turn(d, a, first);
      state[c] = at(c) + at(d);
      turn(b, c, second);
    }
  };
  for (let round = 0; round < 10; round++) {
    for (const [b, c, d] of [
      [4, 8, 12],
      [5, 9, 13],
      [6, 10, 14],
      [7, 11, 15]
    ] as const) {
      quarter(b - 4, b, c, d);
    }
    quarter(0, 5, 10, 15);
    quarter(1, 6, 11, 12);
    quarter(2, 7, 8, 13);
    quarter(3, 4, 9, 14);
  }
  const output = new DataView(new ArrayBuffer(32));
  [0, 1, 2, 3, 12, 13, 14, 15].forEach((word, index) => output.setUint32(index * 4, at(word), true));
  return new Uint8Array(output.buffer);
}

/** Noise's counter, big-endian in our 12 bytes, as the 24-byte nonce of XChaChaPoly in snow: 16 zero bytes, then little-endian. */
function inner(key: AeadKey, nonce12: Raw): { key: Raw; nonce: Uint8Array } {
  const nonce = new Uint8Array([0, 0, 0, 0, ...nonce12.slice(4).reverse()]);
  return { key: hchacha20(key as unknown as Raw, new Uint8Array(16)), nonce };
}

const hmac =
  (hash: string): CryptoProvider['hmac'] =>
  (key, data) =>
    Promise.resolve(new Uint8Array(createHmac(hash, key).update(data).digest()));

const primitives = (hash: 'sha256' | 'blake2s256'): NoisePrimitives => ({
  ...nativeProvider(),
  hkdf: (salt, input, length) => hkdfFromHmac(hmac(hash), salt, input, length),
  sha256: (data) => Promise.resolve(new Uint8Array(createHash(hash).update(data).digest())),
  aeadKey: (raw) => Promise.resolve(raw as unknown as AeadKey),
  encrypt(key, nonce12, aad, plain) {
    const { key: derived, nonce } = inner(key, nonce12);
    const cipher = createCipheriv('chacha20-poly1305', derived, nonce, { authTagLength: 16 });
    cipher.setAAD(aad, { plaintextLength: plain.length });
    return Promise.resolve(new Uint8Array(Buffer.concat([cipher.update(plain), cipher.final(), cipher.getAuthTag()])));
  },
  decrypt(key, nonce12, aad, sealed) {
    const { key: derived, nonce } = inner(key, nonce12);
    const cipher = createDecipheriv('chacha20-poly1305', derived, nonce, { authTagLength: 16 });
    cipher.setAAD(aad, { plaintextLength: sealed.length - 16 });
    cipher.setAuthTag(sealed.subarray(-16));
    return Promise.resolve(new Uint8Array(Buffer.concat([cipher.update(sealed.subarray(0, -16)), cipher.final()])));
  }
});

describe('published Noise vectors, P256_XChaChaPoly', () => {
  const published = vectors as NoiseVector[] | null;
  const runnable = (published ?? []).filter((vector) =>
    /_P256_XChaChaPoly_(SHA256|BLAKE2s)$/.test(vector.protocol_name)
  );

  it('HChaCha20 agrees with its draft', () => {
    const key = Uint8Array.from({ length: 32 }, (_, index) => index);
    expect(hex(hchacha20(key, unhex('000000090000004a0000000031415927')))).toBe(
      '82413b4227b27bfed30e42508a877d73a0f9e4d58a74a853c12ec41326d3ecdc'
    );
  });

  if (!published) it.skip(ABSENT);

  it.each(runnable)('$protocol_name', async (vector) => {
    const hash = vector.protocol_name.endsWith('SHA256') ? 'sha256' : 'blake2s256';
    expect(await runVector(vector, primitives(hash), { pointLength: 65, pair: p256Pair })).toBeNull();
  });
});
