// A gateway and its hosts in one process: real handshakes and sealed records over arrays instead of sockets.
import { Fault } from '../../src/lib/model/fault.ts';
import type { HostId } from '../../src/lib/model/ids.ts';
import type { Sealed } from '../../src/lib/model/stages.ts';
import { encodeBase64url } from '../../src/lib/seal/base64url.ts';
import { codeId, faultRecord, respond } from '../../src/lib/seal/handshake.ts';
import type { Suite } from '../../src/lib/seal/handshake.ts';
import type { CryptoProvider, KeyPair } from '../../src/lib/seal/provider.ts';
import { Channels } from '../../src/lib/session/channels.ts';
import type { SessionLink } from '../../src/lib/session/session-link.ts';
import type { Pipe, PipeEvents, Transport } from '../../src/lib/session/transport.ts';
import { FakeHost } from './fake-host.ts';

export class SealedHost {
  readonly fake: FakeHost;
  readonly identity: KeyPair;
  readonly known = new Set<string>();
  /** The one code that is open for pairing. */
  code: Uint8Array | null = null;
  suites: readonly Suite[] = [1];
  /** Ends a pairing link after the enrolment, before its answer. */
  breakPairing = false;
  checkHash: Uint8Array | null = null;
  readonly #provider: CryptoProvider;

  constructor(id: string, identity: KeyPair, provider: CryptoProvider) {
    this.fake = new FakeHost(id);
    this.identity = identity;
    this.#provider = provider;
  }

  /** The agent's end of one link. */
  async answer(hello: Sealed, send: (record: Sealed) => void, close: (fault: Fault) => void): Promise<Channels | null> {
    const provider = this.#provider;
    const {
      welcome,
      secure,
      codeId: named
    } = await respond({
      provider,
      identity: this.identity,
      host: this.fake.id,
      hello,
      suites: this.suites,
      codeFor: async (asked) => {
        const mine = this.code && (await codeId(provider, this.code));
        return mine && mine.join() === asked.join() ? this.code : null;
      }
    });
    const operator = encodeBase64url(secure.peer);
    if (!named && !this.known.has(operator)) return null;
    send(welcome);
    let link: SessionLink | null = null;
    const channels = new Channels({
      secure,
      send: (record) => {
        send(record);
        return Promise.resolve();
      },
      close: () => {
        link?.close();
      },
      onXml: (xml) => {
        if (named) {
          this.known.add(operator);
          this.code = null;
          this.checkHash = secure.handshakeHash;
          if (this.breakPairing) {
            void this.fake
              .dial({ onXml: () => undefined, onClosed: () => undefined })
              .then((lost) => lost.sendXml(xml));
            close(new Fault('unreachable', { host: this.fake.id, reason: 'cut' }));
            return;
          }
        }
        void link?.sendXml(xml);
      },
      onClosed: () => undefined
    });
    link = await this.fake.dial({
      onXml: (xml) => void channels.sendXml(xml).catch(() => undefined),
      onClosed: close
    });
    return channels;
  }
}

/** `down` makes every open fail, `lose()` ends what is open. */
export class MemoryGateway implements Transport {
  readonly #hosts: ReadonlyMap<HostId, SealedHost>;
  readonly #pipes = new Set<(fault: Fault) => void>();
  down = false;
  opens = 0;
  /** Links being opened at once: now, and the most there ever were. */
  opening = 0;
  mostOpening = 0;

  constructor(hosts: readonly SealedHost[]) {
    this.#hosts = new Map(hosts.map((host) => [host.fake.id, host]));
  }

  open(host: HostId, events: PipeEvents): Promise<Pipe> {
    this.opens++;
    const there = this.#hosts.get(host);
    if (this.down) return Promise.reject(this.#gone());
    if (!there) return Promise.reject(new Fault('unreachable', { host, reason: 'unknown' }));
    this.mostOpening = Math.max(this.mostOpening, ++this.opening);
    let agent: Promise<Channels | null> | null = null;
    let over = false;
    const end = (fault: Fault): void => {
      if (over) return;
      over = true;
      this.#pipes.delete(end);
      events.onClose(fault);
    };
    this.#pipes.add(end);
    const send = (record: Sealed): void => {
      if (!over) events.onRecord(record);
    };
    return Promise.resolve({
      send: (record) => {
        if (over) return Promise.reject(this.#gone());
        if (agent) void agent.then((channels) => channels?.receive(record));
        else {
          agent = there.answer(record, send, end).catch(() => null);
          void agent.then((channels) => {
            this.opening--;
            if (!channels) send(faultRecord('no'));
          });
        }
        return Promise.resolve();
      },
      close: () => {
        over = true;
        this.#pipes.delete(end);
        void agent?.then((channels) => channels?.ended(this.#gone()));
      }
    });
  }

  lose(): void {
    for (const end of [...this.#pipes]) end(this.#gone());
  }

  close(): void {
    this.lose();
  }

  #gone(): Fault {
    return new Fault('gateway-lost', { url: 'ws://memory', reason: 'gone' });
  }
}
