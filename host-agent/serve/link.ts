// One link at the agent: the handshake, then channels. Every way a handshake can fail looks the same from outside.
import type { ServerHttp2Stream } from 'node:http2';
import { HANDSHAKE_TIMEOUT } from '../../src/lib/frame/limits.ts';
import { Fault } from '../../src/lib/model/fault.ts';
import { operatorKey } from '../../src/lib/model/ids.ts';
import type { HostId, OperatorKey } from '../../src/lib/model/ids.ts';
import type { Sealed, Xml } from '../../src/lib/model/stages.ts';
import { encodeBase64url } from '../../src/lib/seal/base64url.ts';
import { checkNumber, faultRecord, respond } from '../../src/lib/seal/handshake.ts';
import type { Secure, Suite } from '../../src/lib/seal/handshake.ts';
import type { CryptoProvider, KeyPair } from '../../src/lib/seal/provider.ts';
import type { ByteChannel, ByteHandlers } from '../../src/lib/session/byte-channel.ts';
import { Channels } from '../../src/lib/session/channels.ts';
import { systemClock } from '../../src/lib/session/clock.ts';
import type { Clock } from '../../src/lib/session/clock.ts';
import type { Arrivals } from '../migration/arrivals.ts';
import { RecordPipe } from './record-pipe.ts';

/** An operator's sealed link, as the agent's core sees it. */
export type AgentLink = {
  readonly operator: OperatorKey;
  /** Hex of the pairing code's id when the link was made by pairing: the peer knows the code, but is not enrolled. */
  readonly codeId: string | null;
  /** `1234 5678`, the same on the operator's screen. */
  readonly checkNumber: string;
  /** Resolves when there is room for more; rejects when the link is over (a rejection nobody handles is harmless). */
  send(xml: Xml): Promise<void>;
  /** See `Channels.openBytes`. */
  openBytes(channel: number, handlers: ByteHandlers): ByteChannel;
  /** Ends the link and tells the operator why, under seal. `onClosed` is called. */
  close(fault: Fault): void;
};

export type LinkPolicy = {
  readonly host: HostId;
  readonly identity: KeyPair;
  readonly provider: CryptoProvider;
  readonly suites: readonly Suite[];
  /** Whether this key is enrolled. Asked once a link, at its handshake: who is revoked later is the caller's to close. */
  knows(operator: OperatorKey): boolean;
  /** The pairing code with this id while it may be used. */
  codeFor(codeId: Uint8Array): Promise<Uint8Array | null>;
  /** Someone named this code (hex of its id) and could not prove it. */
  onPairingFailed(codeId: string): void;
  onXml(link: AgentLink, xml: Xml): void;
  /** Once for each link `onXml` may have been called with. */
  onClosed(link: AgentLink): void;
  /** VMs that other hosts may send; default: none can. */
  readonly arrivals?: Arrivals;
  readonly clock?: Clock;
};

export type LinkEvents = {
  /** The handshake is over, well or not. */
  settled(): void;
  opened(link: AgentLink): void;
  closed(link: AgentLink): void;
};

/** Records that may arrive before WELCOME has been sent: a client waits for it. */
const MAX_EARLY = 2;

/** Runs the link until it ends. Never throws. */
export function acceptLink(stream: ServerHttp2Stream, policy: LinkPolicy, events: LinkEvents): void {
  const { clock = systemClock } = policy;
  let phase:
    { kind: 'hello' } | { kind: 'busy'; early: Sealed[] } | { kind: 'open'; channels: Channels } | { kind: 'over' } = {
    kind: 'hello'
  };
  const settle = once(() => {
    inTime();
    events.settled();
  });
  const refuse = (): void => {
    if (phase.kind === 'over') return;
    phase = { kind: 'over' };
    settle();
    pipe.end(faultRecord('handshake failed'));
  };
  const inTime = clock.after(HANDSHAKE_TIMEOUT, refuse);
  const pipe = new RecordPipe(stream, {
    onRecord: (record) => {
      if (phase.kind === 'open') {
        phase.channels.receive(record);
      } else if (phase.kind === 'hello') {
        phase = { kind: 'busy', early: [] };
        shake(record).catch(refuse);
      } else if (phase.kind === 'busy') {
        if (phase.early.push(record) > MAX_EARLY) refuse();
      }
    },
    onEnd: (fault) => {
      if (phase.kind === 'open') phase.channels.ended(fault);
      phase = { kind: 'over' };
      settle();
    }
  });

  const shake = async (hello: Sealed): Promise<void> => {
    const { welcome, secure, codeId } = await respond({
      provider: policy.provider,
      identity: policy.identity,
      host: policy.host,
      suites: policy.suites,
      codeFor: (id) => policy.codeFor(id),
      hello
    });
    const operator = operatorKey(encodeBase64url(secure.peer));
    if (codeId === null && !policy.knows(operator)) throw new Fault('unknown-operator', { host: policy.host });
    const number = await checkNumber(policy.provider, secure.handshakeHash);
    if (phase.kind !== 'busy') return;
    const { early } = phase;
    // Its room is that of an empty stream; what breaks it ends the link by itself.
    pipe.send(welcome).catch(() => undefined);
    const channels = open(secure, {
      operator,
      codeId: codeId && Buffer.from(codeId).toString('hex'),
      checkNumber: number
    });
    phase = { kind: 'open', channels };
    settle();
    for (const record of early) channels.receive(record);
  };

  const open = (secure: Secure, about: Pick<AgentLink, 'operator' | 'codeId' | 'checkNumber'>): Channels => {
    const { codeId } = about;
    let proven = codeId === null;
    const over = once(() => {
      proof();
      events.closed(link);
      policy.onClosed(link);
    });
    const channels: Channels = new Channels({
      clock,
      secure: proven ? secure : watched(secure, () => (proven = true)),
      send: (record) => pipe.send(record),
      close: () => {
        pipe.end();
      },
      onXml: (xml) => {
        policy.onXml(link, xml);
      },
      onClosed: (fault) => {
        if (!proven && codeId !== null && fault.code === 'integrity') policy.onPairingFailed(codeId);
        over();
      },
      onPressure: (high) => {
        pipe.press(high);
      }
    });
    const link: AgentLink = {
      ...about,
      send: (xml) => channels.sendXml(xml),
      openBytes: (channel, handlers) => channels.openBytes(channel, handlers),
      close: (fault) => {
        channels.close(fault);
        over();
      }
    };
    // Whoever only names a code must not keep a link for it.
    const proof = clock.after(HANDSHAKE_TIMEOUT, () => {
      if (!proven) link.close(new Fault('pairing-refused', { host: policy.host }));
    });
    events.opened(link);
    return channels;
  };
}

/** `secure`, telling when the first record of the peer has opened: only then has a pairing peer proven its code. */
function watched(secure: Secure, onOpened: () => void): Secure {
  return {
    handshakeHash: secure.handshakeHash,
    peer: secure.peer,
    suite: secure.suite,
    seal: (segment, data) => secure.seal(segment, data),
    open: async (record) => {
      const segment = await secure.open(record);
      onOpened();
      return segment;
    },
    rekeySend: () => {
      secure.rekeySend();
    },
    rekeyReceive: () => {
      secure.rekeyReceive();
    }
  };
}

function once(run: () => void): () => void {
  let done = false;
  return () => {
    if (done) return;
    done = true;
    run();
  };
}
