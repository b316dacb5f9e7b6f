// Which cryptography this page has: the browser's own, or (on plain http, where browsers withhold it) a bundled one.
import { nativeProvider } from '#lib/seal/native.ts';
import type { CryptoProvider } from '#lib/seal/provider.ts';

/** False on plain http away from localhost: keys can then not be kept out of scripts' reach. */
export const hasOwnCrypto = (): boolean => (globalThis.crypto as Partial<Crypto>).subtle !== undefined;

export async function cryptoProvider(): Promise<CryptoProvider> {
  if (hasOwnCrypto()) return nativeProvider();
  const { linerProvider } = await import('./crypto/liner-provider.ts');
  return linerProvider();
}
