// A browser context that is paired with every simulated host, without making the pairings one by one.
import type { BrowserContext } from 'playwright';
import { encodeBase64url } from '../../../src/lib/seal/base64url.ts';
import { parsePairingUrl } from '../../../src/lib/session/pairing.ts';
import type { SimProcess } from './sim-process.ts';

/**
 * All hosts paired, as the page keeps them: its own key is made known to the hosts, and their keys to it. The links are real; only
 * the pairings, which are not what is measured, are not made one by one.
 * Names and suites are still to be learnt, by opening a page once.
 */
export async function pairAll(context: BrowserContext, sim: SimProcess): Promise<void> {
  const page = await context.newPage();
  await page.goto(sim.origin);
  await page.locator('main').first().waitFor();
  const key = await page.waitForFunction(ownKey, undefined, { timeout: 60_000, polling: 500 });
  await sim.admit((await key.jsonValue()) ?? '');
  const { tickets, gateway } = parsePairingUrl(sim.links[0] ?? '');
  const hosts = tickets.map(({ host, hostKey }) => ({ host, hostKey: encodeBase64url(hostKey) }));
  const pairedAt = Date.now();
  const known = { gateway, suite: 1, site: '', role: 'admin', head: null, pairedAt };
  await page.evaluate(
    keep,
    hosts.map((each) => ({ ...known, ...each, name: each.host }))
  );
  await page.close();
}

/** In the page: the operator's public key once there is one, base64url. */
async function ownKey(): Promise<string | null> {
  // Opening a store that is not there would make an empty one, in the way of the app's.
  if (!(await indexedDB.databases()).some(({ name }) => name === 'smps')) return null;
  const db = await new Promise<IDBDatabase>((resolve, reject) => {
    const request = indexedDB.open('smps');
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(new Error('no database'));
  });
  try {
    if (!db.objectStoreNames.contains('keys')) return null;
    const request = db.transaction('keys').objectStore('keys').get('operator');
    const stored = await new Promise<{ pair: { publicKey: Uint8Array } } | undefined>((resolve) => {
      request.onsuccess = () => resolve(request.result as { pair: { publicKey: Uint8Array } } | undefined);
    });
    if (!stored) return null;
    const text = btoa(String.fromCharCode(...stored.pair.publicKey));
    return text.replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
  } finally {
    db.close();
  }
}

/** In the page. */
async function keep(pairings: readonly object[]): Promise<void> {
  const db = await new Promise<IDBDatabase>((resolve, reject) => {
    const request = indexedDB.open('smps');
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(new Error('no database'));
  });
  const transaction = db.transaction('pairings', 'readwrite');
  for (const pairing of pairings) transaction.objectStore('pairings').put(pairing);
  await new Promise<void>((resolve) => (transaction.oncomplete = () => resolve()));
  db.close();
}
