import { createServer as createTcpServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import { createCertificate } from '../host-agent/certificate.ts';
import { FRAME, packClose } from '../src/lib/frame/frame.ts';
import { LENGTH_PREFIX, MAX_RECORD, RECORD_HEADER } from '../src/lib/frame/limits.ts';
import { gatewayLab } from '../tests/support/gateway-lab.ts';
import type { Entry, GatewayLab } from '../tests/support/gateway-lab.ts';
import { deaf, echo, rawAgent } from '../tests/support/raw-agent.ts';
import type { RawAgent, RawHandler } from '../tests/support/raw-agent.ts';
import { RawTab } from '../tests/support/raw-tab.ts';
import type { GatewayOptions } from './server.ts';

const cleanups: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function startAgent(handler: RawHandler, port = 0): Promise<RawAgent> {
  const agent = await rawAgent(handler, port);
  cleanups.push(() => agent.close());
  return agent;
}

async function startLab(hosts: Record<string, Entry>, options: Partial<GatewayOptions> = {}): Promise<GatewayLab> {
  const lab = await gatewayLab(hosts, options);
  cleanups.push(() => lab.close());
  return lab;
}

async function startTab(lab: GatewayLab): Promise<RawTab> {
  const tab = await RawTab.connect(lab.url);
  cleanups.push(() => {
    tab.close();
  });
  return tab;
}

/** A record the gateway takes for one, told apart by `mark`. */
const record = (mark: number, size = 100): Buffer => Buffer.alloc(size, mark);

describe('records', () => {
  test('pass both ways unchanged, whatever is in them', async () => {
    const agent = await startAgent(echo);
    const tab = await startTab(await startLab({ n1: agent }));
    await tab.open(1, 'n1');
    const payload = fc.uint8Array({ minLength: RECORD_HEADER, maxLength: 2_000 });
    await fc.assert(
      fc.asyncProperty(fc.array(payload, { minLength: 1, maxLength: 10 }), async (records) => {
        for (const each of records) tab.data(1, each);
        for (const each of records) expect(Buffer.compare((await tab.take('data', 1)).record, each)).toBe(0);
      }),
      { numRuns: 25 }
    );
    const longest = Buffer.alloc(MAX_RECORD, 0xa5);
    tab.data(1, longest);
    expect(Buffer.compare((await tab.take('data', 1)).record, longest)).toBe(0);
  });

  test('of many links share one TLS connection and never mix', async () => {
    const agent = await startAgent(echo);
    const tab = await startTab(await startLab({ n1: agent, n2: agent }));
    const links = Array.from({ length: 50 }, (_, i) => i + 1);
    await Promise.all(links.map((link) => tab.open(link, link % 2 === 0 ? 'n1' : 'n2')));
    for (const link of links) tab.data(link, record(link));
    for (const link of links) expect((await tab.take('data', link)).record).toEqual(record(link));
    expect(agent.seen.connections).toBe(1);
    expect(new Set(agent.seen.paths)).toEqual(new Set(['/v1/hosts/n1/link', '/v1/hosts/n2/link']));
  });

  test('sent just before CLOSE still reach the agent', async () => {
    let arrived: (size: number) => void = () => undefined;
    const size = new Promise<number>((resolve) => (arrived = resolve));
    const agent = await startAgent((stream) => {
      stream.respond({ ':status': 200 });
      let sum = 0;
      stream.on('data', (chunk: Buffer) => (sum += chunk.length));
      stream.on('end', () => {
        arrived(sum);
        stream.end();
      });
    });
    const tab = await startTab(await startLab({ n1: agent }));
    await tab.open(1, 'n1');
    tab.data(1, record(1));
    tab.send(packClose(1, 'normal'));
    expect(await size).toBe(LENGTH_PREFIX + 100);
  });

  test('sent by the agent just before it ends arrive before CLOSE', async () => {
    const agent = await startAgent((stream) => {
      stream.respond({ ':status': 200 });
      stream.end(Buffer.concat([Buffer.from([0, 0, 0, 100]), record(7)]));
    });
    const tab = await startTab(await startLab({ n1: agent }));
    await tab.open(1, 'n1');
    expect((await tab.take('data', 1)).record).toEqual(record(7));
    expect((await tab.take('close', 1)).name).toBe('normal');
  });
});

describe('a link is refused', () => {
  test.each(['n2', '169.254.169.254', '127.0.0.1', 'localhost'])('when the table does not have %j', async (host) => {
    const agent = await startAgent(echo);
    const tab = await startTab(await startLab({ n1: agent }));
    expect((await tab.refused(1, host)).name).toBe('unknown-host');
    expect(agent.seen.connections).toBe(0);
  });

  test.each(['../n1', 'n1/../../x', 'n1\r\nhost: x', '%6e1', '__proto__', 'N1'])(
    'when %j is no host id',
    async (host) => {
      const agent = await startAgent(echo);
      const tab = await startTab(await startLab({ n1: agent }));
      expect((await tab.refused(1, host)).name).toBe('unknown-host');
      expect(agent.seen.connections).toBe(0);
    }
  );

  test('when the agent’s key is not the pinned one, before anything is asked of it', async () => {
    const agent = await startAgent(echo);
    const other = await createCertificate();
    const tab = await startTab(await startLab({ n1: { port: agent.port, pin: other.pin } }));
    expect((await tab.refused(1, 'n1')).name).toBe('pin-mismatch');
    expect(agent.seen.paths).toEqual([]);
  });

  test('when nothing listens, without a word about where', async () => {
    const agent = await startAgent(echo);
    await agent.close();
    const tab = await startTab(await startLab({ n1: agent }));
    const { name, text } = await tab.refused(1, 'n1');
    expect(name).toBe('unreachable');
    expect(text).not.toContain(String(agent.port));
  });

  test('when what listens does not speak TLS, or not HTTP/2', async () => {
    const tcp = createTcpServer((socket) => socket.on('error', () => undefined).end('hello\n'));
    const certificate = await createCertificate();
    const tls = createTlsServer(certificate, (socket) => socket.on('error', () => undefined).end('hello\n'));
    await Promise.all(
      [tcp, tls].map((server) => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve)))
    );
    cleanups.push(() => {
      tcp.close();
      tls.close();
    });
    const port = (server: typeof tcp): number => (server.address() as AddressInfo).port;
    const { pin } = certificate;
    const tab = await startTab(await startLab({ n1: { port: port(tcp), pin }, n2: { port: port(tls), pin } }));
    expect((await tab.refused(1, 'n1')).name).toBe('unreachable');
    expect((await tab.refused(2, 'n2')).text).toContain('HTTP/2');
  });

  test.each([
    [404, 'refused'],
    [503, 'busy'],
    [429, 'busy']
  ])('when the agent answers %i: %s', async (status, name) => {
    const agent = await startAgent((stream) => {
      stream.respond({ ':status': status }, { endStream: true });
    });
    const tab = await startTab(await startLab({ n1: agent }));
    expect((await tab.refused(1, 'n1')).name).toBe(name);
  });

  test('when the agent redirects: the gateway goes nowhere else', async () => {
    const elsewhere = await startAgent(echo);
    const agent = await startAgent((stream) => {
      stream.respond({ ':status': 307, location: `https://127.0.0.1:${String(elsewhere.port)}/v1/hosts/n1/link` });
      stream.end();
    });
    const tab = await startTab(await startLab({ n1: agent }));
    expect((await tab.refused(1, 'n1')).name).toBe('refused');
    expect(elsewhere.seen.connections).toBe(0);
    expect(agent.seen.paths).toHaveLength(1);
  });

  test('when one socket has too many', async () => {
    const agent = await startAgent(echo);
    const lab = await startLab({ n1: agent }, { limits: { linksPerSocket: 2 } });
    const tab = await startTab(lab);
    await tab.open(1, 'n1');
    await tab.open(2, 'n1');
    expect((await tab.refused(3, 'n1')).name).toBe('limit');
    tab.send(packClose(1, 'normal'));
    await tab.open(4, 'n1');
  });
});

