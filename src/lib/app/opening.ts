// What a tab opens first: begun by the root layout's module, beside the fetching of the page's own code.
import type { CryptoProvider } from '#lib/seal/provider.ts';
import type { Storage, StoredKey } from './storage.ts';

export type Core = typeof import('./core.ts');
export type Opening = {
  readonly core: Core;
  readonly storage: Storage;
  readonly provider: CryptoProvider;
  /** The operator's key; null on a first visit. */
  readonly kept: StoredKey | null;
};

/** Rejects when the core does not load. */
export async function openTab(): Promise<Opening> {
  const core = await import('./core.ts');
  return { core, ...(await core.openCore()) };
}
