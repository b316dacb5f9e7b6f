// One gateway as the sessions behind it share it: who finds it lost spares the others the same attempt for a while, and
// who finds it back tells them. Only so many handshakes run at once.
import { Fault } from '../model/fault.ts';
import type { HostId } from '../model/ids.ts';
import type { Suite } from '../seal/handshake.ts';
import type { CryptoProvider, KeyPair, PublicPoint } from '../seal/provider.ts';
import { backoff } from './backoff.ts';
import type { Channels } from './channels.ts';
import type { Clock } from './clock.ts';
import type { Gate } from './gate.ts';
import type { LinkEvents } from './session-link.ts';
import { openLink } from './link.ts';
import type { Transport } from './transport.ts';

/** From asking the gateway for a link to the sealed link, not counting the wait at the gate. */
const HANDSHAKE_TIME = 10_000;

export type GatewayOptions = {
  readonly transport: Transport;
  readonly provider: CryptoProvider;
  readonly identity: KeyPair;
  readonly gate: Gate;
  readonly clock: Clock;
  /** It was lost, and a link through it is open again. */
  readonly onBack: () => void;
  /** Default: `openLink`. */
  readonly link?: typeof openLink;
};

/** Whom a link is to reach, and how. */
export type Wanted = {
  readonly host: HostId;
  readonly hostKey: PublicPoint;
  /** A lesser suite is refused. */
  readonly atLeast: Suite;
  /** Not null: a link that proves this code instead of being known. */
  readonly pairing: { readonly code: Uint8Array } | null;
};

export class Gateway {
  readonly #options: GatewayOptions;
  #lost: { readonly fault: Fault; readonly until: number } | null = null;
  #attempt = 0;

  constructor(options: GatewayOptions) {
    this.#options = options;
  }

  /** @throws Fault as `openLink`; the signal's reason when that aborts */
  async open(wanted: Wanted, events: LinkEvents, signal: AbortSignal): Promise<Channels> {
    const { gate, transport, provider, identity, link: open = openLink } = this.#options;
    const suites: readonly Suite[] = provider.kem && !wanted.pairing ? [2, 1] : [1];
    this.#spare();
    const link = await gate.run(async () => {
      this.#spare();
      const late = new AbortController();
      const stop = this.#options.clock.after(HANDSHAKE_TIME, () => {
        const reason = `no answer within ${HANDSHAKE_TIME / 1000} s`;
        late.abort(new Fault('unreachable', { host: wanted.host, reason }));
      });
      const either = AbortSignal.any([signal, late.signal]);
      const link = open(transport, { provider, identity, suites, signal: either, ...wanted, ...events });
      try {
        return await untilAborted(link, either);
      } catch (thrown) {
        this.#learn(thrown);
        throw thrown;
      } finally {
        stop();
      }
    }, signal);
    this.#attempt = 0;
    if (this.#lost) {
      this.#lost = null;
      this.#options.onBack();
    }
    return link;
  }

  /** The next attempt is made whatever the last one found. */
  believe(): void {
    if (this.#lost) this.#lost = { fault: this.#lost.fault, until: 0 };
  }

  close(): void {
    this.#options.transport.close();
  }

  #spare(): void {
    if (this.#lost && this.#options.clock.now() < this.#lost.until) throw this.#lost.fault;
  }

  #learn(thrown: unknown): void {
    const fault = Fault.from(thrown);
    if (fault.code !== 'gateway-lost') return;
    // No longer than any session waits itself: it is spared what others just tried, not its own next attempt.
    const wait = backoff(this.#attempt++, 0);
    this.#lost = { fault, until: this.#options.clock.now() + wait };
  }
}

/** The link, or the signal's reason as soon as it aborts; a link that comes too late is closed. */
async function untilAborted(opening: Promise<Channels>, signal: AbortSignal): Promise<Channels> {
  let abandon = (): void => undefined;
  const aborted = new Promise<never>((_, reject) => {
    abandon = () => {
      reject(signal.reason as Error);
      opening.then(
        (late) => {
          late.close();
        },
        () => undefined
      );
    };
    signal.addEventListener('abort', abandon, { once: true });
  });
  try {
    return await Promise.race([opening, aborted]);
  } finally {
    signal.removeEventListener('abort', abandon);
  }
}
