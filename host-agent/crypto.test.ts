// node:crypto behind the seal's interface must give every outcome that WebCrypto gives: the same vectors, the same refusals.
import { describe, expect, it } from 'vitest';
import { vectors as gcmVectors } from 'virtual:vectors/wycheproof-aes_gcm_test';
import { vectors as ecdhVectors } from 'virtual:vectors/wycheproof-ecdh_secp256r1_ecpoint_test';
import { vectors as hmacVectors } from 'virtual:vectors/wycheproof-hmac_sha256_test';
import { vectors as pbkdf2Vectors } from 'virtual:vectors/wycheproof-pbkdf2_hmacsha256_test';
import { ABSENT } from '../tests/vectors/absent.ts';
import { importP256 } from '../tests/vectors/import-private.ts';
import { runCase, type Inputs } from '../tests/vectors/seal-cases.ts';
import frozen from '../tests/vectors/seal.json' with { type: 'json' };
import { aesGcm, ecdh, hmac, pbkdf2 } from '../tests/vectors/wycheproof.ts';
import { hostId } from '../src/lib/model/ids.ts';
import type { Segment } from '../src/lib/model/stages.ts';
import { initiate, respond } from '../src/lib/seal/handshake.ts';
import { nativeProvider } from '../src/lib/seal/native.ts';
import { nodeProvider } from './crypto.ts';

const provider = nodeProvider();
const native = nativeProvider();

describe.each([
  { name: 'AES-GCM', run: aesGcm, vectors: gcmVectors },
  { name: 'ECDH P-256', run: ecdh, vectors: ecdhVectors },
  { name: 'HMAC-SHA-256', run: hmac, vectors: hmacVectors },
  { name: 'PBKDF2', run: pbkdf2, vectors: pbkdf2Vectors }
])('Wycheproof $name through node:crypto', ({ run, vectors }) => {
  if (!vectors) it.skip(ABSENT);
  it.runIf(vectors)('every outcome is the demanded one', { timeout: 60_000 }, async () => {
    const { ran, wrong } = await run(provider, vectors);
    expect(wrong).toEqual([]);
    expect(ran).toBeGreaterThanOrEqual(60);
  });
});

describe('the provider over node:crypto', () => {
  const cases = frozen.cases as (Inputs & (typeof frozen.cases)[number])[];
  const pairOf = async (scalar: string) =>
    provider.importKeyPair(await crypto.subtle.exportKey('jwk', await importP256(scalar)), false);

  it.each(cases)('agrees with the frozen vectors on every byte of $kind, suite $suite', async (frozenCase) => {
    const { hello, welcome, handshakeHash, checkNumber, records } = frozenCase;
    const outputs = await runCase(provider, pairOf, frozenCase);
    expect(outputs).toEqual({ hello, welcome, handshakeHash, checkNumber, records });
  });

  it.each([1, 2] as const)('links with the native provider in suite %d, whoever starts', async (suite) => {
    const host = hostId('n1');
    for (const [ours, theirs] of [
      [provider, native],
      [native, provider]
    ] as const) {
      const [operator, agent] = [await ours.generateKeyPair(false), await theirs.generateKeyPair(false)];
      const start = { provider: ours, identity: operator, host, hostKey: agent.publicKey, suite, pairing: null };
      const initiator = await initiate(start);
      const codeFor = () => Promise.resolve(null);
      const answer = { provider: theirs, identity: agent, host, hello: initiator.hello, suites: [suite], codeFor };
      const { welcome, secure } = await respond(answer);
      const client = await initiator.finish(welcome);
      const segment = Uint8Array.of(1, 2, 3) as Segment;
      expect(await secure.open(await client.seal(segment))).toEqual(segment);
      expect(await client.open(await secure.seal(segment))).toEqual(segment);
    }
  });

  it('encrypts in place what the native provider encrypts elsewhere', async () => {
    const [raw, nonce, aad] = [provider.random(32), provider.random(12), provider.random(10)];
    const plain = provider.random(65_536);
    const body = new Uint8Array(plain.length + 16);
    body.set(plain);
    const key = await provider.aeadKey(raw);
    await provider.encryptInPlace?.(key, nonce, aad, body);
    expect(body).toEqual(await native.encrypt(await native.aeadKey(raw), nonce, aad, plain));
    expect(await provider.decrypt(key, nonce, aad, body)).toEqual(plain);
  });

  it('exports what it may, and imports it again', async () => {
    const pair = await provider.generateKeyPair(true);
    const again = await provider.importKeyPair(await provider.exportKeyPair(pair), false);
    expect(again.publicKey).toEqual(pair.publicKey);
    await expect(provider.exportKeyPair(again)).rejects.toMatchObject({ code: 'internal' });
    const [ours, peer] = [await native.importKeyPair(await provider.exportKeyPair(pair), false), again];
    expect(await native.dh(ours.privateKey, peer.publicKey)).toEqual(
      await provider.dh(peer.privateKey, ours.publicKey)
    );
  });

  it('refuses JWKs whose numbers do not belong together, or that are something else', async () => {
    const jwk = await provider.exportKeyPair(await provider.generateKeyPair(true));
    const { d } = await provider.exportKeyPair(await provider.generateKeyPair(true));
    const zero = 'A'.repeat(43);
    for (const bad of [{ ...jwk, d }, { ...jwk, d: zero }, { ...jwk, y: zero }, { ...jwk, crv: 'P-384' }, {}]) {
      await expect(provider.importKeyPair(bad, true)).rejects.toMatchObject({ code: 'bad-argument' });
    }
  });

  it('refuses ML-KEM keys and ciphertexts of the wrong size', async () => {
    const pair = await provider.kem?.generate();
    expect(pair?.publicKey).toHaveLength(1184);
    if (!provider.kem || !pair) return;
    await expect(provider.kem.encapsulate(pair.publicKey.slice(1))).rejects.toThrow();
    await expect(provider.kem.encapsulate(new Uint8Array(1184).fill(0xff))).rejects.toThrow(); // FIPS 203, 7.2: modulus check
    await expect(provider.kem.decapsulate(pair.privateKey, new Uint8Array(1087))).rejects.toThrow();
  });
});
