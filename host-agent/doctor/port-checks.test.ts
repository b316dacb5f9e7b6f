import { createServer } from 'node:net';
import type { AddressInfo, Server } from 'node:net';
import { createServer as createSecureServer } from 'node:tls';
import { afterEach, describe, expect, test } from 'vitest';
import { createCertificate } from '../certificate.ts';
import { judgePort, probePort } from './port-checks.ts';
import type { Listening } from './port-checks.ts';
import { reachOf } from './reach.ts';

const servers: Server[] = [];
afterEach(() => servers.splice(0).forEach((server) => server.close()));

async function listening(server: Server): Promise<number> {
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}
const ME: Listening = { address: '127.0.0.1', port: 0, advertise: null, own: 'sha256:mine', running: false };
const judged = async (more: Partial<Listening>): Promise<readonly string[]> =>
  judgePort(await probePort({ ...ME, ...more })).map(({ level, says }) => `${level} ${says}`);

describe('the port', () => {
  test('may be any', async () => {
    expect(await judged({})).toContain('ok any free port, another at every start');
  });
  test('is free, unless the agent runs and should have it', async () => {
    const port = await listening(createServer());
    servers.splice(0).forEach((server) => server.close());
    expect(await judged({ port })).toContain(`ok 127.0.0.1 port ${port} is free`);
    expect(await judged({ port, running: true })).toEqual([
      `warn the agent runs, but nobody listens at 127.0.0.1 port ${port}`
    ]);
  });
  test('is the agent’s own when its certificate answers there', async () => {
    const { key, cert, pin } = await createCertificate();
    const port = await listening(createSecureServer({ key, cert }));
    expect(await judged({ port, own: pin, running: true })).toContain(`ok the agent answers at 127.0.0.1 port ${port}`);
    expect(await judged({ port })).toEqual([`fail another program has 127.0.0.1 port ${port}`]);
  });
  test('is another’s when who listens there says nothing that we understand', async () => {
    const port = await listening(createServer((socket) => socket.end('220 mail\r\n')));
    expect(await judged({ port })).toEqual([`fail another program has 127.0.0.1 port ${port}`]);
  });
  test('is nowhere on an address that this machine has not', async () => {
    expect(await judged({ address: '203.0.113.7', port: 7440 })).toContain(
      'fail this machine has no address 203.0.113.7'
    );
  });
  test('that only this machine reaches serves no other host', async () => {
    expect(await judged({ advertise: '10.0.0.11' })).toEqual([
      'fail other hosts are told 10.0.0.11, but 127.0.0.1 port 0 is reached from this machine only'
    ]);
  });
  test('that the Internet reaches is a warning', () => {
    const probe = { ...ME, address: '198.51.100.7', port: 7440, error: null, pin: null };
    expect(judgePort({ ...probe, reach: 'internet' })).toMatchObject([{ level: 'warn' }]);
    expect(judgePort({ ...probe, reach: 'some-internet' })).toMatchObject([{ level: 'warn' }]);
    expect(judgePort({ ...probe, reach: 'network' })).toMatchObject([{ level: 'ok' }]);
    expect(judgePort({ ...probe, reach: 'network', error: 'EACCES' })).toMatchObject([{ level: 'fail' }]);
  });
});

test.each([
  ['127.0.0.1', 'machine'],
  ['::1', 'machine'],
  ['localhost', 'machine'],
  ['10.1.2.3', 'network'],
  ['172.31.0.1', 'network'],
  ['172.32.0.1', 'internet'],
  ['192.168.7.7', 'network'],
  ['fd00::7', 'network'],
  ['fe80::1%eth0', 'network'],
  ['8.8.8.8', 'internet'],
  ['2a01:4f8::1', 'internet'],
  ['inner.example', 'network']
])('%s is reached from the %s', (address, reach) => {
  expect(reachOf(address, [])).toBe(reach);
});

test('all addresses are as far as the farthest of their kind', () => {
  expect(reachOf('0.0.0.0', ['127.0.0.1', '10.0.0.1', '2a01:4f8::1'])).toBe('network');
  expect(reachOf('::', ['127.0.0.1', '10.0.0.1', '2a01:4f8::1'])).toBe('some-internet');
  expect(reachOf('0.0.0.0', ['10.0.0.1', '8.8.8.8'])).toBe('some-internet');
});
