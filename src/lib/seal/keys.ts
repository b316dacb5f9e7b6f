// Keys as text: public keys as ids, and a private key under a passphrase for pages where the browser cannot keep one.
import { Fault } from '../model/fault.ts';
import { operatorKey, type OperatorKey } from '../model/ids.ts';
import { decodeBase64url, encodeBase64url } from './base64url.ts';
import { nonce } from './noise.ts';
import type { AeadKey, CryptoProvider, KeyPair, PublicPoint, Raw } from './provider.ts';

/** A public key as it stands in XML, files and pairings. @throws Fault `bad-argument` unless 65 bytes starting with 4 */
export const printKey = (key: PublicPoint): OperatorKey => operatorKey(encodeBase64url(key));
/** @throws Fault `bad-argument`; whether the point is on the curve shows at its first use */
export const parseKey = (text: string): PublicPoint => decodeBase64url('public key', operatorKey(text));

const ITERATIONS = 600_000;
const MAX_ITERATIONS = 10_000_000;
const SALT = 16;
const utf8 = (text: string): Raw => new TextEncoder().encode(text);
const AAD = utf8('SMPS/1|wrapped-key');

// A fresh salt makes a fresh key, so the nonce may be 0.
async function passphraseKey(
  provider: CryptoProvider,
  passphrase: string,
  salt: Raw,
  iterations: number
): Promise<AeadKey> {
  return provider.aeadKey(await provider.pbkdf2(utf8(passphrase.normalize('NFKC')), salt, iterations, 32));
}

/** `1.iterations.salt.sealed`: the private JWK under PBKDF2-HMAC-SHA-256 (600,000) and AES-256-GCM. Needs an extractable pair. */
export async function wrapKey(provider: CryptoProvider, pair: KeyPair, passphrase: string): Promise<string> {
  const salt = provider.random(SALT);
  const key = await passphraseKey(provider, passphrase, salt, ITERATIONS);
  const jwk = utf8(JSON.stringify(await provider.exportKeyPair(pair)));
  const sealed = await provider.encrypt(key, nonce(0), AAD, jwk);
  return `1.${ITERATIONS}.${encodeBase64url(salt)}.${encodeBase64url(sealed)}`;
}

/** The pair, or null when the passphrase is wrong. @throws Fault `corrupt-state` for a text that `wrapKey` did not make */
export async function unwrapKey(
  provider: CryptoProvider,
  wrapped: string,
  passphrase: string,
  extractable: boolean
): Promise<KeyPair | null> {
  const parts = /^1\.([1-9][0-9]{0,7})\.([\w-]{22})\.([\w-]{64,1024})$/.exec(wrapped);
  const [, iterations, salt, sealed] = parts ?? [];
  if (!iterations || !salt || !sealed || Number(iterations) > MAX_ITERATIONS) {
    throw new Fault('corrupt-state', { file: 'wrapped key', reason: 'not in the form 1.iterations.salt.sealed' });
  }
  const key = await passphraseKey(provider, passphrase, decodeBase64url('salt', salt), Number(iterations));
  const plain = await provider.decrypt(key, nonce(0), AAD, decodeBase64url('sealed key', sealed));
  if (!plain) return null;
  return provider.importKeyPair(JSON.parse(new TextDecoder().decode(plain)) as JsonWebKey, extractable);
}
