// base64url without padding (RFC 4648 section 5), strict: one text for each value, so that texts can be compared.
import { Fault } from '../model/fault.ts';
import type { Raw } from './provider.ts';

/** Text without padding. For keys and codes: not meant for megabytes. */
export function encodeBase64url(bytes: Uint8Array): string {
  const base64 = btoa(String.fromCharCode(...bytes));
  return base64.replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}

/**
 * @param name what the text is, for the message; the text itself is not repeated, it may be a secret
 * @throws Fault `bad-argument` for padding, foreign characters, or stray bits in the last character
 */
export function decodeBase64url(name: string, text: string): Raw {
  if (/^[A-Za-z0-9_-]*$/.test(text) && text.length % 4 !== 1) {
    const binary = atob(text.replaceAll('-', '+').replaceAll('_', '/'));
    const bytes = Uint8Array.from(binary, (character) => character.charCodeAt(0));
    if (encodeBase64url(bytes) === text) return bytes;
  }
  throw new Fault('bad-argument', { name, value: `${text.length} characters`, reason: 'is not base64url' });
}
