// What an operator keeps about each host it is paired with, and the link a host's administrator hands out for pairing.
// A pairing holds no secret: the operator's private key is kept apart from it.
import { Fault } from '../model/fault.ts';
import { ROLES } from '../model/fleet.ts';
import type { JournalHead, Role } from '../model/fleet.ts';
import { hostId, NAME, PUBLIC_KEY } from '../model/ids.ts';
import type { HostId } from '../model/ids.ts';
import { millis } from '../model/units.ts';
import type { Millis } from '../model/units.ts';
import type { Suite } from '../seal/handshake.ts';
import { parseTicket } from '../seal/ticket.ts';
import type { Ticket } from '../seal/ticket.ts';

export type Pairing = {
  readonly host: HostId;
  /** WebSocket URL of the gateway, `ws://` or `wss://`. */
  readonly gateway: string;
  /** The host's static public key, pinned at pairing: base64url of 65 bytes. */
  readonly hostKey: string;
  /** The best suite ever agreed with this host; less is never accepted again. */
  readonly suite: Suite;
  /** As the host last called itself; the host id before it was ever reached. */
  readonly name: string;
  readonly site: string;
  readonly role: Role;
  /** Where the host's journal stood when we last saw it; null before that, and after the operator accepted it anew. */
  readonly head: JournalHead | null;
  readonly pairedAt: Millis;
};

/** With `changes` made; the same object when they change nothing. */
export function changedPairing(pairing: Pairing, changes: Partial<Pairing>): Pairing {
  const { head = pairing.head, ...rest } = changes;
  const sameHead = head?.number === pairing.head?.number && head?.hash === pairing.head?.hash;
  const keys = Object.keys(rest) as (keyof typeof rest)[];
  if (sameHead && keys.every((key) => rest[key] === pairing[key])) return pairing;
  return { ...pairing, ...rest, head: sameHead ? pairing.head : head };
}

/** Path of the gateway's WebSocket. */
const LINK_PATH = '/v1/link';

/**
 * The WebSocket URL of the gateway that serves the page at `page`: `https://h:1/x#y` -> `wss://h:1/v1/link`.
 * A `ws:` or `wss:` URL is taken as it is, without its fragment.
 * @throws Fault `bad-argument`
 */
export function gatewayUrl(page: string): string {
  const url = URL.canParse(page) ? new URL(page) : null;
  const refuse = (reason: string): never => {
    throw new Fault('bad-argument', { name: 'gateway URL', value: page.slice(0, 80), reason });
  };
  if (!url) return refuse('is not a URL');
  if (url.username !== '' || url.password !== '') return refuse('must not carry a user name or password');
  if (url.protocol === 'ws:' || url.protocol === 'wss:') return url.href.replace(/#.*$/, '');
  if (url.protocol === 'http:') return `ws://${url.host}${LINK_PATH}`;
  if (url.protocol === 'https:') return `wss://${url.host}${LINK_PATH}`;
  return refuse('must start with http://, https://, ws:// or wss://');
}

const MAX_TICKETS = 1000;

/**
 * Reads a pairing link, `http://localhost:8080/#pair=TICKET,TICKET…`. The tickets are in the fragment, which browsers
 * send to no server. Never empty.
 * @throws Fault `bad-argument`
 */
export function parsePairingUrl(link: string): { readonly gateway: string; readonly tickets: readonly Ticket[] } {
  const [page = '', fragment = ''] = link.split(/#(.*)/s);
  const gateway = gatewayUrl(page);
  const listed = new URLSearchParams(fragment).get('pair') ?? '';
  const texts = listed.split(',').filter((text) => text !== '');
  if (texts.length === 0 || texts.length > MAX_TICKETS) {
    throw new Fault('bad-argument', {
      name: 'pairing link',
      value: page.slice(0, 80), // never the fragment: it is the secret
      reason: texts.length === 0 ? 'carries no ticket (#pair=…)' : `carries more than ${MAX_TICKETS} tickets`
    });
  }
  return { gateway, tickets: texts.map(parseTicket) };
}

/**
 * What is to be stored of a host now. Others that have it (tabs, processes) may know a later head of its journal, or have seen it with a
 * better suite: neither is ever lost. Of a host that has another key by now, what is stored stays.
 */
export function upToDate(stored: Pairing, pairing: Pairing): Pairing {
  if (stored.hostKey !== pairing.hostKey) return stored;
  const { head, suite } = stored;
  const later = head && (!pairing.head || head.number > pairing.head.number) ? head : pairing.head;
  return { ...pairing, head: later, suite: suite > pairing.suite ? suite : pairing.suite };
}

const HASH = /^[0-9a-f]{64}$/;

/**
 * Reads a stored pairing strictly: exactly the fields above, each in range.
 * @param where what it was read from, for the message: a file name
 * @throws Fault `corrupt-state`
 */
export function parsePairing(value: unknown, where: string): Pairing {
  const bad = (reason: string): never => {
    throw new Fault('corrupt-state', { file: where, reason });
  };
  if (typeof value !== 'object' || value === null) return bad('a pairing is not an object');
  const fields = new Map<string, unknown>(Object.entries(value));
  const take = (name: string): unknown => {
    if (!fields.has(name)) bad(`a pairing lacks “${name}”`);
    const field = fields.get(name);
    fields.delete(name);
    return field;
  };
  const takeText = (name: string, pattern: RegExp): string => {
    const field = take(name);
    return typeof field === 'string' && pattern.test(field) ? field : bad(`“${name}” of a pairing is not valid`);
  };
  const takeHead = (): JournalHead | null => {
    const field = take('head');
    if (field === null) return null;
    const { number, hash } = field as { number?: unknown; hash?: unknown };
    if (!Number.isSafeInteger(number) || Number(number) < 0 || typeof hash !== 'string' || !HASH.test(hash)) {
      return bad('“head” of a pairing is not valid');
    }
    return { number: Number(number), hash };
  };
  try {
    const suite = take('suite');
    const role = ROLES.find((known) => known === fields.get('role'));
    take('role');
    const pairing: Pairing = {
      host: hostId(takeText('host', /^/)),
      gateway: gatewayUrl(takeText('gateway', /^wss?:/)),
      hostKey: takeText('hostKey', PUBLIC_KEY),
      suite: suite === 1 || suite === 2 ? suite : bad('“suite” of a pairing is not valid'),
      name: takeText('name', NAME),
      site: takeText('site', /^.{0,256}$/su),
      role: role ?? bad('“role” of a pairing is not valid'),
      head: takeHead(),
      pairedAt: millis(take('pairedAt') as number)
    };
    for (const name of fields.keys()) bad(`a pairing has an unknown field “${name}”`);
    return pairing;
  } catch (thrown) {
    if (thrown instanceof Fault && thrown.code === 'corrupt-state') throw thrown;
    return bad(Fault.from(thrown).message);
  }
}
