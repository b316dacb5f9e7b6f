// Runs Wycheproof (C2SP, testvectors_v1) through any CryptoProvider: the native one in Node and in Chromium, the liner's.
import type { CryptoProvider } from '../../src/lib/seal/provider.ts';
import { hex, unhex } from './hex.ts';
import { importP256 } from './import-private.ts';

type Case<Fields extends string> = Record<Fields, string> & {
  tcId: number;
  flags: string[];
  result: 'valid' | 'invalid' | 'acceptable';
};
type Suite<Group, Fields extends string> = { testGroups: (Group & { tests: Case<Fields>[] })[] };

/** How many cases ran, and those whose outcome was not the demanded one. */
export type Tally = { ran: number; wrong: number[] };

async function tally<Each extends { tcId: number }>(
  cases: readonly Each[],
  right: (test: Each) => Promise<boolean>
): Promise<Tally> {
  const wrong: number[] = [];
  for (const test of cases) {
    if (!(await right(test))) wrong.push(test.tcId);
  }
  return { ran: cases.length, wrong };
}

/** AES-GCM with the 256-bit keys, 96-bit nonces and 128-bit tags that we use. */
export function aesGcm(provider: CryptoProvider, suite: unknown): Promise<Tally> {
  type Group = { keySize: number; ivSize: number; tagSize: number };
  const { testGroups } = suite as Suite<Group, 'key' | 'iv' | 'aad' | 'msg' | 'ct' | 'tag'>;
  const ours = testGroups.filter((group) => group.keySize === 256 && group.ivSize === 96 && group.tagSize === 128);
  return tally(
    ours.flatMap((group) => group.tests),
    async (test) => {
      const key = await provider.aeadKey(unhex(test.key));
      const [iv, aad] = [unhex(test.iv), unhex(test.aad)];
      const plain = await provider.decrypt(key, iv, aad, unhex(test.ct + test.tag));
      if (test.result === 'invalid') return plain === null;
      const sealed = await provider.encrypt(key, iv, aad, unhex(test.msg));
      return plain !== null && hex(plain) === test.msg && hex(sealed) === test.ct + test.tag;
    }
  );
}

/** ECDH on raw points. Compressed points are valid to Wycheproof where marked so; to us they are all refused. */
export function ecdh(provider: CryptoProvider, suite: unknown): Promise<Tally> {
  const { testGroups } = suite as Suite<object, 'public' | 'private' | 'shared'>;
  return tally(
    testGroups.flatMap((group) => group.tests),
    async (test) => {
      const jwk = await crypto.subtle.exportKey('jwk', await importP256(test.private));
      const pair = await provider.importKeyPair(jwk, false);
      const demanded = test.result !== 'invalid' && test.public.startsWith('04') ? test.shared : null;
      const shared = await provider.dh(pair.privateKey, unhex(test.public)).then(hex, () => null);
      return shared === demanded;
    }
  );
}

/** HMAC-SHA-256; the shorter tags are prefixes. */
export function hmac(provider: CryptoProvider, suite: unknown): Promise<Tally> {
  const { testGroups } = suite as Suite<object, 'key' | 'msg' | 'tag'>;
  return tally(
    testGroups.flatMap((group) => group.tests),
    async (test) => {
      const mac = hex(await provider.hmac(unhex(test.key), unhex(test.msg)));
      return mac.startsWith(test.tag) === (test.result !== 'invalid');
    }
  );
}

/** PBKDF2-HMAC-SHA-256. */
export function pbkdf2(provider: CryptoProvider, suite: unknown): Promise<Tally> {
  type Numbers = { iterationCount: number; dkLen: number };
  const { testGroups } = suite as { testGroups: { tests: (Case<'password' | 'salt' | 'dk'> & Numbers)[] }[] };
  return tally(
    testGroups.flatMap((group) => group.tests),
    async (test) => {
      const { password, salt, iterationCount, dkLen } = test;
      const key = await provider.pbkdf2(unhex(password), unhex(salt), iterationCount, dkLen);
      return (hex(key) === test.dk) === (test.result !== 'invalid');
    }
  );
}
