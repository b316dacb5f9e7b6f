// A pairing ticket: what an operator carries from a host to the browser, once. It holds a secret: never log or store it.
import { Fault } from '../model/fault.ts';
import { hostId, type HostId } from '../model/ids.ts';
import { decodeBase64url, encodeBase64url } from './base64url.ts';
import { CODE } from './handshake.ts';
import { POINT } from './noise.ts';
import type { PublicPoint } from './provider.ts';

export type Ticket = { readonly host: HostId; readonly hostKey: PublicPoint; readonly code: Uint8Array };

/** `hostId.base64url(hostKey).base64url(code)`. */
export function printTicket(ticket: Ticket): string {
  return `${ticket.host}.${encodeBase64url(ticket.hostKey)}.${encodeBase64url(ticket.code)}`;
}

/** Reads from the right: host ids may hold dots. @throws Fault `bad-argument`, which does not repeat the text */
export function parseTicket(text: string): Ticket {
  const code = text.lastIndexOf('.');
  const key = text.lastIndexOf('.', code - 1);
  try {
    const ticket = {
      host: hostId(text.slice(0, Math.max(key, 0))),
      hostKey: decodeBase64url('key', text.slice(key + 1, Math.max(code, 0))),
      code: decodeBase64url('code', text.slice(code + 1))
    };
    if (ticket.hostKey.length === POINT && ticket.hostKey[0] === 4 && ticket.code.length === CODE) return ticket;
  } catch {
    // falls through to the one answer for all malformed tickets
  }
  throw new Fault('bad-argument', {
    name: 'pairing ticket',
    value: `${text.length} characters`,
    reason: 'is not complete: copy the whole line that the host printed'
  });
}
