// The operator's key: made on the first visit. Where the browser has WebCrypto it can never leave it; elsewhere (a page
// on plain http) it is kept sealed by a passphrase.
import { Fault } from '#lib/model/fault.ts';
import type { CryptoProvider, KeyPair, PublicPoint, Raw } from '#lib/seal/provider.ts';
import type { Storage, StoredKey } from './storage.ts';

/** OWASP's figure for PBKDF2-HMAC-SHA-256. */
const ITERATIONS = 600_000;
export const MIN_PASSPHRASE = 12;
const AAD = new TextEncoder().encode('SMPS/1|operator-key');

/** The kept key, or a new one. @throws Fault `unsupported` when the kept one is wrapped: see `unlock` */
export async function nativeKey(storage: Storage, provider: CryptoProvider): Promise<KeyPair> {
  const kept = await storage.key();
  const stored = kept ?? (await storage.addKey({ kind: 'native', pair: await provider.generateKeyPair(false) }));
  if (stored.kind === 'native') return stored.pair;
  throw new Fault('unsupported', { what: 'the operator key', reason: 'it is sealed by a passphrase', instead: '' });
}

async function wrappingKey(provider: CryptoProvider, passphrase: string, salt: Raw, iterations: number) {
  const password = new TextEncoder().encode(passphrase.normalize('NFC'));
  return provider.aeadKey(await provider.pbkdf2(password, salt, iterations, 32));
}

/** Makes a key, seals it under `passphrase` and keeps it. If another tab was quicker, its key is unlocked instead. */
export async function createWrapped(storage: Storage, provider: CryptoProvider, passphrase: string): Promise<KeyPair> {
  const pair = await provider.generateKeyPair(true);
  const jwk = await provider.exportKeyPair(pair);
  const [salt, nonce] = [provider.random(16), provider.random(12)];
  const key = await wrappingKey(provider, passphrase, salt, ITERATIONS);
  const sealed = await provider.encrypt(key, nonce, AAD, new TextEncoder().encode(JSON.stringify(jwk)));
  const { publicKey } = pair;
  const kept = await storage.addKey({ kind: 'wrapped', publicKey, salt, iterations: ITERATIONS, nonce, sealed });
  return unlock(kept, provider, passphrase);
}

/** @throws Fault `bad-argument` for a wrong passphrase */
export async function unlock(kept: StoredKey, provider: CryptoProvider, passphrase: string): Promise<KeyPair> {
  if (kept.kind === 'native') return kept.pair;
  const key = await wrappingKey(provider, passphrase, kept.salt, kept.iterations);
  const plain = await provider.decrypt(key, kept.nonce, AAD, kept.sealed);
  if (plain === null)
    throw new Fault('bad-argument', { name: 'the passphrase', value: '•••', reason: 'does not open the key' });
  return provider.importKeyPair(JSON.parse(new TextDecoder().decode(plain)) as JsonWebKey, false);
}

/** The short number people compare: `4821 7730`, from the SHA-256 of a public key (u64be of its first 8 bytes mod 10^8). */
export async function keyNumber(provider: CryptoProvider, publicKey: PublicPoint): Promise<string> {
  const digest = await provider.sha256(publicKey);
  const number = new DataView(digest.buffer, digest.byteOffset).getBigUint64(0) % 100_000_000n;
  return number
    .toString()
    .padStart(8, '0')
    .replace(/(....)(....)/, '$1 $2');
}
