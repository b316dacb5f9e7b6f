import { describe, expect, it } from 'vitest';
import { Fault } from '../model/fault.ts';
import { parseKey, printKey, unwrapKey, wrapKey } from './keys.ts';
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
      await expect(provider.importKeyPair(bad as JsonWebKey, true)).rejects.toMatchObject({ code: 'bad-argument' });
    }
  });

  it('prints its public key as an operator’s id', async () => {
    const { publicKey } = await provider.generateKeyPair(false);
    expect(parseKey(printKey(publicKey))).toEqual(publicKey);
    expect(() => parseKey(printKey(publicKey).slice(1))).toThrow(Fault);
    expect(() => printKey(publicKey.slice(1))).toThrow(Fault);
  });
});

describe('a key under a passphrase', () => {
  it('comes back with it, however its accents are typed, and not with another', { timeout: 60_000 }, async () => {
    const pair = await provider.generateKeyPair(true);
    const wrapped = await wrapKey(provider, pair, 'Gr\u00fcn');
    expect((await unwrapKey(provider, wrapped, 'Gru\u0308n', false))?.publicKey).toEqual(pair.publicKey);
    expect(await unwrapKey(provider, wrapped, 'grün', false)).toBeNull();
  });

  it('in another form than it was written is called corrupt', async () => {
    for (const bad of ['', '1.600000.AAAA.AAAA', `1.99999999.${'A'.repeat(22)}.${'A'.repeat(100)}`]) {
      await expect(unwrapKey(provider, bad, 'x', false)).rejects.toMatchObject({ code: 'corrupt-state' });
    }
  });
});
