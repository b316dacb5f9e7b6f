// TLS connections to agents: one per address and pin, shared by all links of all browsers. The key the agent shows is
// compared with the pinned one before a single byte of HTTP is sent; names, dates and authorities count for nothing.
import { createHash } from 'node:crypto';
import { connect as connectHttp2, constants } from 'node:http2';
import type { ClientHttp2Session, ClientHttp2Stream } from 'node:http2';
import { isIP } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { TLSSocket } from 'node:tls';
import type { HostId } from '../src/lib/model/ids.ts';
import { LinkRefusal } from './link-refusal.ts';
import type { Log } from './log.ts';
import type { Metrics } from './metrics.ts';
import type { HostEntry } from './table.ts';

export type AgentTimes = {
  /** Milliseconds for TCP and TLS together. */
  readonly connect: number;
  /** Between two pings on a connection; one unanswered for that long ends it. */
  readonly ping: number;
  /** A connection without links is closed after this. */
  readonly idle: number;
};
export const AGENT_TIMES: AgentTimes = { connect: 8_000, ping: 15_000, idle: 60_000 };

/** Bytes an agent may send on one link before the browser has taken them: HTTP/2's own window is the credit of that hop. */
const STREAM_WINDOW = 131_072;
/** For all links of one connection together; Node gives it back at once, so it only needs to cover the round trip. */
const CONNECTION_WINDOW = 4 * 1024 * 1024;
/** MB that Node lets one session hold; beyond it new streams would be refused. 2,048 windows fit. */
const SESSION_MEMORY = 320;

export class Agents {
  readonly #connections = new Map<string, Connection>();
  readonly #log: Log;
  readonly #metrics: Metrics;
  readonly #times: AgentTimes;
  readonly #sessions = new Set<ClientHttp2Session>();
  #closed = false;

  constructor(log: Log, metrics: Metrics, times: AgentTimes = AGENT_TIMES) {
    this.#log = log;
    this.#metrics = metrics;
    this.#times = times;
  }

  /**
   * Starts the request that becomes a link; its body and answer are the caller's. Both ids come from the host table.
   * @throws LinkRefusal `unreachable` | `pin-mismatch`
   */
  async request(host: HostId, entry: HostEntry): Promise<ClientHttp2Stream> {
    const name = `${entry.pin}@${entry.hostname}:${String(entry.port)}`;
    const known = this.#connections.get(name);
    const connection = known === undefined || known.spent ? this.#connect(name, host, entry) : known;
    const session = await connection.session;
    let stream: ClientHttp2Stream;
    try {
      stream = session.request({
        [constants.HTTP2_HEADER_METHOD]: 'POST',
        [constants.HTTP2_HEADER_PATH]: `/v1/hosts/${host}/link`,
        [constants.HTTP2_HEADER_CONTENT_TYPE]: 'application/octet-stream'
      });
    } catch (cause) {
      // Just closed, or out of stream numbers after 2^30 links: either way its time is over.
      session.close();
      throw new LinkRefusal('unreachable', 'the connection to the agent has just ended', { cause });
    }
    connection.use(stream);
    return stream;
  }

