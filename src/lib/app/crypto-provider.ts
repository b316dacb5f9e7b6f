// Which cryptography this page has: the browser's own, or (on plain http, where browsers withhold it) a bundled one.
import { nativeProvider } from '#lib/seal/native.ts';
import type { CryptoProvider } from '#lib/seal/provider.ts';

export async function cryptoProvider(): Promise<CryptoProvider> {
  if ((globalThis.crypto as Partial<Crypto>).subtle !== undefined) return nativeProvider();
  const { linerProvider } = await import('./crypto/liner-provider.ts');
  return linerProvider();
}
