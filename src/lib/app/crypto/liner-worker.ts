// webcrypto-liner in a worker, for pages on plain http: there the browser withholds crypto.subtle, and sealing 64 KiB in
// JavaScript takes 33 ms, which the page cannot spare.
import { Crypto as Liner } from 'webcrypto-liner/build/index.es.js';
import { Fault } from '#lib/model/fault.ts';
import { hkdfFromHmac } from '#lib/seal/hkdf.ts';
import { nativeProvider } from '#lib/seal/native.ts';
import type { AeadKey, KeyPair, PrivateKey } from '#lib/seal/provider.ts';
import type { LinerAnswer, LinerCall, LinerMethods, NumberedPair } from './liner-calls.ts';

const liner = nativeProvider(new Liner());
const privateKeys = new Map<number, PrivateKey>();
const aeadKeys = new Map<number, AeadKey>();
let lastKey = 0;

function keep<Key>(keys: Map<number, Key>, key: Key): number {
  lastKey += 1;
  keys.set(lastKey, key);
  return lastKey;
}

function kept<Key>(keys: Map<number, Key>, key: number): Key {
  const found = keys.get(key);
  if (found === undefined) throw new Fault('internal', { reason: 'no such key in the crypto worker' });
  return found;
}

const numbered = ({ publicKey, privateKey }: KeyPair): NumberedPair => ({
  publicKey,
  key: keep(privateKeys, privateKey)
});

const methods: LinerMethods = {
  generateKeyPair: async (extractable) => numbered(await liner.generateKeyPair(extractable)),
  importKeyPair: async (jwk, extractable) => numbered(await liner.importKeyPair(jwk, extractable)),
  exportKeyPair: (publicKey, key) => liner.exportKeyPair({ publicKey, privateKey: kept(privateKeys, key) }),
  dh: (key, publicKey) => liner.dh(kept(privateKeys, key), publicKey),
  hmac: (key, data) => liner.hmac(key, data),
  hkdf: (salt, input, length) => hkdfFromHmac((key, data) => liner.hmac(key, data), salt, input, length),
  sha256: (data) => liner.sha256(data),
  aeadKey: async (raw) => keep(aeadKeys, await liner.aeadKey(raw)),
  encrypt: (key, nonce, aad, plain) => liner.encrypt(kept(aeadKeys, key), nonce, aad, plain),
  decrypt: (key, nonce, aad, sealed) => {
    // The liner has no error of its own kind for a wrong tag.
    return liner.decrypt(kept(aeadKeys, key), nonce, aad, sealed).catch(() => null);
  },
  pbkdf2: (password, salt, iterations, length) => liner.pbkdf2(password, salt, iterations, length),
  forget: (key) => {
    privateKeys.delete(key);
    aeadKeys.delete(key);
    return Promise.resolve();
  }
};

async function answer({ id, method, args }: LinerCall): Promise<LinerAnswer> {
  try {
    // The page's side of this protocol is typed by the same LinerMethods.
    const run = methods[method] as (...given: readonly unknown[]) => Promise<unknown>;
    return { id, value: await run(...args) };
  } catch (error) {
    const { code, detail } = Fault.from(error);
    return { id, failure: { code, detail } };
  }
}

// Only the page that made this worker can post to it.
addEventListener('message', (event: MessageEvent<LinerCall>) => {
  void answer(event.data).then((said) => {
    postMessage(said);
  });
});
