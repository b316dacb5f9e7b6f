// The one seam through which every cryptographic primitive enters: native WebCrypto, webcrypto-liner in a worker, node:crypto.
// Only standard primitives live behind it; what is built from them (Noise, records) is built once, above it.

/** Bytes that own, or view, an ordinary ArrayBuffer: what WebCrypto takes and `postMessage` can move. */
export type Raw = Uint8Array<ArrayBuffer>;
/** P-256 public point, uncompressed: 0x04, then x and y (SEC 1, section 2.3.3). 65 bytes. */
export type PublicPoint = Raw;

declare const kind: unique symbol;
/** Opaque: only the provider that made it can use it. Natively a CryptoKey, so it can be kept in IndexedDB. */
export type PrivateKey = { readonly [kind]: 'private' };
/** Opaque AES-256-GCM key, never exportable. */
export type AeadKey = { readonly [kind]: 'aead' };
/** Opaque ML-KEM-768 decapsulation key, never exportable. */
export type KemPrivateKey = { readonly [kind]: 'kem' };

/** What of a JWK matters here (RFC 7518 section 6.2); the DOM's JsonWebKey, which not every platform declares, fits it. */
export type Jwk = {
  readonly kty?: string;
  readonly crv?: string;
  readonly x?: string;
  readonly y?: string;
  readonly d?: string;
};

export type KeyPair = { readonly publicKey: PublicPoint; readonly privateKey: PrivateKey };

/** ML-KEM-768 (FIPS 203): public keys of 1184 bytes, ciphertexts of 1088, shared secrets of 32. */
export interface Kem {
  generate(): Promise<{ readonly publicKey: Raw; readonly privateKey: KemPrivateKey }>;
  /** @throws for a public key that FIPS 203 section 7.2 refuses */
  encapsulate(publicKey: Raw): Promise<{ readonly ciphertext: Raw; readonly shared: Raw }>;
  decapsulate(privateKey: KemPrivateKey, ciphertext: Raw): Promise<Raw>;
}

export interface CryptoProvider {
  generateKeyPair(extractable: boolean): Promise<KeyPair>;
  /** @throws Fault `bad-argument` unless `jwk` is a P-256 private key (RFC 7518 section 6.2) */
  importKeyPair(jwk: Jwk, extractable: boolean): Promise<KeyPair>;
  /** Private JWK (`kty crv x y d`). @throws for a pair that is not extractable */
  exportKeyPair(pair: KeyPair): Promise<Required<Jwk>>;
  /** ECDH: the 32-byte x coordinate. @throws for anything but a point on the curve in uncompressed form */
  dh(privateKey: PrivateKey, publicKey: PublicPoint): Promise<Raw>;
  /** HMAC-SHA-256. The key must not be empty: WebCrypto refuses that. */
  hmac(key: Raw, data: Raw): Promise<Raw>;
  /** HKDF-SHA-256 (RFC 5869) without `info`: Noise's. The salt must not be empty, the input may be; `length` in bytes. */
  hkdf(salt: Raw, input: Raw, length: number): Promise<Raw>;
  sha256(data: Raw): Promise<Raw>;
  aeadKey(raw: Raw): Promise<AeadKey>;
  /** AES-256-GCM, 12-byte nonce: ciphertext, then the 16-byte tag. The inputs are copied before it returns. */
  encrypt(key: AeadKey, nonce: Raw, aad: Raw, plain: Raw): Promise<Raw>;
  /**
   * Where a platform can spare the memory: `body` holds the plaintext and 16 bytes more, and then what `encrypt` gives, before
   * it returns.
   */
  encryptInPlace?(key: AeadKey, nonce: Raw, aad: Raw, body: Raw): Promise<void>;
  /** The plaintext; null when the tag is wrong or `sealed` is shorter than a tag. */
  decrypt(key: AeadKey, nonce: Raw, aad: Raw, sealed: Raw): Promise<Raw | null>;
  random(length: number): Raw;
  /** PBKDF2-HMAC-SHA-256. */
  pbkdf2(password: Raw, salt: Raw, iterations: number, length: number): Promise<Raw>;
  /** null where the platform has no ML-KEM: suite 2 is then not offered. */
  readonly kem: Kem | null;
}
