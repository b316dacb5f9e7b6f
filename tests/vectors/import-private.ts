// Private keys from their bare scalars, which vectors have: WebCrypto derives the public key from a PKCS #8 wrapping.
import type { KeyPair, PrivateKey } from '../../src/lib/seal/provider.ts';
import { hex, unhex } from './hex.ts';

const P256 = '3041020100301306072a8648ce3d020106082a8648ce3d030107042730250201010420';
const X25519 = '302e020100300506032b656e04220420';

/** An extractable P-256 CryptoKey. @param scalar hex, any length of leading zeros */
export function importP256(scalar: string): Promise<CryptoKey> {
  const d = scalar.padStart(64, '0').slice(-64);
  return crypto.subtle.importKey('pkcs8', unhex(P256 + d), { name: 'ECDH', namedCurve: 'P-256' }, true, ['deriveBits']);
}

const bytes = (base64url: string | undefined): string =>
  hex(
    Uint8Array.from(atob((base64url ?? '').replaceAll('-', '+').replaceAll('_', '/')), (character) =>
      character.charCodeAt(0)
    )
  );

/** A pair of the native provider (its private keys are CryptoKeys). */
export async function p256Pair(scalar: string): Promise<KeyPair> {
  const key = await importP256(scalar);
  const { x, y } = await crypto.subtle.exportKey('jwk', key);
  return { publicKey: unhex(`04${bytes(x)}${bytes(y)}`), privateKey: key as unknown as PrivateKey };
}

/** An X25519 pair in the shape of ours, for the published Noise vectors. */
export async function x25519Pair(scalar: string): Promise<KeyPair> {
  const key = await crypto.subtle.importKey('pkcs8', unhex(X25519 + scalar), 'X25519', true, ['deriveBits']);
  const { x } = await crypto.subtle.exportKey('jwk', key);
  return { publicKey: unhex(bytes(x)), privateKey: key as unknown as PrivateKey };
}
