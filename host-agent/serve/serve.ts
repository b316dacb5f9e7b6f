// The agent's ear: HTTP/2 over TLS, `POST /v1/hosts/{host}/link`, both bodies open (docs/WIRE.md, Gateway and agent), and
// what other agents bring under `…/migration/` (migration.ts). Answers nothing else. Bounds what strangers can cost: connections, links, handshakes at once and per second.
import { createSecureServer } from 'node:http2';
import type { Http2SecureServer, Http2Session, IncomingHttpHeaders, ServerHttp2Stream } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { TokenBucket } from '../../src/lib/frame/token-bucket.ts';
import { Fault } from '../../src/lib/model/fault.ts';
import { acceptLink } from './link.ts';
import type { AgentLink, LinkPolicy } from './link.ts';
import { acceptMigration, MIGRATION_PATH } from './migration.ts';

export type { AgentLink, LinkPolicy } from './link.ts';

export type ServeLimits = {
  /** TLS connections: every gateway has one. */
  readonly connections: number;
  /** Links, established or not. */
  readonly links: number;
  /** Handshakes at once, each costing milliseconds of CPU to whoever asks for nothing. */
  readonly handshakes: number;
  readonly handshakeBurst: number;
  readonly handshakesPerSecond: number;
};
export const SERVE_LIMITS: ServeLimits = {
  connections: 256,
  links: 2_048,
  handshakes: 64,
  handshakeBurst: 128,
  handshakesPerSecond: 32
};

export type ListenOptions = {
  /** PEM. */
  readonly tls: { readonly key: string; readonly cert: string };
  readonly address: string;
  /** 0: any free port. */
  readonly port: number;
  readonly limits?: Partial<ServeLimits>;
};
export type ServeOptions = LinkPolicy & ListenOptions;

export type AgentServer = {
  readonly port: number;
  /** The established links. */
  links(): Iterable<AgentLink>;
  /** Ends all links in good order, then the connections; resolves when the port is free again. */
  close(): Promise<void>;
};

const STREAM_WINDOW = 65_535;
const CONNECTION_WINDOW = 4 * 1024 * 1024;
/** MB that Node lets one session hold before it refuses streams. */
const SESSION_MEMORY = 256;
/** Resets of streams on one connection: many clients share it, so Node's defaults (1,000 and 33 a second) would punish all for one. */
const RESET_BURST = 16_384;
const RESETS_PER_SECOND = 1_024;
const TLS_TIMEOUT = 10_000;
/** Milliseconds for links to say goodbye when the server closes. */
const GRACE = 500;

/** Serves one host. @throws Fault `port-in-use` */
export const serve = (options: ServeOptions): Promise<AgentServer> =>
  serveHosts(options, (host) => (host === options.host ? options : null));

const LINK_PATH = /^\/v1\/hosts\/([^/]+)\/link$/;

/**
 * Serves many hosts at one address (a simulated fleet in one process): each keeps its own key, and links only by it.
 * @param policyOf null: there is no such host here
 * @throws Fault `port-in-use`
 */
export async function serveHosts(
  options: ListenOptions,
  policyOf: (host: string) => LinkPolicy | null
): Promise<AgentServer> {
  const limits = { ...SERVE_LIMITS, ...options.limits };
  const server = createSecureServer({
    ...options.tls,
    minVersion: 'TLSv1.3',
    // Agents show a key of their own; whose it must be is each permit's matter. Gateways show none.
    requestCert: true,
    rejectUnauthorized: false,
    handshakeTimeout: TLS_TIMEOUT,
    maxSessionMemory: SESSION_MEMORY,
    streamResetBurst: RESET_BURST,
    streamResetRate: RESETS_PER_SECOND,
    settings: { enablePush: false, initialWindowSize: STREAM_WINDOW, maxConcurrentStreams: limits.links }
  });
  const handshakes = new TokenBucket(limits.handshakeBurst, limits.handshakesPerSecond, Date.now);
  const visits = new TokenBucket(limits.handshakeBurst, limits.handshakesPerSecond, Date.now);
  const sessions = new Set<Http2Session>();
  const links = new Set<AgentLink>();
  let streams = 0;
  let shaking = 0;

  server.maxConnections = limits.connections;
  server.on('session', (session) => {
    sessions.add(session);
    session.setLocalWindowSize(CONNECTION_WINDOW);
    session.on('error', ignore); // It closes by itself.
    session.once('close', () => sessions.delete(session));
  });
  server.on('sessionError', ignore);
  server.on('stream', (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => {
    // Reset in the same breath as it was opened: answering would throw.
    if (stream.destroyed || stream.closed) return;
    const [, host, what] = MIGRATION_PATH.exec(headers[':path'] ?? '') ?? [];
    const arrivals = host === undefined ? null : policyOf(host)?.arrivals;
    if (headers[':method'] === 'POST' && what !== undefined && arrivals) {
      if (visits.take()) acceptMigration(stream, headers, what, arrivals);
      else refuse(stream, 503);
      return;
    }
    const policy = policyOf(LINK_PATH.exec(headers[':path'] ?? '')?.[1] ?? '');
    if (headers[':method'] !== 'POST' || policy === null) {
      refuse(stream, 404);
      return;
    }
    if (streams >= limits.links || shaking >= limits.handshakes || !handshakes.take()) {
      refuse(stream, 503);
      return;
    }
    streams += 1;
    shaking += 1;
    stream.once('close', () => {
      streams -= 1;
    });
    stream.respond({ ':status': 200, 'content-type': 'application/octet-stream' });
    acceptLink(stream, policy, {
      settled: () => {
        shaking -= 1;
      },
      opened: (link) => links.add(link),
      closed: (link) => links.delete(link)
    });
  });
  const port = await listen(server, options.port, options.address);

  return {
    port,
    links: () => links.values(),
    close: async () => {
      const closed = new Promise<void>((resolve) => {
        server.close(() => {
          resolve();
        });
      });
      for (const link of [...links])
        link.close(new Fault('link-ended', { what: 'the link', by: 'the agent: it is being stopped' }));
      for (const session of sessions) session.close();
      const cut = setTimeout(() => {
        for (const session of sessions) session.destroy();
      }, GRACE);
      await closed;
      clearTimeout(cut);
    }
  };
}

function refuse(stream: ServerHttp2Stream, status: number): void {
  stream.on('error', ignore);
  stream.respond({ ':status': status }, { endStream: true });
  stream.resume();
}

function listen(server: Http2SecureServer, port: number, address: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      reject(error.code === 'EADDRINUSE' ? new Fault('port-in-use', { port: String(port) }) : error);
    });
    server.listen(port, address, () => {
      server.removeAllListeners('error');
      server.on('error', ignore);
      resolve((server.address() as AddressInfo).port);
    });
  });
}

const ignore = (): void => undefined;
