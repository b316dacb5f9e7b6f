import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { connect as connectTcp } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterEach, describe, expect, test } from 'vitest';
import { createCertificate } from '../host-agent/certificate.ts';
import { gatewayLab } from '../tests/support/gateway-lab.ts';
import type { GatewayLab } from '../tests/support/gateway-lab.ts';
import { RawTab } from '../tests/support/raw-tab.ts';
import type { GatewayOptions } from './server.ts';

const cleanups: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

/** The app frames these, and nobody else does. */
const FRAMED = ['plugin-frame.html', 'plugin-fetch.html'];

async function startLab(options: Partial<GatewayOptions> = {}): Promise<GatewayLab> {
  const lab = await gatewayLab({}, options);
  cleanups.push(() => lab.close());
  return lab;
}

/** A built app in a temporary directory, with something worth stealing beside it. */
async function builtApp(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'smps-static-'));
  cleanups.push(() => rm(directory, { recursive: true }));
  const root = join(directory, 'build');
  await mkdir(join(root, '_app/immutable'), { recursive: true });
  await writeFile(join(directory, 'secret.txt'), 'secret');
  await symlink(join(directory, 'secret.txt'), join(root, 'link.txt'));
  await writeFile(join(root, '.env'), 'secret');
  await writeFile(join(root, 'index.html'), '<!doctype html><title>app</title>');
  for (const name of FRAMED) await writeFile(join(root, name), '<!doctype html><title>frame</title>');
  await writeFile(join(root, '_app/immutable/app.1a2b.js'), 'export const app = 1;\n'.repeat(100));
  await writeFile(join(root, 'icon.svg'), '<svg xmlns="http://www.w3.org/2000/svg"/>');
  await mkdir(join(root, 'schema'));
  await writeFile(join(root, 'schema/smps.xsd'), '<schema/>');
  return root;
}

const http = (lab: GatewayLab, path: string, init?: RequestInit): Promise<Response> =>
  fetch(`http://127.0.0.1:${String(lab.gateway.port)}${path}`, init);

