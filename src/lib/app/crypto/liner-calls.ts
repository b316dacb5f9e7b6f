// What the page and its crypto worker say to each other. Keys stay in the worker; the page has numbers for them.
import type { Fault } from '#lib/model/fault.ts';
import type { Jwk, PublicPoint, Raw } from '#lib/seal/provider.ts';

export type NumberedPair = { readonly publicKey: PublicPoint; readonly key: number };

/** CryptoProvider with numbers for keys. `forget` frees one. */
export type LinerMethods = {
  generateKeyPair: (extractable: boolean) => Promise<NumberedPair>;
  importKeyPair: (jwk: Jwk, extractable: boolean) => Promise<NumberedPair>;
  exportKeyPair: (publicKey: PublicPoint, key: number) => Promise<Required<Jwk>>;
  dh: (key: number, publicKey: PublicPoint) => Promise<Raw>;
  hmac: (key: Raw, data: Raw) => Promise<Raw>;
  hkdf: (salt: Raw, input: Raw, length: number) => Promise<Raw>;
  sha256: (data: Raw) => Promise<Raw>;
  aeadKey: (raw: Raw) => Promise<number>;
  encrypt: (key: number, nonce: Raw, aad: Raw, plain: Raw) => Promise<Raw>;
  decrypt: (key: number, nonce: Raw, aad: Raw, sealed: Raw) => Promise<Raw | null>;
  pbkdf2: (password: Raw, salt: Raw, iterations: number, length: number) => Promise<Raw>;
  forget: (key: number) => Promise<void>;
};

export type LinerCall = { readonly id: number; readonly method: keyof LinerMethods; readonly args: readonly unknown[] };
export type LinerAnswer = { readonly id: number } & (
  { readonly value: unknown } | { readonly failure: Pick<Fault, 'code' | 'detail'> }
);
