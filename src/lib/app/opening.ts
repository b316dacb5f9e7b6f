// What a tab opens first: begun by the root layout's module, beside the fetching of the page's own code.
import type { Fault } from '#lib/model/fault.ts';
import type { CryptoProvider, KeyPair } from '#lib/seal/provider.ts';
import type { Pairing } from '#lib/session/pairing.ts';
import type { Links } from './tab-links.ts';
import type { Storage } from './storage.ts';

export type Core = typeof import('./core.ts');
export type Opening = {
  readonly core: Core;
  readonly storage: Storage;
  readonly provider: CryptoProvider;
  /** The operator's key, made on a first visit; null where a passphrase is wanted first. */
  readonly identity: KeyPair | null;
  /** There was a key before: what a passphrase is wanted for is opening it, not making one. */
  readonly kept: boolean;
  readonly pairings: readonly Pairing[];
  /** Begun before there is anything to show them; null without a key. */
  readonly links: Links | null;
  /** Why nothing outlives this tab, or what could not be read; null when all is well. */
  readonly fault: Fault | null;
};

/** False: this page came over plain http, the browser gives no cryptography and no safe place for a key. */
export const isSecure = (): boolean => (globalThis.crypto as Partial<Crypto>).subtle !== undefined;

/** Rejects when the core does not load. */
export async function openTab(): Promise<Opening> {
  const core = await import('./core.ts');
  return { core, ...(await core.openCore(isSecure())) };
}
