// A sealed link as a session uses it (what `channels.ts` offers), and the proof that it is alive.
import { Fault } from '../model/fault.ts';
import type { HostId } from '../model/ids.ts';
import type { Xml } from '../model/stages.ts';
import type { Suite } from '../seal/handshake.ts';
import type { ByteChannel, ByteHandlers } from './byte-channel.ts';
import type { Clock } from './clock.ts';

export interface SessionLink {
  sendXml(xml: Xml): Promise<void>;
  /** Resolves with the round trip in milliseconds; rejects when no answer came in time. */
  ping(timeoutMs: number): Promise<number>;
  /** See `Channels.openBytes`. */
  openBytes(channel: number, handlers: ByteHandlers): ByteChannel;
  close(fault?: Fault): void;
  readonly secure: { readonly suite: Suite };
}

export type LinkEvents = { onXml(xml: Xml): void; onClosed(reason: Fault): void };

const EVERY = 10_000;
const WITHIN = 10_000;

/**
 * Pings every 10 s, whatever else is said on the link: a way that still works in one direction only is found too.
 * @param onDead called once, with `unreachable`, when an answer stays out
 * @returns ends it
 */
export function keepAlive(link: SessionLink, host: HostId, clock: Clock, onDead: (fault: Fault) => void): () => void {
  let ended = false;
  let stop = (): void => undefined;
  const next = (): void => {
    if (ended) return;
    stop = clock.after(EVERY, () => {
      link.ping(WITHIN).then(next, (cause: unknown) => {
        const reason = `no answer to a ping within ${WITHIN / 1000} s`;
        if (!ended) onDead(new Fault('unreachable', { host, reason }, { cause }));
      });
    });
  };
  next();
  return () => {
    ended = true;
    stop();
  };
}