describe('a link ends', () => {
  test('as lost when its agent goes away, and the next one finds the agent that came back', async () => {
    const agent = await startAgent(echo);
    const lab = await startLab({ n1: agent });
    const tab = await startTab(lab);
    await tab.open(1, 'n1');
    await agent.close();
    expect((await tab.take('close', 1)).name).toBe('lost');
    const back = await startAgent(echo, agent.port);
    await lab.setTable({ n1: back });
    await tab.open(2, 'n1');
    expect(lab.gateway.metrics.links).toBe(1);
  });

  test.each([
    ['a length that is none', Buffer.from([0, 0, 0, 3, 1, 2, 3])],
    ['a length past the limit', Buffer.from([0, 2, 0, 0])],
    ['half a record and the end', Buffer.from([0, 0, 0, 100, 1, 2, 3])]
  ])('as malformed when its agent sends %s', async (_, bytes) => {
    const agent = await startAgent((stream) => {
      stream.respond({ ':status': 200 });
      stream.end(bytes);
    });
    const tab = await startTab(await startLab({ n1: agent }));
    await tab.open(1, 'n1');
    expect((await tab.take('close', 1)).name).toBe('malformed');
  });

  test('when its host leaves the table or moves, and only then', async () => {
    const agent = await startAgent(echo);
    const lab = await startLab({ n1: agent, n2: agent, n3: agent });
    const tab = await startTab(lab);
    await Promise.all([tab.open(1, 'n1'), tab.open(2, 'n2'), tab.open(3, 'n3')]);
    await lab.setTable({ n1: agent, n3: { port: agent.port + 1, pin: agent.pin } });
    expect((await tab.take('close', 2)).name).toBe('unknown-host');
    expect((await tab.take('close', 3)).name).toBe('lost');
    tab.data(1, record(1));
    expect((await tab.take('data', 1)).record).toEqual(record(1));
  });

  test('on the agent’s side when the browser goes away', async () => {
    let gone: () => void = () => undefined;
    const ended = new Promise<void>((resolve) => (gone = resolve));
    const agent = await startAgent((stream) => {
      echo(stream, {});
      stream.once('close', gone);
    });
    const tab = await startTab(await startLab({ n1: agent }));
    await tab.open(1, 'n1');
    tab.close();
    await ended;
  });

  test('as shutting-down when the gateway is stopped', async () => {
    const agent = await startAgent(echo);
    const lab = await startLab({ n1: agent });
    const tab = await startTab(lab);
    await tab.open(1, 'n1');
    const closing = lab.gateway.close();
    expect((await tab.take('close', 1)).name).toBe('shutting-down');
    expect(await tab.closed).toBe(1001);
    await closing;
  });

  test('when the browser sends more than it has credit for, or before OPENED', async () => {
    const agent = await startAgent(deaf);
    const tab = await startTab(await startLab({ n1: agent }));
    await tab.open(1, 'n1');
    for (let i = 0; i < 6; i += 1) tab.data(1, record(1, 60_000));
    expect((await tab.take('close', 1)).name).toBe('limit');
    tab.send(Uint8Array.from([FRAME.OPEN, 0, 0, 0, 2, 0x6e, 0x31]));
    tab.data(2, record(1));
    expect((await tab.take('close', 2)).name).toBe('limit');
  });
});

