// CryptoProvider over WebCrypto: browsers in secure contexts, Node, and (given its Crypto) webcrypto-liner.
import { Fault } from '../model/fault.ts';
import { bareJwk, jwkPoint, printJwk, wrongNumbers } from './jwk.ts';
import type { AeadKey, CryptoProvider, Kem, KemPrivateKey, KeyPair, PrivateKey, PublicPoint, Raw } from './provider.ts';

const ECDH = { name: 'ECDH', namedCurve: 'P-256' } as const;
const HMAC = { name: 'HMAC', hash: 'SHA-256' } as const;
const HKDF = { name: 'HKDF', hash: 'SHA-256', info: new Uint8Array(0) } as const;
const ML_KEM = { name: 'ML-KEM-768' } as const;

// Of the draft “Modern Algorithms in the Web Cryptography API”; TypeScript's library does not have it yet.
interface KemSubtle {
  generateKey(algorithm: typeof ML_KEM, extractable: boolean, usages: string[]): Promise<CryptoKeyPair>;
  importKey(format: 'raw-public', key: Raw, algorithm: typeof ML_KEM, e: boolean, usages: string[]): Promise<CryptoKey>;
  exportKey(format: 'raw-public', key: CryptoKey): Promise<ArrayBuffer>;
  encapsulateBits(a: typeof ML_KEM, key: CryptoKey): Promise<{ sharedKey: ArrayBuffer; ciphertext: ArrayBuffer }>;
  decapsulateBits(algorithm: typeof ML_KEM, key: CryptoKey, ciphertext: Raw): Promise<ArrayBuffer>;
}

// The opaque key types of the interface are CryptoKeys here, and nothing but this file makes or unwraps them.
const unwrap = (key: PrivateKey | AeadKey | KemPrivateKey): CryptoKey => key as unknown as CryptoKey;
const wrapPrivate = (key: CryptoKey): PrivateKey => key as unknown as PrivateKey;
const wrapAead = (key: CryptoKey): AeadKey => key as unknown as AeadKey;
const wrapKem = (key: CryptoKey): KemPrivateKey => key as unknown as KemPrivateKey;

function kemOf(subtle: SubtleCrypto): Kem | null {
  if (!('encapsulateBits' in subtle)) return null;
  const kem = subtle as unknown as KemSubtle; // checked for above
  return {
    async generate() {
      const pair = await kem.generateKey(ML_KEM, false, ['encapsulateBits', 'decapsulateBits']);
      const publicKey = new Uint8Array(await kem.exportKey('raw-public', pair.publicKey));
      return { publicKey, privateKey: wrapKem(pair.privateKey) };
    },
    async encapsulate(publicKey) {
      const key = await kem.importKey('raw-public', publicKey, ML_KEM, false, ['encapsulateBits']);
      const { sharedKey, ciphertext } = await kem.encapsulateBits(ML_KEM, key);
      return { ciphertext: new Uint8Array(ciphertext), shared: new Uint8Array(sharedKey) };
    },
    async decapsulate(privateKey, ciphertext) {
      return new Uint8Array(await kem.decapsulateBits(ML_KEM, unwrap(privateKey), ciphertext));
    }
  };
}

/**
 * @param source whose `subtle` to use: the platform's by default
 * @throws Fault `unsupported` where `crypto.subtle` is missing (a page on plain http)
 */
export function nativeProvider(source: Crypto = globalThis.crypto): CryptoProvider {
  const subtle = source.subtle as SubtleCrypto | undefined;
  if (!subtle) {
    throw new Fault('unsupported', {
      what: 'sealing',
      reason: 'this page is not a secure context, so the browser withholds its cryptography',
      instead: 'open it over https or on localhost'
    });
  }
  // A handshake multiplies each point of its peer twice.
  const points = new WeakMap<PublicPoint, Promise<CryptoKey>>();
  return {
    async generateKeyPair(extractable) {
      const pair = await subtle.generateKey(ECDH, extractable, ['deriveBits']);
      const publicKey = new Uint8Array(await subtle.exportKey('raw', pair.publicKey));
      return { publicKey, privateKey: wrapPrivate(pair.privateKey) };
    },

    async importKeyPair(jwk, extractable): Promise<KeyPair> {
      const publicKey = jwkPoint(jwk);
      try {
        const key = await subtle.importKey('jwk', bareJwk(jwk), ECDH, extractable, ['deriveBits']);
        return { publicKey, privateKey: wrapPrivate(key) };
      } catch (cause) {
        throw wrongNumbers(cause);
      }
    },

    async exportKeyPair(pair) {
      const { d } = await subtle.exportKey('jwk', unwrap(pair.privateKey));
      if (d === undefined) throw new Fault('internal', { reason: 'not a private key' });
      return printJwk(pair.publicKey, d);
    },

    async dh(privateKey, publicKey) {
      // Some platforms also import compressed and hybrid points; the wire has uncompressed ones only.
      if (publicKey.length !== 65 || publicKey[0] !== 4) {
        throw new Fault('malformed', { where: 'public key', reason: 'not an uncompressed P-256 point' });
      }
      const imported = points.get(publicKey) ?? subtle.importKey('raw', publicKey, ECDH, false, []);
      points.set(publicKey, imported);
      const algorithm = { name: 'ECDH', public: await imported };
      return new Uint8Array(await subtle.deriveBits(algorithm, unwrap(privateKey), 256));
    },

    async hmac(key, data) {
      const imported = await subtle.importKey('raw', key, HMAC, false, ['sign']);
      return new Uint8Array(await subtle.sign(HMAC, imported, data));
    },

    async hkdf(salt, input, length) {
      const key = await subtle.importKey('raw', input, 'HKDF', false, ['deriveBits']);
      return new Uint8Array(await subtle.deriveBits({ ...HKDF, salt }, key, length * 8));
    },

    async sha256(data) {
      return new Uint8Array(await subtle.digest('SHA-256', data));
    },

    async aeadKey(raw) {
      return wrapAead(await subtle.importKey('raw', raw, 'AES-GCM', false, ['encrypt', 'decrypt']));
    },

    async encrypt(key, nonce, aad, plain) {
      const algorithm = { name: 'AES-GCM', iv: nonce, additionalData: aad };
      return new Uint8Array(await subtle.encrypt(algorithm, unwrap(key), plain));
    },

    async decrypt(key, nonce, aad, sealed) {
      const algorithm = { name: 'AES-GCM', iv: nonce, additionalData: aad };
      try {
        return new Uint8Array(await subtle.decrypt(algorithm, unwrap(key), sealed));
      } catch (error) {
        // The specification's only answer to a wrong tag or too short an input; anything else is a mistake of ours.
        if ((error as Error).name === 'OperationError') return null;
        throw error;
      }
    },

    random(length) {
      return source.getRandomValues(new Uint8Array(length));
    },

    async pbkdf2(password, salt, iterations, length) {
      const key = await subtle.importKey('raw', password, 'PBKDF2', false, ['deriveBits']);
      const algorithm = { name: 'PBKDF2', hash: 'SHA-256', salt, iterations };
      return new Uint8Array(await subtle.deriveBits(algorithm, key, length * 8));
    },

    kem: kemOf(subtle)
  };
}
