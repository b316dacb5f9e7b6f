import { describe, expect, it } from 'vitest';
import { vectors } from 'virtual:vectors/noise';
import { x25519Pair } from '../../../tests/vectors/import-private.ts';
import { ABSENT } from '../../../tests/vectors/absent.ts';
import { runVector, type NoiseVector } from '../../../tests/vectors/noise-vectors.ts';
import { nativeProvider } from './native.ts';
import { nonce, type NoisePrimitives } from './noise.ts';
import type { PrivateKey } from './provider.ts';

const published = vectors as NoiseVector[] | null;
const provider = nativeProvider();
const x25519: NoisePrimitives = {
  ...provider,
  async dh(privateKey: PrivateKey, publicKey) {
    const key = await crypto.subtle.importKey('raw', publicKey, 'X25519', false, []);
    const own = privateKey as unknown as CryptoKey;
    return new Uint8Array(await crypto.subtle.deriveBits({ name: 'X25519', public: key }, own, 256));
  }
};

describe('published Noise vectors, 25519_AESGCM_SHA256', () => {
  const runnable = (published ?? []).filter((vector) => vector.protocol_name.endsWith('_25519_AESGCM_SHA256'));

  if (!published) it.skip(ABSENT);

  it.runIf(published)('are there for both patterns we use', () => {
    const names = runnable.map((vector) => vector.protocol_name.split('_')[1]);
    expect(names).toEqual(expect.arrayContaining(['IK', 'IKpsk2']));
    expect(runnable.length).toBeGreaterThanOrEqual(64);
  });

  it.each(runnable)('$protocol_name', async (vector) => {
    expect(await runVector(vector, x25519, { pointLength: 32, pair: x25519Pair })).toBeNull();
  });
});

describe('nonce', () => {
  it('is four zero bytes and the counter, big-endian, beyond 32 bits too', () => {
    expect([...nonce(1)]).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]);
    expect([...nonce(2 ** 32 + 258)]).toEqual([0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 1, 2]);
    expect([...nonce(Number.MAX_SAFE_INTEGER)]).toEqual([0, 0, 0, 0, 0, 0x1f, 255, 255, 255, 255, 255, 255]);
  });
});
