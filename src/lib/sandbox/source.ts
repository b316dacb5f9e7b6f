// A plugin's source as it comes in, and the number it is known by.
import { Fault } from '../model/fault.ts';
import { LIMITS } from './messages.ts';

/** @param bytes of a file @throws Fault `too-large`, `bad-plugin` */
export function sourceOf(bytes: Uint8Array): string {
  if (bytes.length > LIMITS.source) throw new Fault('too-large', { what: 'the plugin', limit: '1 MiB' });
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw new Fault('bad-plugin', { what: 'the file', reason: 'is no text in UTF-8' }, { cause });
  }
}

/** SHA-256 in hex: what `sha256sum` says of the file. */
export async function sha256Of(source: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(source));
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}
