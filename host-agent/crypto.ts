// CryptoProvider over node:crypto, in the calling thread: at 1 KiB, Web Crypto's hop to another thread costs more than the
// cipher. The same results as the native provider, held to the same vectors; its keys are its own.
import * as node from 'node:crypto'; // whole: Node before 24.7 lacks some of its names
import type { KeyObject } from 'node:crypto';
import { Fault } from '../src/lib/model/fault.ts';
import { bareJwk, jwkPoint, printJwk, wrongNumbers } from '../src/lib/seal/jwk.ts';
import { nativeProvider } from '../src/lib/seal/native.ts';
import type {
  AeadKey,
  CryptoProvider,
  Kem,
  KemPrivateKey,
  PrivateKey,
  PublicPoint,
  Raw
} from '../src/lib/seal/provider.ts';

const AES = 'aes-256-gcm';
const TAG = 16;
// DER SubjectPublicKeyInfo up to the raw key (RFC 5480; RFC 9935).
const EC_SPKI = Buffer.from('3059301306072a8648ce3d020106082a8648ce3d030107034200', 'hex');
const KEM_SPKI = Buffer.from('308204b2300b0609608648016503040402038204a100', 'hex');
const UNCOMPRESSED = Buffer.of(4);
const KEM_PUBLIC = 1184;
const NO_INFO = new Uint8Array(0);

type OwnPrivate = { readonly key: KeyObject; readonly extractable: boolean };
// The opaque key types of the interface are these here, and nothing but this file makes or unwraps them.
const wrapPrivate = (own: OwnPrivate): PrivateKey => own as unknown as PrivateKey;
const unwrapPrivate = (key: PrivateKey): OwnPrivate => key as unknown as OwnPrivate;
const unwrapAead = (key: AeadKey): KeyObject => key as unknown as KeyObject;
const unwrapKem = (key: KemPrivateKey): KeyObject => key as unknown as KeyObject;

const raw = (buffer: Uint8Array): Raw => new Uint8Array(buffer);
const spki = (prefix: Buffer, key: Raw): KeyObject =>
  node.createPublicKey({ key: Buffer.concat([prefix, key]), format: 'der', type: 'spki' });
const bare = (prefix: Buffer, key: KeyObject): Raw =>
  raw(key.export({ format: 'der', type: 'spki' }).subarray(prefix.length));
/** By way of a JWK: as DER it would take OpenSSL twice as long. */
function pointOf(key: KeyObject): PublicPoint {
  const { x, y } = key.export({ format: 'jwk' });
  return raw(Buffer.concat([UNCOMPRESSED, Buffer.from(String(x), 'base64url'), Buffer.from(String(y), 'base64url')]));
}

/** The interface is asynchronous, this is not; what it throws becomes a rejection. */
const at = <Value>(compute: () => Value): Promise<Value> => new Promise((resolve) => resolve(compute()));

const kem: Kem = {
  generate: () =>
    at(() => {
      const pair = node.generateKeyPairSync('ml-kem-768');
      return { publicKey: bare(KEM_SPKI, pair.publicKey), privateKey: pair.privateKey as unknown as KemPrivateKey };
    }),
  encapsulate: (publicKey) =>
    at(() => {
      if (publicKey.length !== KEM_PUBLIC) {
        throw new Fault('malformed', { where: 'ML-KEM public key', reason: 'wrong length' });
      }
      const { ciphertext, sharedKey } = node.encapsulate(spki(KEM_SPKI, publicKey));
      return { ciphertext: raw(ciphertext), shared: raw(sharedKey) };
    }),
  decapsulate: (privateKey, ciphertext) => at(() => raw(node.decapsulate(unwrapKem(privateKey), ciphertext)))
};

function encryptInPlace(key: AeadKey, nonce: Raw, aad: Raw, body: Raw): void {
  const cipher = node.createCipheriv(AES, unwrapAead(key), nonce);
  cipher.setAAD(aad);
  body.set(cipher.update(body.subarray(0, -TAG)));
  cipher.final(); // empty: GCM is a stream
  body.set(cipher.getAuthTag(), body.length - TAG);
}

