// Everything behind the first paint, in one lazily loaded piece: the client with its seal and codec, the keys, the store.
// The shell shows itself before any of it has arrived; only types of it may be imported elsewhere on the first view.
import { Fault } from '#lib/model/fault.ts';
import { operatorKey, type OperatorKey } from '#lib/model/ids.ts';
import type { Reply } from '#lib/protocol/schema.ts';
import { faultFromWire } from '#lib/protocol/codec.ts';
import { decodeBase64url, encodeBase64url } from '#lib/seal/base64url.ts';
import type { CryptoProvider, KeyPair } from '#lib/seal/provider.ts';
import type { Client } from '#lib/session/client.ts';
import { cryptoProvider } from './crypto-provider.ts';
import { Elsewhere } from './tasks/elsewhere.ts';
import { LoadHistory } from './load/history.ts';
import type { Ask } from './load/history.ts';
import { Lookout } from './notices/lookout.ts';
import { createWrapped, keyNumber, nativeKey, unlock } from './operator-key.ts';
import type { Opening } from './opening.ts';
import { Storage } from './storage.ts';
import { Links } from './tab-links.ts';
import { taskNotice } from './notices/task-notice.ts';

/** What is kept in the store, this page's cryptography, and links to all hosts. @param secure whether a key can be kept without a passphrase */
export async function openCore(secure: boolean): Promise<Omit<Opening, 'core'>> {
  const [storage, provider] = await Promise.all([Storage.open(), cryptoProvider()]);
  const corrupt: Fault[] = [];
  const [kept, pairings] = await Promise.all([storage.key(), storage.pairings((fault) => corrupt.push(fault))]);
  const identity = secure && kept?.kind !== 'wrapped' ? await nativeKey(storage, provider) : null;
  const links = identity === null ? null : new Links({ provider, identity, storage, pairings });
  return { storage, provider, identity, kept: kept !== null, pairings, links, fault: corrupt[0] ?? storage.fault };
}

/** The operator's key behind `passphrase`: opened, or made when there is none. @throws Fault `bad-argument` */
export async function openWrappedKey(storage: Storage, provider: CryptoProvider, passphrase: string): Promise<KeyPair> {
  const kept = await storage.key();
  return kept ? unlock(kept, provider, passphrase) : createWrapped(storage, provider, passphrase);
}

/** As hosts name the operator in their journals. */
export const operatorOf = ({ publicKey }: KeyPair): OperatorKey => operatorKey(encodeBase64url(publicKey));

/** The short number of a key written in base64url. @throws Fault `bad-argument` */
export const numberOfKey = (provider: CryptoProvider, key: string): Promise<string> =>
  keyNumber(provider, decodeBase64url('key', key));
export { Elsewhere, keyNumber, Links, LoadHistory, Lookout, taskNotice };

/** Asks a host for what it remembers of its load. */
export const askHistory =
  (run: Client['run']): Ask =>
  async (host, args) => {
    const reply = await run(host, 'load.history', args);
    const fault = faultOfReply(reply);
    if (fault !== null) throw fault;
    return reply.history;
  };

/** Why the host refused or failed; null when it did neither. */
export const faultOfReply = (reply: Reply): Fault | null => (reply.fault === null ? null : faultFromWire(reply.fault));
