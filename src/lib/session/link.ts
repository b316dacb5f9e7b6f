// From a transport to a sealed link: one handshake, with the best suite both ends have and never less than the caller
// demands (docs/WIRE.md, Suites).
import { CLOSE_CODES } from '../frame/close-code.ts';
import { HANDSHAKE_TIMEOUT } from '../frame/limits.ts';
import { Fault } from '../model/fault.ts';
import type { HostId } from '../model/ids.ts';
import type { Sealed, Xml } from '../model/stages.ts';
import { faultHint, initiate } from '../seal/handshake.ts';
import type { Secure, Suite } from '../seal/handshake.ts';
import type { CryptoProvider, KeyPair, PublicPoint } from '../seal/provider.ts';
import { Channels } from './channels.ts';
import { systemClock } from './clock.ts';
import type { Clock } from './clock.ts';
import type { Pipe, Transport } from './transport.ts';

export type LinkOptions = {
  readonly provider: CryptoProvider;
  readonly identity: KeyPair;
  readonly host: HostId;
  readonly hostKey: PublicPoint;
  /** Best first. */
  readonly suites: readonly Suite[];
  /** The best suite this host has ever been seen with: less is refused, whoever suggests it. */
  readonly atLeast: Suite;
  /** Pairing is always suite 1. */
  readonly pairing: { readonly code: Uint8Array } | null;
  readonly onXml: (xml: Xml) => void;
  /** Once, for a link that was established; not after `Channels.close`. */
  readonly onClosed: (fault: Fault) => void;
  readonly signal?: AbortSignal;
  readonly clock?: Clock;
};

/** Records that may arrive behind the answer to the handshake while that is still being checked. */
const MAX_EARLY = 64;

/**
 * Falls back to a lesser suite only when the handshake of a better one was refused, and only down to `atLeast`.
 * @throws Fault `handshake`, `pairing-refused`, `unreachable`, `gateway-lost`; the signal's reason when it aborts
 */
export async function openLink(transport: Transport, options: LinkOptions): Promise<Channels> {
  const suites = options.pairing === null ? options.suites.filter((suite) => suite >= options.atLeast) : ([1] as const);
  let refusal: unknown = new Fault('handshake', {
    host: options.host,
    reason: `this end has no protocol suite as strong as the one used with this host before (${String(options.atLeast)})`
  });
  for (const suite of suites) {
    try {
      return await attempt(transport, options, suite);
    } catch (error) {
      if (!(error instanceof Fault) || error.code !== 'handshake') throw error;
      refusal = error;
    }
  }
  throw refusal;
}

async function attempt(transport: Transport, options: LinkOptions, suite: Suite): Promise<Channels> {
  const { provider, identity, host, hostKey, pairing, signal, clock = systemClock } = options;
  const inbox = new Inbox();
  // The way there is opened while the first message is made.
  const opening = transport.open(host, inbox, signal);
  const starting = initiate({ provider, identity, host, hostKey, suite, pairing });
  starting.catch(ignore); // Whoever waits for the pipe hears of that first.
  const pipe = await opening;
  const abort = (): void => {
    inbox.fail(signal?.reason);
  };
  signal?.addEventListener('abort', abort);
  const late = clock.after(HANDSHAKE_TIMEOUT, () => {
    inbox.fail(new Fault('unreachable', { host, reason: 'its agent does not answer the handshake' }));
  });
  try {
    signal?.throwIfAborted();
    const handshake = await starting;
    signal?.throwIfAborted();
    // The window is empty: there is room. What ends the pipe now also ends `first`.
    pipe.send(handshake.hello).catch(ignore);
    const secure = await handshake.finish(welcomeOf(await inbox.first, host, pairing !== null));
    signal?.throwIfAborted();
    return establish(secure, pipe, inbox, options);
  } catch (error) {
    pipe.close(CLOSE_CODES.failed, '');
    throw error;
  } finally {
    late();
    signal?.removeEventListener('abort', abort);
  }
}

/** @throws Fault for a FAULT record: it says that the handshake failed, and its text, which anyone can forge, only hints why. */
function welcomeOf(record: Sealed, host: HostId, pairing: boolean): Sealed {
  // Anything else that is no WELCOME is the handshake's to refuse.
  if (faultHint(record) === null) return record;
  if (pairing) throw new Fault('pairing-refused', { host });
  const hint = faultHint(record) ?? '';
  const reason = hint === '' ? 'it was refused' : `it was refused (unverified: “${hint}”)`;
  throw new Fault('handshake', { host, reason });
}

function establish(secure: Secure, pipe: Pipe, inbox: Inbox, options: LinkOptions): Channels {
  const channels = new Channels({
    secure,
    asks: true,
    send: (record) => pipe.send(record),
    close: (code, text) => {
      pipe.close(code, text);
    },
    onXml: options.onXml,
    onClosed: options.onClosed,
    ...(options.clock === undefined ? {} : { clock: options.clock })
  });
  inbox.attach(channels);
  return channels;
}

/** The pipe's events: the first record answers the handshake, what follows belongs to the channels, even if it came before them. */
class Inbox {
  readonly first: Promise<Sealed>;
  #onFirst: (record: Sealed) => void = () => undefined;
  #onFailed: (reason: unknown) => void = () => undefined;
  #answered = false;
  #early: Sealed[] = [];
  #ended: Fault | null = null;
  #channels: Channels | null = null;

  constructor() {
    this.first = new Promise((resolve, reject) => {
      this.#onFirst = resolve;
      this.#onFailed = reject;
    });
    this.first.catch(ignore); // When the pipe never opens, nobody waits for it.
  }

  onRecord(record: Sealed): void {
    if (!this.#answered) {
      this.#answered = true;
      this.#onFirst(record);
    } else if (this.#channels !== null) {
      this.#channels.receive(record);
    } else {
      this.#early.push(record);
      if (this.#early.length > MAX_EARLY)
        this.fail(new Fault('malformed', { where: 'handshake', reason: 'too many records' }));
    }
  }

  onClose(reason: Fault): void {
    this.fail(reason);
    this.#ended = reason;
    this.#channels?.ended(reason);
  }

  fail(reason: unknown): void {
    this.#onFailed(reason);
  }

  attach(channels: Channels): void {
    this.#channels = channels;
    for (const record of this.#early.splice(0)) channels.receive(record);
    if (this.#ended !== null) channels.ended(this.#ended);
  }
}

const ignore = (): void => undefined;
