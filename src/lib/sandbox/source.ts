// A plugin's source as it comes in.
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