  /** Ends all connections; their links see it as a lost agent. */
  close(): void {
    this.#closed = true;
    for (const session of this.#sessions) session.destroy();
  }

  #connect(name: string, host: HostId, entry: HostEntry): Connection {
    const forget = (): void => {
      // Its successor may be there already.
      if (this.#connections.get(name) === connection) this.#connections.delete(name);
    };
    const connection = new Connection(this.#open(host, entry, forget), this.#times.idle);
    this.#connections.set(name, connection);
    return connection;
  }

  async #open(host: HostId, entry: HostEntry, forget: () => void): Promise<ClientHttp2Session> {
    try {
      const session = await dial(entry, this.#times.connect);
      this.#sessions.add(session);
      this.#metrics.agentConnectsTotal += 1;
      this.#metrics.agents += 1;
      this.#log('agent-connected', { host });
      keepAlive(session, this.#times.ping);
      session.on('goaway', forget);
      session.on('error', (error: Error) => {
        this.#log('agent-error', { host, reason: error.message });
      });
      session.once('close', () => {
        forget();
        this.#sessions.delete(session);
        this.#metrics.agents -= 1;
        this.#log('agent-disconnected', { host });
      });
      if (this.#closed) session.destroy();
      return session;
    } catch (error) {
      forget();
      this.#metrics.agentFailuresTotal += 1;
      this.#log('agent-failed', { host, reason: error instanceof Error ? error.message : String(error) });
      throw error;
    }
  }
}

/** A session that may still be coming up, and the links on it; without links it is closed after a while. */
class Connection {
  readonly session: Promise<ClientHttp2Session>;
  readonly #idleAfter: number;
  #ready: ClientHttp2Session | null = null;
  #streams = 0;
  #idle: NodeJS.Timeout | null = null;

  constructor(session: Promise<ClientHttp2Session>, idleAfter: number) {
    this.session = session;
    this.#idleAfter = idleAfter;
    session.then(
      (ready) => {
        this.#ready = ready;
        this.#wait(ready);
        ready.once('close', () => {
          this.#stay();
        });
      },
      () => undefined // It never came to be: whoever asked for it is told.
    );
  }

  /** True when it takes no more links: lost, or told by the agent to end. */
  get spent(): boolean {
    return this.#ready !== null && (this.#ready.closed || this.#ready.destroyed);
  }

  use(stream: ClientHttp2Stream): void {
    this.#streams += 1;
    this.#stay();
    stream.on('close', this.#leave);
  }

  readonly #leave = (): void => {
    this.#streams -= 1;
    if (this.#streams === 0 && this.#ready !== null) this.#wait(this.#ready);
  };

  #wait(session: ClientHttp2Session): void {
    this.#stay();
    if (session.destroyed) return;
    this.#idle = setTimeout(() => {
      session.destroy();
    }, this.#idleAfter);
    this.#idle.unref();
  }

  #stay(): void {
    if (this.#idle !== null) clearTimeout(this.#idle);
    this.#idle = null;
  }
}

/** Resolves with a session over a connection whose key is the pinned one. @throws LinkRefusal */
function dial(entry: HostEntry, timeout: number): Promise<ClientHttp2Session> {
  return new Promise((resolve, reject) => {
    const socket = connectTls({
      host: entry.hostname,
      port: entry.port,
      ...(isIP(entry.hostname) === 0 ? { servername: entry.hostname } : {}),
      ALPNProtocols: ['h2'],
      minVersion: 'TLSv1.3',
      // Not the authorities' word but the pin decides, below and before any request.
      rejectUnauthorized: false
    });
    const fail = (refusal: LinkRefusal): void => {
      clearTimeout(timer);
      socket.destroy();
      reject(refusal);
    };
    const timer = setTimeout(() => {
      fail(new LinkRefusal('unreachable', `no TLS connection within ${String(timeout / 1000)} s`));
    }, timeout);
    const onError = (error: NodeJS.ErrnoException): void => {
      fail(new LinkRefusal('unreachable', describe(error), { cause: error }));
    };
    const onClose = (): void => {
      fail(new LinkRefusal('unreachable', 'the connection was closed before TLS was set up'));
    };
    socket.once('error', onError);
    socket.once('close', onClose);
    socket.once('secureConnect', () => {
      if (pinOf(socket) !== entry.pin) {
        fail(new LinkRefusal('pin-mismatch', 'the TLS key at this address is not the pinned one'));
        return;
      }
      if (socket.alpnProtocol !== 'h2') {
        fail(new LinkRefusal('unreachable', 'what answers at this address does not speak HTTP/2'));
        return;
      }
      clearTimeout(timer);
      socket.off('error', onError);
      socket.off('close', onClose);
      socket.setNoDelay(true);
      resolve(startHttp2(entry, socket));
    });
  });
}

function pinOf(socket: TLSSocket): string | null {
  const certificate = socket.getPeerX509Certificate();
  if (certificate === undefined) return null;
  const spki = certificate.publicKey.export({ type: 'spki', format: 'der' });
  return createHash('sha256').update(spki).digest('base64url');
}

function startHttp2(entry: HostEntry, socket: TLSSocket): ClientHttp2Session {
  const authority = isIP(entry.hostname) === 6 ? `[${entry.hostname}]` : entry.hostname;
  const session = connectHttp2(`https://${authority}:${String(entry.port)}`, {
    createConnection: () => socket,
    settings: { enablePush: false, initialWindowSize: STREAM_WINDOW },
    maxSessionMemory: SESSION_MEMORY,
    // Until the agent's settings arrive; then its own limit holds.
    peerMaxConcurrentStreams: 4096
  });
  session.once('connect', () => {
    session.setLocalWindowSize(CONNECTION_WINDOW);
  });
  return session;
}

/** TCP alone notices a vanished peer after minutes. */
function keepAlive(session: ClientHttp2Session, interval: number): void {
  let answered = true;
  const timer = setInterval(() => {
    if (!answered) {
      session.destroy(new Error('the agent does not answer pings'));
      return;
    }
    answered = false;
    session.ping((error) => {
      answered = error === null;
    });
  }, interval);
  timer.unref();
  session.once('close', () => {
    clearInterval(timer);
  });
}

/** Without the address: the text goes to browsers. */
function describe(error: NodeJS.ErrnoException): string {
  switch (error.code) {
    case 'ECONNREFUSED':
      return 'nothing listens at the agent’s address';
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
      return 'there is no route to the agent’s address';
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return 'the agent’s name does not resolve';
    case 'ETIMEDOUT':
      return 'the agent’s address does not answer';
    default:
      return `no TLS connection to the agent (${error.code ?? 'unknown error'})`;
  }
}
