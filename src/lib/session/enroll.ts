// Pairing, the operator's side (docs/WIRE.md, Pairing): a link proven by the one-time code, on which `host.enroll` makes
// this key known. When that link breaks before the answer, an ordinary link tells whether the host knows us already.
import { Fault } from '../model/fault.ts';
import type { Role } from '../model/fleet.ts';
import type { HostId } from '../model/ids.ts';
import type { Xml } from '../model/stages.ts';
import { decodeReply, encodeCommand, faultFromWire } from '../protocol/codec.ts';
import type { Reply } from '../protocol/schema.ts';
import { checkNumber } from '../seal/handshake.ts';
import type { CryptoProvider } from '../seal/provider.ts';
import type { Clock } from './clock.ts';
import type { LinkEvents, SessionLink } from './session-link.ts';
import { ANY_TIME, newCommand } from './new-command.ts';

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
  const { host, label, provider } = o;
  const at = { host, now: o.clock.now(), randomBytes: (count: number) => provider.random(count) };
  const xml = encodeCommand(newCommand(at, 'host.enroll', { label }, { within: ANY_TIME }));
  const proven: { hash: Uint8Array | null } = { hash: null };
  const attempt = (withCode: boolean): Promise<Reply> =>
    ask(o.clock, xml, async (events, signal) => {
      const link = await o.open(withCode, events, signal);
      if (withCode) proven.hash = link.secure.handshakeHash;
      return link;
    });
  const reply = await attempt(true).catch(async (thrown: unknown) => {
    // Before the handshake was through nothing was said; after it, the same command id gives the same answer again.
    if (!proven.hash) throw thrown;
    try {
      return await attempt(false);
    } catch {
      throw thrown;
    }
  });
  if (reply.status !== 'done' || !reply.role || !proven.hash) {
    throw reply.fault ? faultFromWire(reply.fault) : new Fault('pairing-refused', { host });
  }
  return { role: reply.role, checkNumber: await checkNumber(provider, proven.hash) };
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
