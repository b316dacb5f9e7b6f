// CryptoProvider for pages on plain http, over webcrypto-liner in a worker. Its keys cannot be stored, it is not constant
// in time, and it has no ML-KEM: never use it where crypto.subtle exists.
import { Fault } from '#lib/model/fault.ts';
import type { AeadKey, CryptoProvider, KeyPair, PrivateKey } from '#lib/seal/provider.ts';
import type { LinerAnswer, LinerCall, LinerMethods, NumberedPair } from './liner-calls.ts';

const startWorker = (): Worker => new Worker(new URL('./liner-worker.ts', import.meta.url), { type: 'module' });

type Waiting = { resolve(value: unknown): void; reject(reason: unknown): void };
type KeyNumber = { readonly number: number };

/** The provider of this page: call it once. The worker lives as long as the page. */
export function linerProvider(worker: Worker = startWorker()): CryptoProvider {
  const waiting = new Map<number, Waiting>();
  let lastCall = 0;
  let broken: Fault | null = null;

  function call<Name extends keyof LinerMethods>(
    method: Name,
    ...args: Parameters<LinerMethods[Name]>
  ): ReturnType<LinerMethods[Name]> {
    const id = ++lastCall;
    const answered = new Promise((resolve, reject) => {
      if (broken) {
        reject(broken);
        return;
      }
      waiting.set(id, { resolve, reject });
      worker.postMessage({ id, method, args } satisfies LinerCall);
    });
    return answered as ReturnType<LinerMethods[Name]>; // the worker answers each method by that type
  }

  worker.addEventListener('message', ({ data }: MessageEvent<LinerAnswer>) => {
    const call = waiting.get(data.id);
    waiting.delete(data.id);
    if ('value' in data) call?.resolve(data.value);
    else call?.reject(new Fault(data.failure.code, data.failure.detail));
  });
  worker.addEventListener('error', (event) => {
    broken = new Fault('internal', { reason: `the crypto worker failed: ${event.message || 'it did not load'}` });
    for (const call of waiting.values()) call.reject(broken);
    waiting.clear();
  });

  // A key that the page has dropped is freed in the worker.
  const dropped = new FinalizationRegistry<number>((key) => void call('forget', key).catch(() => undefined));
  function name(number: number): KeyNumber {
    const key = { number };
    dropped.register(key, number);
    return key;
  }
  const numberOf = (key: PrivateKey | AeadKey): number => (key as unknown as KeyNumber).number; // made by `name`
  const pair = ({ publicKey, key }: NumberedPair): KeyPair => ({
    publicKey,
    privateKey: name(key) as unknown as PrivateKey
  });

  return {
    generateKeyPair: async (extractable) => pair(await call('generateKeyPair', extractable)),
    importKeyPair: async (jwk, extractable) => pair(await call('importKeyPair', jwk, extractable)),
    exportKeyPair: ({ publicKey, privateKey }) => call('exportKeyPair', publicKey, numberOf(privateKey)),
    dh: (privateKey, publicKey) => call('dh', numberOf(privateKey), publicKey),
    hmac: (key, data) => call('hmac', key, data),
    hkdf: (salt, input, length) => call('hkdf', salt, input, length),
    sha256: (data) => call('sha256', data),
    aeadKey: async (raw) => name(await call('aeadKey', raw)) as unknown as AeadKey,
    encrypt: (key, nonce, aad, plain) => call('encrypt', numberOf(key), nonce, aad, plain),
    decrypt: (key, nonce, aad, sealed) => call('decrypt', numberOf(key), nonce, aad, sealed),
    random: (length) => crypto.getRandomValues(new Uint8Array(length)),
    pbkdf2: (password, salt, iterations, length) => call('pbkdf2', password, salt, iterations, length),
    kem: null
  };
}
