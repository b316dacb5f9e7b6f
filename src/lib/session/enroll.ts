// Pairing, the operator's side (docs/WIRE.md, Pairing): a link proven by the one-time code, on which `host.enroll` makes
// this key known. When that link breaks before the answer, an ordinary link tells whether the host knows us already.
import { Fault } from '../model/fault.ts';
import type { Role } from '../model/fleet.ts';
import type { HostId } from '../model/ids.ts';
import type { Xml } from '../model/stages.ts';
import type { Millis } from '../model/units.ts';
import { decodeReply, encodeCommand, faultFromWire } from '../protocol/codec.ts';
import type { Reply } from '../protocol/schema.ts';
import { checkNumber } from '../seal/handshake.ts';
import type { CryptoProvider } from '../seal/provider.ts';
import type { Clock } from './clock.ts';
import type { LinkEvents, SessionLink } from './session-link.ts';
import { commandIdFrom } from './outstanding.ts';

const ENROLL_TIME = 20_000;

/** Opens a link to the host: with the pairing code, or as an operator it knows. */
export type OpenForEnrolling = (
  withCode: boolean,
  events: LinkEvents,
  signal: AbortSignal
) => Promise<SessionLink & { readonly secure: { readonly handshakeHash: Uint8Array } }>;

/**
 * @param label what the host is to call this operator
 * @returns the role the code granted, and the eight digits to compare with the host's
 * @throws Fault as Client.pair
 */
export async function enroll(o: {
  readonly host: HostId;
  readonly label: string;
  readonly open: OpenForEnrolling;
  readonly provider: CryptoProvider;
  readonly clock: Clock;
}): Promise<{ readonly role: Role; readonly checkNumber: string }> {
  const xml = encodeCommand({
    id: commandIdFrom(o.provider.random(16)),
    op: 'host.enroll',
    host: o.host,
    notAfter: (o.clock.now() + 120_000) as Millis,
    expect: null,
    args: { label: o.label }
  });
  let hash: Uint8Array | null = null;
  const attempt = (withCode: boolean): Promise<Reply> =>
    ask(o.clock, xml, async (events, signal) => {
      const link = await o.open(withCode, events, signal);
      if (withCode) hash = link.secure.handshakeHash;
      return link;
    });
  const reply = await attempt(true).catch(async (thrown: unknown) => {
    // Before the handshake was through nothing was said; after it, the same command id gives the same answer again.
    if (!hash) throw thrown;
    try {
      return await attempt(false);
    } catch {
      throw thrown;
    }
  });
  if (reply.status !== 'done' || !reply.role || !hash) {
    throw reply.fault ? faultFromWire(reply.fault) : new Fault('pairing-refused', { host: o.host });
  }
  return { role: reply.role, checkNumber: await checkNumber(o.provider, hash) };
}

/** One question on a link of its own. */
async function ask(
  clock: Clock,
  xml: Xml,
  open: (events: LinkEvents, signal: AbortSignal) => Promise<SessionLink>
): Promise<Reply> {
  const abort = new AbortController();
  const stop = clock.after(ENROLL_TIME, () => {
    abort.abort(new Fault('timeout', { what: 'pairing', after: `${ENROLL_TIME / 1000} s` }));
  });
  let link: SessionLink | null = null;
  try {
    return await new Promise<Reply>((resolve, reject) => {
      abort.signal.addEventListener('abort', () => {
        reject(abort.signal.reason as Error);
      });
      const events: LinkEvents = {
        onXml: (answer) => {
          try {
            resolve(decodeReply(answer));
          } catch (thrown) {
            reject(Fault.from(thrown));
          }
        },
        onClosed: reject
      };
      open(events, abort.signal)
        .then((opened) => {
          link = opened;
          return opened.sendXml(xml);
        })
        .catch(reject);
    });
  } finally {
    stop();
    (link as SessionLink | null)?.close();
  }
}
