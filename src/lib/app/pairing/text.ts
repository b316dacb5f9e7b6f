// What an operator pastes to pair: a whole link with `#pair=…`, one ticket, or several, in any mixture of lines and commas.
import { Fault } from '#lib/model/fault.ts';
import { parseTicket, type Ticket } from '#lib/seal/ticket.ts';
import { gatewayUrl } from '#lib/session/pairing.ts';

export type PastedPairing = {
  readonly tickets: readonly Ticket[];
  /** The WebSocket URL of the gateway a pasted link names; null when only tickets were pasted. */
  readonly gateway: string | null;
};

const MAX_TICKETS = 1000;

/** @throws Fault `bad-argument`, which never repeats the text: it is a secret */
export function readPairing(text: string): PastedPairing {
  const tickets: Ticket[] = [];
  let gateway: string | null = null;
  for (const piece of text.split(/[\s,]+/).filter((part) => part !== '')) {
    const at = piece.indexOf('#pair=');
    if (at >= 0) {
      gateway = gatewayUrl(piece.slice(0, at));
      tickets.push(parseTicket(piece.slice(at + '#pair='.length)));
    } else tickets.push(parseTicket(piece));
    if (tickets.length > MAX_TICKETS)
      throw new Fault('too-large', { what: 'the pairing', limit: `${MAX_TICKETS} tickets` });
  }
  return { tickets, gateway };
}
