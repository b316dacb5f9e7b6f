import { describe, expect, it } from 'vitest';
import { nativeProvider } from './native.ts';

const provider = nativeProvider();

describe('a key pair', () => {
  it('survives export and import as JWK, and agrees on secrets as before', async () => {
    const [pair, peer] = [await provider.generateKeyPair(true), await provider.generateKeyPair(false)];
    const again = await provider.importKeyPair(await provider.exportKeyPair(pair), false);
    expect(again.publicKey).toEqual(pair.publicKey);
    expect(await provider.dh(again.privateKey, peer.publicKey)).toEqual(
      await provider.dh(peer.privateKey, pair.publicKey)
    );
  });

  it('that is not extractable cannot be exported', async () => {
    await expect(provider.exportKeyPair(await provider.generateKeyPair(false))).rejects.toThrow();
  });

  it('of another curve, without its private part, or with a public part of another is refused', async () => {
    const jwk = await provider.exportKeyPair(await provider.generateKeyPair(true));
    const { d } = await provider.exportKeyPair(await provider.generateKeyPair(true));
    const { kty, crv, x, y } = jwk;
    const open = { kty, crv, x, y };
    for (const bad of [{ ...jwk, crv: 'P-384' }, { ...jwk, x: 'AA' }, open, { ...jwk, d }, {}]) {
      await expect(provider.importKeyPair(bad, true)).rejects.toMatchObject({ code: 'bad-argument' });
    }
  });
});

describe('a page on plain http', () => {
  it('is told why there is no sealing', () => {
    const insecure = { getRandomValues: crypto.getRandomValues.bind(crypto) } as Crypto;
    expect(() => nativeProvider(insecure)).toThrow(expect.objectContaining({ code: 'unsupported' }));
  });
});
