import { deleteDB } from 'idb';
import { afterEach, expect, test, vi } from 'vitest';
import { hostId } from '#lib/model/ids.ts';
import { millis } from '#lib/model/units.ts';
import { encodeBase64url } from '#lib/seal/base64url.ts';
import { nativeProvider } from '#lib/seal/native.ts';
import type { Pairing } from '#lib/session/pairing.ts';
import { createWrapped, keyNumber, nativeKey, unlock } from './operator-key.ts';
import { Storage } from './storage.ts';

const provider = nativeProvider();
const open: Storage[] = [];
async function storage(): Promise<Storage> {
  const one = await Storage.open();
  open.push(one);
  return one;
}
afterEach(async () => {
  for (const one of open.splice(0)) one.close();
  await deleteDB('smps');
});

test('the first visit makes a key that cannot leave the browser, and the next visit finds it', async () => {
  const made = await nativeKey(await storage(), provider);
  const found = await nativeKey(await storage(), provider);
  expect(found.publicKey).toEqual(made.publicKey);
  expect((found.privateKey as unknown as CryptoKey).extractable).toBe(false);
  await expect(provider.exportKeyPair(found)).rejects.toThrow();
  const peer = await provider.generateKeyPair(false);
  expect(await provider.dh(found.privateKey, peer.publicKey)).toEqual(
    await provider.dh(peer.privateKey, found.publicKey)
  );
});

test('two tabs on their first visit agree on one key', async () => {
  const [a, b] = await Promise.all([storage(), storage()]);
  const [one, other] = await Promise.all([nativeKey(a, provider), nativeKey(b, provider)]);
  expect(one.publicKey).toEqual(other.publicKey);
});

test('a passphrase seals the key and opens it again; a wrong one does not', async () => {
  const store = await storage();
  const made = await createWrapped(store, provider, 'correct horse battery');
  const kept = await store.key();
  if (kept?.kind !== 'wrapped') throw new Error('the key is not wrapped');
  expect((await unlock(kept, provider, 'correct horse battery')).publicKey).toEqual(made.publicKey);
  await expect(unlock(kept, provider, 'correct horse')).rejects.toMatchObject({ code: 'bad-argument' });
  expect(kept.iterations).toBeGreaterThanOrEqual(600_000);
  expect(JSON.stringify([...kept.sealed])).not.toContain('"d"');
});

test('the number of a key is eight digits of its SHA-256', async () => {
  const key = new Uint8Array(65);
  key[0] = 4;
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', key));
  const expected = (new DataView(digest.buffer).getBigUint64(0) % 100_000_000n).toString().padStart(8, '0');
  expect(await keyNumber(provider, key)).toBe(`${expected.slice(0, 4)} ${expected.slice(4)}`);
});

const PAIRING: Pairing = {
  host: hostId('n1'),
  gateway: 'ws://localhost:1/v1/link',
  hostKey: encodeBase64url(new Uint8Array(65).fill(4)),
  suite: 1,
  name: 'n1',
  site: 'north',
  role: 'admin',
  head: null,
  pairedAt: millis(1)
};

test('pairings are kept and removed, and a corrupt one is told, not shown', async () => {
  const store = await storage();
  const faults: string[] = [];
  const listed = () => store.pairings((fault) => faults.push(fault.code));
  await store.savePairing(PAIRING);
  expect(await listed()).toEqual([PAIRING]);
  await store.savePairing({ ...PAIRING, host: hostId('n2'), hostKey: 'nonsense' });
  expect((await listed()).map(({ host }) => host)).toEqual(['n1']);
  expect(faults).toEqual(['corrupt-state']);
  await store.removePairing(PAIRING.host);
  expect(await listed()).toEqual([]);
});

test('what one tab still hears of a host brings it not back when another has forgotten it, and takes nothing back', async () => {
  const [one, other] = [await storage(), await storage()];
  const head = { number: 9, hash: 'b'.repeat(64) };
  const listed = () => one.pairings(() => undefined);
  await one.savePairing({ ...PAIRING, suite: 2, head });
  await other.savePairing({ ...PAIRING, name: 'renamed', head: { ...head, number: 8 } }, 'changed');
  expect(await listed()).toEqual([{ ...PAIRING, name: 'renamed', suite: 2, head }]);
  const accepted = { ...PAIRING, head: null };
  await one.savePairing(accepted);
  expect(await listed()).toEqual([accepted]);
  await one.removePairing(PAIRING.host);
  await other.savePairing({ ...PAIRING, head }, 'changed');
  expect(await listed()).toEqual([]);
});

test('a pairing that cannot be removed is told of, and still there', async () => {
  const store = await storage();
  await store.savePairing(PAIRING);
  const told: string[] = [];
  store.onFault = ({ code }) => told.push(code);
  store.close();
  await expect(store.removePairing(PAIRING.host)).rejects.toMatchObject({ code: 'storage-refused' });
  expect([told, store.fault?.code]).toEqual([['storage-refused'], 'storage-refused']);
  expect(await (await storage()).pairings(() => undefined)).toEqual([PAIRING]);
});

test('where the browser refuses storage, everything works until the tab closes, and the fault says so', async () => {
  const refused = vi.spyOn(IDBFactory.prototype, 'open').mockImplementation(() => {
    throw new DOMException('denied', 'SecurityError');
  });
  try {
    const store = await storage();
    expect(store.fault?.code).toBe('storage-refused');
    const key = await nativeKey(store, provider);
    expect((await nativeKey(store, provider)).publicKey).toEqual(key.publicKey);
    await store.savePairing(PAIRING);
    expect(await store.pairings(() => undefined)).toEqual([PAIRING]);
  } finally {
    refused.mockRestore();
  }
});