/** For agents and the command line. ML-KEM from Node 24.7. */
export function nodeProvider(): CryptoProvider {
  const native = nativeProvider();
  // A handshake multiplies each point of its peer twice, and reading one takes nearly as long as multiplying it.
  const points = new WeakMap<PublicPoint, KeyObject>();
  return {
    generateKeyPair: (extractable) =>
      at(() => {
        const pair = node.generateKeyPairSync('ec', { namedCurve: 'P-256' });
        return { publicKey: pointOf(pair.publicKey), privateKey: wrapPrivate({ key: pair.privateKey, extractable }) };
      }),

    importKeyPair: (jwk, extractable) =>
      at(() => {
        const publicKey = jwkPoint(jwk);
        // Node takes the public point of a JWK as given, so it is derived anew.
        const derived = node.createECDH('prime256v1');
        let key: KeyObject;
        try {
          derived.setPrivateKey(String(jwk.d), 'base64url');
          key = node.createPrivateKey({ key: bareJwk(jwk), format: 'jwk' });
        } catch (cause) {
          throw wrongNumbers(cause);
        }
        if (!derived.getPublicKey().equals(publicKey)) throw wrongNumbers();
        return { publicKey, privateKey: wrapPrivate({ key, extractable }) };
      }),

    exportKeyPair: ({ publicKey, privateKey }) =>
      at(() => {
        const { key, extractable } = unwrapPrivate(privateKey);
        const { d } = key.export({ format: 'jwk' });
        if (!extractable || !d) throw new Fault('internal', { reason: 'this key may not be exported' });
        return printJwk(publicKey, d);
      }),

    dh: (privateKey, publicKey) =>
      at(() => {
        if (publicKey.length !== 65 || publicKey[0] !== 4) {
          throw new Fault('malformed', { where: 'public key', reason: 'not an uncompressed P-256 point' });
        }
        const peer = points.get(publicKey) ?? spki(EC_SPKI, publicKey); // OpenSSL refuses points off the curve
        points.set(publicKey, peer);
        return raw(node.diffieHellman({ privateKey: unwrapPrivate(privateKey).key, publicKey: peer }));
      }),

    // Keys as KeyObjects: a Buffer as key costs five times the whole HMAC, and as much again as HKDF does.
    hmac: (key, data) => at(() => raw(node.createHmac('sha256', node.createSecretKey(key)).update(data).digest())),
    hkdf: (salt, input, length) =>
      at(() => new Uint8Array(node.hkdfSync('sha256', node.createSecretKey(input), salt, NO_INFO, length))),
    sha256: (data) => at(() => raw(node.createHash('sha256').update(data).digest())),
    aeadKey: (bytes) => at(() => node.createSecretKey(bytes) as unknown as AeadKey),

    encrypt: (key, nonce, aad, plain) =>
      at(() => {
        const sealed = new Uint8Array(plain.length + TAG);
        sealed.set(plain);
        encryptInPlace(key, nonce, aad, sealed);
        return sealed;
      }),

    encryptInPlace: (key, nonce, aad, body) => at(() => encryptInPlace(key, nonce, aad, body)),

    decrypt: (key, nonce, aad, sealed) =>
      at(() => {
        if (sealed.length < TAG) return null;
        const decipher = node.createDecipheriv(AES, unwrapAead(key), nonce, { authTagLength: TAG });
        decipher.setAAD(aad);
        decipher.setAuthTag(sealed.subarray(-TAG));
        const plain = decipher.update(sealed.subarray(0, -TAG));
        try {
          decipher.final();
        } catch {
          return null;
        }
        // Memory of its own: a copy of it would be waste.
        return new Uint8Array(plain.buffer, plain.byteOffset, plain.length);
      }),

    random: (length) => native.random(length),
    pbkdf2: (password, salt, iterations, length) => native.pbkdf2(password, salt, iterations, length),
    kem: 'encapsulate' in node ? kem : null
  };
}
