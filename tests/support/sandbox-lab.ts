// The page of tests/sandbox-page on a server of its own, with the app's policy and the gateway's headers; and a canary: a server
// that nothing in a sandbox may ever reach.
import { createSocket } from 'node:dgram';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'vite';
import type { HtmlTagDescriptor } from 'vite';
import { StaticFiles } from '../../gateway/static-files.ts';
import { bundled } from '../../scripts/setup/bundled.mjs';

/** As in vite.config.ts, where the kit adds hashes of its own scripts. */
const POLICY: HtmlTagDescriptor = {
  tag: 'meta',
  attrs: {
    'http-equiv': 'Content-Security-Policy',
    content:
      "default-src 'none'; script-src 'self'; connect-src 'self' ws: wss:; worker-src 'self'; frame-src 'self'; base-uri 'none'"
  },
  injectTo: 'head-prepend'
};

/** The frame's page without its policy: to see that it is the policy that holds. */
export const FREE_FRAME = '/free-frame.html';

export type Lab = { readonly origin: string; stop(): void };
export type Canary = {
  readonly port: number;
  /** What reached it, whatever it was: TCP connections and datagrams. */
  readonly hits: string[];
  stop(): void;
};

export async function startLab(): Promise<Lab> {
  const root = mkdtempSync(join(tmpdir(), 'smps-lab-'));
  await build({
    configFile: false,
    root: 'tests/sandbox-page',
    publicDir: join(process.cwd(), 'static'),
    logLevel: 'error',
    plugins: [bundled(), { name: 'policy', transformIndexHtml: () => [POLICY] }],
    build: { outDir: root, emptyOutDir: true, target: 'esnext' }
  });
  const files = await StaticFiles.open(root);
  const free = readFileSync('static/plugin-frame.html', 'utf8').replace(/<meta http-equiv.*>/, '');
  const server = createServer((request, response) => {
    const path = new URL(request.url ?? '/', 'http://lab').pathname;
    if (path === FREE_FRAME) response.writeHead(200, { 'content-type': 'text/html' }).end(free);
    else void files.serve(request, response, path === '/' ? '/index.html' : path);
  });
  const port = await listening(server);
  return {
    origin: `http://localhost:${port}`,
    stop() {
      server.close();
      server.closeAllConnections();
      rmSync(root, { recursive: true });
    }
  };
}

export async function startCanary(): Promise<Canary> {
  const hits: string[] = [];
  const server = createServer((request, response) => {
    hits.push(`${request.method ?? ''} ${request.url ?? ''}`);
    response.writeHead(200, { 'access-control-allow-origin': '*', 'content-type': 'text/javascript' }).end('//');
  });
  server.on('connection', () => hits.push('connection'));
  server.on('upgrade', ({ url = '' }, socket) => {
    hits.push(`upgrade ${url}`);
    socket.destroy();
  });
  const port = await listening(server);
  const datagrams = createSocket('udp4', () => hits.push('datagram')).bind(port, '127.0.0.1');
  return {
    port,
    hits,
    stop() {
      server.close();
      server.closeAllConnections();
      datagrams.close();
    }
  };
}

function listening(server: Server): Promise<number> {
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
  });
}
