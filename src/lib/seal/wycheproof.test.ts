import { describe, expect, it } from 'vitest';
import { vectors as gcmVectors } from 'virtual:vectors/wycheproof-aes_gcm_test';
import { vectors as ecdhVectors } from 'virtual:vectors/wycheproof-ecdh_secp256r1_ecpoint_test';
import { vectors as hmacVectors } from 'virtual:vectors/wycheproof-hmac_sha256_test';
import { vectors as pbkdf2Vectors } from 'virtual:vectors/wycheproof-pbkdf2_hmacsha256_test';
import { ABSENT } from '../../../tests/vectors/absent.ts';
import { aesGcm, ecdh, hmac, pbkdf2 } from '../../../tests/vectors/wycheproof.ts';
import { nativeProvider } from './native.ts';

describe.each([
  { name: 'AES-GCM', run: aesGcm, vectors: gcmVectors, least: 60 },
  { name: 'ECDH P-256', run: ecdh, vectors: ecdhVectors, least: 355 },
  { name: 'HMAC-SHA-256', run: hmac, vectors: hmacVectors, least: 174 },
  { name: 'PBKDF2', run: pbkdf2, vectors: pbkdf2Vectors, least: 60 }
])('Wycheproof $name', ({ run, vectors, least }) => {
  if (!vectors) it.skip(ABSENT);
  it.runIf(vectors)('every outcome of the native provider is the demanded one', { timeout: 60_000 }, async () => {
    const { ran, wrong } = await run(nativeProvider(), vectors);
    expect(wrong).toEqual([]);
    expect(ran).toBeGreaterThanOrEqual(least);
  });
});
