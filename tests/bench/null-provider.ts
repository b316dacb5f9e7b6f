// No sealing at all, in the shape of sealing: what a link costs without its cryptography. For measuring only.
import { nativeProvider } from '../../src/lib/seal/native.ts';
import type { AeadKey, CryptoProvider } from '../../src/lib/seal/provider.ts';

const TAG = new Uint8Array(16);

/** The native provider, but its AEAD appends sixteen zeros and takes them off again. Handshakes are the usual ones. */
export function nullProvider(): CryptoProvider {
  return {
    ...nativeProvider(),
    aeadKey: () => Promise.resolve({} as AeadKey),
    encrypt: (_key, _nonce, _aad, plain) => {
      const sealed = new Uint8Array(plain.length + TAG.length);
      sealed.set(plain);
      return Promise.resolve(sealed);
    },
    decrypt: (_key, _nonce, _aad, sealed) => Promise.resolve(sealed.slice(0, -TAG.length))
  };
}
