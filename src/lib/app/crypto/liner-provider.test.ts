// webcrypto-liner, in a worker, must give every outcome that native cryptography gives: Wycheproof and our own vectors.
import { afterAll, describe, expect, it } from 'vitest';
import { vectors as gcmVectors } from 'virtual:vectors/wycheproof-aes_gcm_test';
import { vectors as ecdhVectors } from 'virtual:vectors/wycheproof-ecdh_secp256r1_ecpoint_test';
import { vectors as hmacVectors } from 'virtual:vectors/wycheproof-hmac_sha256_test';
import { vectors as pbkdf2Vectors } from 'virtual:vectors/wycheproof-pbkdf2_hmacsha256_test';
import { ABSENT } from '../../../../tests/vectors/absent.ts';
import { importP256 } from '../../../../tests/vectors/import-private.ts';
import { runCase, type Inputs } from '../../../../tests/vectors/seal-cases.ts';
import frozen from '../../../../tests/vectors/seal.json' with { type: 'json' };
import { aesGcm, ecdh, hmac, pbkdf2 } from '../../../../tests/vectors/wycheproof.ts';
import { linerProvider } from './liner-provider.ts';

const script = new URL('../../../../tests/vectors/liner-worker-without-subtle.js', import.meta.url);
const worker = new Worker(script, { type: 'module' });
const liner = linerProvider(worker);
afterAll(() => worker.terminate());

describe.each([
  { name: 'AES-GCM', run: aesGcm, vectors: gcmVectors, least: 60 },
  { name: 'ECDH P-256', run: ecdh, vectors: ecdhVectors, least: 355 },
  { name: 'HMAC-SHA-256', run: hmac, vectors: hmacVectors, least: 174 },
  { name: 'PBKDF2', run: pbkdf2, vectors: pbkdf2Vectors, least: 60 }
])('Wycheproof $name through the liner', ({ run, vectors, least }) => {
  if (!vectors) it.skip(ABSENT);
  it.runIf(vectors)('every outcome is the demanded one', { timeout: 120_000 }, async () => {
    const { ran, wrong } = await run(liner, vectors);
    expect(wrong).toEqual([]);
    expect(ran).toBeGreaterThanOrEqual(least);
  });
});

describe('the liner', () => {
  const cases = (frozen.cases as (Inputs & (typeof frozen.cases)[number])[]).filter(({ suite }) => suite === 1);
  const pairOf = async (scalar: string) =>
    liner.importKeyPair(await crypto.subtle.exportKey('jwk', await importP256(scalar)), false);

  it.each(cases)('agrees with our frozen vectors on every byte of $kind', { timeout: 30_000 }, async (frozenCase) => {
    const { hello, welcome, handshakeHash, checkNumber, records } = frozenCase;
    const outputs = await runCase(liner, pairOf, frozenCase);
    expect(outputs).toEqual({ hello, welcome, handshakeHash, checkNumber, records });
  });

  it('exports and imports its keys, and refuses to export those that are not extractable', async () => {
    const pair = await liner.generateKeyPair(true);
    const again = await liner.importKeyPair(await liner.exportKeyPair(pair), false);
    expect(again.publicKey).toEqual(pair.publicKey);
    await expect(liner.exportKeyPair(again)).rejects.toThrow();
    await expect(liner.importKeyPair({}, false)).rejects.toMatchObject({ code: 'bad-argument' });
  });

  it('whose worker does not load fails every call instead of hanging', async () => {
    const missing = linerProvider(new Worker('/no-such-worker.js', { type: 'module' }));
    await expect(missing.sha256(new Uint8Array(1))).rejects.toMatchObject({ code: 'internal' });
    await expect(missing.sha256(new Uint8Array(1))).rejects.toMatchObject({ code: 'internal' });
  });
});