/** Sends the request line as it is: `fetch` would tidy it up. */
function raw(lab: GatewayLab, target: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = '';
    const socket = connectTcp(lab.gateway.port, '127.0.0.1', () => {
      socket.write(`GET ${target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
    });
    socket.on('data', (chunk: Buffer) => (answer += chunk.toString('latin1')));
    socket.once('close', () => {
      resolve(answer);
    });
    socket.once('error', reject);
  });
}

describe('static files', () => {
  test.each([
    ['/', 'text/html; charset=utf-8', 'no-cache'],
    ['/icon.svg', 'image/svg+xml', 'no-cache'],
    ['/schema/smps.xsd', 'application/xml', 'no-cache'],
    ['/_app/immutable/app.1a2b.js', 'text/javascript; charset=utf-8', 'public, max-age=31536000, immutable'],
    ['/hosts/n1/vms?tab=disks', 'text/html; charset=utf-8', 'no-cache']
  ])('%s is %s, cached %s', async (path, type, caching) => {
    const lab = await startLab({ staticDirectory: await builtApp() });
    const response = await http(lab, path);
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe(type);
    expect(response.headers.get('cache-control')).toBe(caching);
    expect((await response.text()).length).toBeGreaterThan(0);
  });

  test('every answer carries the security headers, and only the plugin frame may be framed, by the app', async () => {
    const lab = await startLab({ staticDirectory: await builtApp() });
    for (const path of [
      '/',
      '/icon.svg',
      '/no.js',
      '/healthz',
      '/metrics',
      '/v1/link',
      ...FRAMED.map((name) => `/${name}`)
    ]) {
      const { headers } = await http(lab, path);
      const framed = FRAMED.includes(path.slice(1)) ? "'self'" : "'none'";
      expect(headers.get('content-security-policy'), path).toBe(`frame-ancestors ${framed}`);
      expect(headers.get('x-content-type-options'), path).toBe('nosniff');
      expect(headers.get('referrer-policy'), path).toBe('no-referrer');
    }
  });

  test('a missing script or image is not answered with a page', async () => {
    const lab = await startLab({ staticDirectory: await builtApp() });
    for (const path of ['/_app/immutable/gone.js', '/_app/x', '/gone.png'])
      expect((await http(lab, path)).status).toBe(404);
  });

  test('are compressed for who asks, and not sent again to who has them', async () => {
    const root = await builtApp();
    const lab = await startLab({ staticDirectory: root });
    const answer = await raw(lab, '/_app/immutable/app.1a2b.js');
    expect(answer).not.toContain('content-encoding');
    const response = await http(lab, '/_app/immutable/app.1a2b.js', { headers: { 'accept-encoding': 'gzip' } });
    expect(response.headers.get('content-encoding')).toBe('gzip');
    expect(await response.text()).toBe('export const app = 1;\n'.repeat(100));
    expect(gunzipSync(Buffer.from(await zipped(lab), 'latin1')).toString()).toContain('export const app');
    const etag = response.headers.get('etag') ?? '';
    expect((await http(lab, '/_app/immutable/app.1a2b.js', { headers: { 'if-none-match': etag } })).status).toBe(304);
  });

  test('that appear while the gateway runs are found', async () => {
    const root = await builtApp();
    const lab = await startLab({ staticDirectory: root });
    await writeFile(join(root, '_app/immutable/new.js'), 'new');
    const answers = await Promise.all([1, 2, 3].map(() => http(lab, '/_app/immutable/new.js')));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
  });

  test('built anew are served as they are now, and what is gone is not found', async () => {
    const root = await builtApp();
    const lab = await startLab({ staticDirectory: root });
    const gzip = { headers: { 'accept-encoding': 'gzip' } };
    const before = await http(lab, '/', gzip);
    expect(await before.text()).toContain('<title>app</title>');
    await rm(root, { recursive: true });
    expect((await http(lab, '/', gzip)).status).toBe(404);
    await mkdir(join(root, '_app/immutable'), { recursive: true });
    await writeFile(join(root, 'index.html'), '<!doctype html><title>next app</title>');
    await writeFile(join(root, '_app/immutable/app.3c4d.js'), 'next');
    const after = await http(lab, '/vms', gzip);
    expect(await after.text()).toContain('<title>next app</title>');
    expect(after.headers.get('etag')).not.toBe(before.headers.get('etag'));
    expect(await (await http(lab, '/_app/immutable/app.3c4d.js')).text()).toBe('next');
    expect((await http(lab, '/_app/immutable/app.1a2b.js', gzip)).status).toBe(404);
    await writeFile(join(root, 'index.html'), '<!doctype html><title>edited</title>');
    for (const init of [gzip, {}]) expect(await (await http(lab, '/', init)).text()).toContain('<title>edited</title>');
  });

  test.each([
    '/../secret.txt',
    '/%2e%2e/secret.txt',
    '/..%2fsecret.txt',
    '/..%5csecret.txt',
    '/%2e%2e%2fsecret.txt',
    '//secret.txt',
    '/_app/../../secret.txt',
    '/icon.svg%00.html',
    '/%',
    '/link.txt',
    '/.env',
    'http://127.0.0.1/../secret.txt'
  ])('%s gives nothing away', async (path) => {
    const lab = await startLab({ staticDirectory: await builtApp() });
    expect(await raw(lab, path)).not.toContain('secret\n');
    expect((await raw(lab, path)).split('\r\n\r\n')[1] ?? '').not.toContain('secret');
  });
});

async function zipped(lab: GatewayLab): Promise<string> {
  const answer = await new Promise<string>((resolve) => {
    let text = '';
    const socket = connectTcp(lab.gateway.port, '127.0.0.1', () => {
      socket.write(
        'GET /_app/immutable/app.1a2b.js HTTP/1.1\r\nHost: x\r\nAccept-Encoding: gzip\r\nConnection: close\r\n\r\n'
      );
    });
    socket.on('data', (chunk: Buffer) => (text += chunk.toString('latin1')));
    socket.once('close', () => {
      resolve(text);
    });
  });
  return answer.slice(answer.indexOf('\r\n\r\n') + 4);
}

test('health and metrics answer; other methods do not', async () => {
  const lab = await startLab();
  expect(await (await http(lab, '/healthz')).text()).toBe('ok\n');
  const metrics = await http(lab, '/metrics');
  expect(metrics.headers.get('content-type')).toContain('version=0.0.4');
  const text = await metrics.text();
  for (const line of text.trimEnd().split('\n'))
    expect(line).toMatch(/^(# (HELP|TYPE) \w+ .+|\w+(\{\w+="[\w-]+"\})? [\d.e+-]+)$/);
  expect(text).toContain('smps_gateway_table_hosts 0\n');
  expect((await http(lab, '/', { method: 'POST' })).status).toBe(405);
  expect((await http(lab, '/')).status).toBe(404);
});

describe('a WebSocket is accepted', () => {
  const status = (lab: GatewayLab, origin?: string, url = lab.url): Promise<string> =>
    RawTab.connect(url, origin === undefined ? {} : { headers: { origin } }).then(
      (tab) => {
        tab.close();
        return 'accepted';
      },
      (error: unknown) => String(error)
    );

  test('from the gateway’s own pages and from clients that are no browsers', async () => {
    const lab = await startLab();
    const port = String(lab.gateway.port);
    for (const origin of [`http://localhost:${port}`, `http://127.0.0.1:${port}`, `http://[::1]:${port}`, undefined]) {
      expect(await status(lab, origin), origin).toBe('accepted');
    }
  });

  test('from no other page, even one whose name points here', async () => {
    const lab = await startLab();
    const port = String(lab.gateway.port);
    const foreign = [
      'https://evil.example',
      `http://evil.example:${port}`,
      'http://localhost:1',
      `https://localhost:${port}`,
      'null',
      ''
    ];
    for (const origin of foreign) expect(await status(lab, origin), origin).toContain('403');
    expect(lab.gateway.metrics.text()).toContain(
      `smps_gateway_rejections_total{reason="origin"} ${String(foreign.length)}`
    );
  });

  test('from the origins it was told', async () => {
    const lab = await startLab({ origins: ['https://console.example', 'null'] });
    expect(await status(lab, 'https://console.example')).toBe('accepted');
    expect(await status(lab, 'null')).toBe('accepted');
    expect(await status(lab, 'https://console.example.evil.example')).toContain('403');
  });

  test('on its path only', async () => {
    const lab = await startLab();
    for (const suffix of ['/', '?x', '/x']) expect(await status(lab, undefined, lab.url + suffix)).toContain('404');
  });

  test('up to the limits of one address and of all', async () => {
    const lab = await startLab({ limits: { socketsPerAddress: 2 } });
    const [one] = await Promise.all([RawTab.connect(lab.url), RawTab.connect(lab.url)]);
    expect(await status(lab)).toContain('429');
    one.close();
    await lab.logged((line) => line.event === 'socket-closed');
    expect(await status(lab)).toBe('accepted');
    const small = await startLab({ limits: { sockets: 0 } });
    expect(await status(small)).toContain('503');
  });
});

test('a browser that answers no ping is gone', async () => {
  const lab = await startLab({ limits: { pingInterval: 40 } });
  const tab = await RawTab.connect(lab.url, { autoPong: false });
  await lab.logged((line) => line.event === 'socket-dead');
  expect(await tab.closed).toBe(1006);
});

test('plain text is refused on any address but loopback', async () => {
  await expect(startLab({ address: '0.0.0.0' })).rejects.toMatchObject({ code: 'usage' });
});

test('with a certificate it speaks TLS', async () => {
  const { key, cert } = await createCertificate();
  const lab = await startLab({ tls: { key, cert } });
  const tab = await RawTab.connect(lab.url.replace('ws:', 'wss:'), {
    rejectUnauthorized: false,
    headers: { origin: `https://localhost:${String(lab.gateway.port)}` }
  });
  expect((await tab.refused(1, 'n1')).name).toBe('unknown-host');
  tab.close();
});

test('a port in use is a fault that names it', async () => {
  const lab = await startLab();
  await expect(startLab({ port: lab.gateway.port })).rejects.toMatchObject({
    code: 'port-in-use',
    detail: { port: String(lab.gateway.port) }
  });
});
