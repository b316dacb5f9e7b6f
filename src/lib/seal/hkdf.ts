// HKDF (RFC 5869) without `info`, from HMAC: for what has no HKDF of its own (webcrypto-liner; other hashes in tests).
import type { CryptoProvider, Raw } from './provider.ts';

/** As `CryptoProvider.hkdf`, with the hash that `hmac` has. */
export async function hkdfFromHmac(hmac: CryptoProvider['hmac'], salt: Raw, input: Raw, length: number): Promise<Raw> {
  const temporary = await hmac(salt, input);
  let whole: Raw = new Uint8Array(0);
  let last = whole;
  for (let index = 1; whole.length < length; index++) {
    last = await hmac(temporary, new Uint8Array([...last, index]));
    whole = new Uint8Array([...whole, ...last]);
  }
  return whole.slice(0, length);
}
