// The gateway: serves the app, accepts browsers' WebSockets on /v1/link, and relays sealed records to agents it finds in
// its host table. It holds no key and cannot read what it carries (it imports model and frame only).
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import { MAX_FRAME, MAX_LINKS } from '../src/lib/frame/limits.ts';
import { Fault } from '../src/lib/model/fault.ts';
import { Agents, AGENT_TIMES } from './agents.ts';
import type { AgentTimes } from './agents.ts';
import type { Log } from './log.ts';
import { Metrics } from './metrics.ts';
import type { Rejection } from './metrics.ts';
import { isLoopback, originAllowed, ownOrigins } from './origins.ts';
import { Slabs } from './slabs.ts';
import { securityHeaders, StaticFiles } from './static-files.ts';
import { HostTable } from './table.ts';
import { Tab } from './tab.ts';

export type GatewayOptions = {
  /** Path of the host table. */
  readonly table: string;
  /** 0: any free port. */
  readonly port: number;
  readonly address: string;
  /** Allowed besides the gateway's own: `https://console.example`, or `null` for pages opened from disk. */
  readonly origins: readonly string[];
  /** Directory of the built app; null: none is served. */
  readonly staticDirectory: string | null;
  /** PEM. Null is refused unless `address` is loopback: no hop but loopback goes without TLS. */
  readonly tls: { readonly key: string; readonly cert: string } | null;
  readonly log: Log;
  readonly limits?: Partial<GatewayLimits>;
};

export type GatewayLimits = {
  readonly sockets: number;
  /** Behind a reverse proxy all browsers come from the proxy's address: raise it there. */
  readonly socketsPerAddress: number;
  readonly linksPerSocket: number;
  /** Milliseconds between WebSocket pings. */
  readonly pingInterval: number;
  /** Milliseconds an agent may take nothing while it holds up the other links of its tab. */
  readonly stall: number;
  readonly agentTimes: AgentTimes;
};
export const GATEWAY_LIMITS: GatewayLimits = {
  sockets: 1_024,
  socketsPerAddress: 64,
  linksPerSocket: MAX_LINKS,
  pingInterval: 30_000,
  stall: 5_000,
  agentTimes: AGENT_TIMES
};

export type Gateway = {
  readonly port: number;
  readonly metrics: Metrics;
  /** Reads the host table again. */
  reload(): Promise<void>;
  /** Tells every browser, then ends everything within about a second. */
  close(): Promise<void>;
};

const LINK_PATH = '/v1/link';
/** Milliseconds a browser has to answer the closing of its WebSocket. */
const GRACE = 500;