describe('the whole socket is closed', () => {
  test.each([
    [
      'a text frame',
      1003,
      (tab: RawTab) => {
        tab.socket.send('hello');
      }
    ],
    [
      'a message longer than any frame',
      1009,
      (tab: RawTab) => {
        tab.send(new Uint8Array(MAX_RECORD + 6));
      }
    ],
    [
      'an empty message',
      1002,
      (tab: RawTab) => {
        tab.send(new Uint8Array(0));
      }
    ],
    [
      'an unknown kind',
      1002,
      (tab: RawTab) => {
        tab.send(Uint8Array.from([9, 0, 0, 0, 1]));
      }
    ],
    [
      'OPENED, which is not its to say',
      1002,
      (tab: RawTab) => {
        tab.send(Uint8Array.from([2, 0, 0, 0, 1]));
      }
    ],
    [
      'data for a link that never was',
      1002,
      (tab: RawTab) => {
        tab.data(5, record(1));
      }
    ],
    [
      'a link number used before',
      1002,
      (tab: RawTab) => {
        tab.send(Uint8Array.from([1, 0, 0, 0, 1, 0x6e, 0x31]));
      }
    ]
  ])('on %s, with code %i', async (_, code, provoke) => {
    const agent = await startAgent(echo);
    const lab = await startLab({ n1: agent });
    const tab = await startTab(lab);
    await tab.open(1, 'n1');
    provoke(tab);
    expect(await tab.closed).toBe(code);
    await lab.logged((line) => line.event === 'socket-closed');
    expect(lab.gateway.metrics.links).toBe(0);
  });
});

test('the log and the metrics never hold a payload', async () => {
  const agent = await startAgent(echo);
  const lab = await startLab({ n1: agent });
  const tab = await startTab(lab);
  await tab.open(1, 'n1');
  tab.data(1, Buffer.from('a secret in a record, for once in clear text'));
  await tab.take('data', 1);
  tab.close();
  await lab.logged((line) => line.event === 'link-closed');
  expect(JSON.stringify(lab.log) + lab.gateway.metrics.text()).not.toContain('secret');
  expect(lab.log.map((line) => line.event)).toEqual(
    expect.arrayContaining(['table-loaded', 'socket-open', 'link-open', 'agent-connected', 'link-closed'])
  );
});