/** @throws Fault `usage` (plain on a public address), `port-in-use`, `corrupt-state` (no good host table) */
export async function startGateway(options: GatewayOptions): Promise<Gateway> {
  const { address, tls, log } = options;
  if (tls === null && !isLoopback(address)) {
    throw new Fault('usage', {
      reason: `without --tls-cert and --tls-key the gateway only listens on loopback, not ${address}`
    });
  }
  const limits = { ...GATEWAY_LIMITS, ...options.limits };
  const metrics = new Metrics();
  const slabs = new Slabs();
  const agents = new Agents(log, metrics, limits.agentTimes);
  const tabs = new Set<Tab>();
  const perAddress = new Map<string, number>();
  const files = options.staticDirectory === null ? null : await StaticFiles.open(options.staticDirectory);
  const table = await HostTable.open(options.table, log, metrics, () => {
    for (const tab of tabs) tab.onTable();
  });
  const server =
    tls === null ? createServer() : createTlsServer({ key: tls.key, cert: tls.cert, minVersion: 'TLSv1.2' });
  server.maxHeadersCount = 64;
  // WebSockets, and as many page loads again.
  server.maxConnections = 2 * limits.sockets + 256;
  let port: number;
  try {
    port = await listen(server, options.port, address);
  } catch (error) {
    table.close();
    throw error;
  }
  const origins = new Set([...ownOrigins(address, port, tls?.cert ?? null), ...options.origins]);
  const sockets = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    autoPong: false,
    maxPayload: MAX_FRAME
  });
  let closing = false;
  let lastTab = 0;

  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    answer(request, response, metrics, files).catch((error: unknown) => {
      log('request-failed', { reason: error instanceof Error ? error.message : String(error) });
      response.destroy();
    });
  });

  server.on('upgrade', (request: IncomingMessage, stream: Duplex, head: Buffer) => {
    const from = request.socket.remoteAddress ?? '';
    const origin = request.headers.origin;
    const reject = (status: string, reason: Rejection): void => {
      metrics.rejected(reason);
      log('socket-refused', { reason, from, origin: origin ?? null });
      stream.on('error', () => undefined);
      stream.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
    };
    if (closing) reject('503 Service Unavailable', 'shutting-down');
    else if (request.url !== LINK_PATH) reject('404 Not Found', 'path');
    else if (!originAllowed(origin, origins)) reject('403 Forbidden', 'origin');
    else if (tabs.size >= limits.sockets) reject('503 Service Unavailable', 'socket-limit');
    else if ((perAddress.get(from) ?? 0) >= limits.socketsPerAddress) reject('429 Too Many Requests', 'address-limit');
    else {
      sockets.handleUpgrade(request, stream, head, (socket) => {
        const id = (lastTab += 1);
        log('socket-open', { socket: id, from, origin: origin ?? null });
        metrics.sockets += 1;
        metrics.socketsTotal += 1;
        perAddress.set(from, (perAddress.get(from) ?? 0) + 1);
        const tab = new Tab(id, socket, stream, {
          agents,
          lookUp: (host) => table.get(host),
          log,
          metrics,
          slabs,
          pingInterval: limits.pingInterval,
          stall: limits.stall,
          maxLinks: limits.linksPerSocket
        });
        tabs.add(tab);
        socket.once('close', () => {
          tabs.delete(tab);
          metrics.sockets -= 1;
          const left = (perAddress.get(from) ?? 1) - 1;
          if (left > 0) perAddress.set(from, left);
          else perAddress.delete(from);
        });
      });
    }
  });
  sockets.on('wsClientError', (error, socket) => {
    metrics.rejected('handshake');
    log('socket-refused', { reason: 'handshake', detail: error.message });
    socket.destroy();
  });

  return {
    port,
    metrics,
    reload: () => table.reload(),
    close: async () => {
      closing = true;
      table.close();
      const closed = new Promise<void>((resolve) => {
        server.close(() => {
          resolve();
        });
      });
      for (const tab of tabs) tab.shutDown(GRACE);
      server.closeIdleConnections();
      setTimeout(() => {
        server.closeAllConnections();
      }, GRACE);
      await closed;
      agents.close();
      log('stopped');
    }
  };
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  metrics: Metrics,
  files: StaticFiles | null
): Promise<void> {
  const [path = '/'] = (request.url ?? '/').split('?', 1);
  const plain = (status: number, text: string, headers: Record<string, string> = {}): void => {
    response.writeHead(status, {
      ...securityHeaders(path),
      'content-type': 'text/plain; charset=utf-8',
      'cache-control': 'no-store',
      ...headers
    });
    response.end(request.method === 'HEAD' ? undefined : text);
  };
  if (request.method !== 'GET' && request.method !== 'HEAD') plain(405, 'method not allowed\n', { allow: 'GET, HEAD' });
  else if (path === '/healthz') plain(200, 'ok\n');
  else if (path === '/metrics')
    plain(200, metrics.text(), { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' });
  else if (path === LINK_PATH) plain(426, 'this is a WebSocket\n', { upgrade: 'websocket' });
  else if (files === null) plain(404, 'not found\n');
  else await files.serve(request, response, path);
}

function listen(server: ReturnType<typeof createServer>, port: number, address: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      reject(error.code === 'EADDRINUSE' ? new Fault('port-in-use', { port: String(port) }) : error);
    });
    server.listen(port, address, () => {
      server.removeAllListeners('error');
      resolve((server.address() as AddressInfo).port);
    });
  });
}
