// The agent's ear against a gateway played by the test: what strangers get out of it, and what they cost.
import { connect } from 'node:http2';
import type { ClientHttp2Session, ClientHttp2Stream } from 'node:http2';
import { connect as connectTls } from 'node:tls';
import { afterEach, describe, expect, test } from 'vitest';
import { FakeClock } from '../../tests/support/fake-clock.ts';
import { HANDSHAKE_TIMEOUT } from '../../src/lib/frame/limits.ts';
import { prefix, RecordSplitter } from '../../src/lib/frame/record-stream.ts';
import { Fault } from '../../src/lib/model/fault.ts';
import { hostId } from '../../src/lib/model/ids.ts';
import type { OperatorKey } from '../../src/lib/model/ids.ts';
import type { Sealed, Xml } from '../../src/lib/model/stages.ts';
import { splitXml } from '../../src/lib/protocol/segment.ts';
import { encodeBase64url } from '../../src/lib/seal/base64url.ts';
import { faultHint, initiate, RECORD, recordType } from '../../src/lib/seal/handshake.ts';
import type { Secure } from '../../src/lib/seal/handshake.ts';
import { nativeProvider } from '../../src/lib/seal/native.ts';
import { createCertificate } from '../certificate.ts';
import { serve } from './serve.ts';
import type { AgentLink, AgentServer, ServeOptions } from './serve.ts';

const HOST = hostId('n1');
const provider = nativeProvider();
const tls = await createCertificate();
const identity = await provider.generateKeyPair(false);
const operator = await provider.generateKeyPair(false);
const known = encodeBase64url(operator.publicKey) as OperatorKey;
const xml = (text: string): Xml => new TextEncoder().encode(text) as Xml;

const cleanups: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

type Served = { server: AgentServer; heard: string[]; closed: AgentLink[]; lastLink(): AgentLink };

async function startAgent(options: Partial<ServeOptions> = {}): Promise<Served> {
  const heard: string[] = [];
  const closed: AgentLink[] = [];
  let last: AgentLink | null = null;
  const server = await serve({
    host: HOST,
    identity,
    provider,
    tls,
    address: '127.0.0.1',
    port: 0,
    suites: [1],
    knows: (key) => key === known,
    codeFor: () => Promise.resolve(null),
    onPairingFailed: () => undefined,
    onXml: (link, message) => {
      last = link;
      heard.push(new TextDecoder().decode(message));
      void link.send(message);
    },
    onClosed: (link) => closed.push(link),
    ...options
  });
  cleanups.push(() => server.close());
  const lastLink = (): AgentLink => {
    if (last === null) throw new Error('no link has spoken');
    return last;
  };
  return { server, heard, closed, lastLink };
}

function session(server: AgentServer): ClientHttp2Session {
  const client = connect(`https://127.0.0.1:${String(server.port)}`, { rejectUnauthorized: false });
  client.on('error', () => undefined);
  cleanups.push(() => {
    client.destroy();
  });
  return client;
}

/** One request, its records as they come. */
class Stream {
  readonly stream: ClientHttp2Stream;
  readonly status: Promise<number>;
  readonly ended: Promise<void>;
  readonly #records: Sealed[] = [];
  readonly #waiting: ((record: Sealed) => void)[] = [];

  constructor(client: ClientHttp2Session, path = '/v1/hosts/n1/link', method = 'POST') {
    this.stream = client.request({ ':method': method, ':path': path }, { endStream: false });
    this.stream.on('error', () => undefined);
    const splitter = new RecordSplitter((record) => {
      const next = this.#waiting.shift();
      if (next === undefined) this.#records.push(record);
      else next(record);
    });
    this.stream.on('data', (chunk: Buffer<ArrayBuffer>) => {
      splitter.push(chunk);
    });
    this.status = new Promise((resolve) =>
      this.stream.once('response', (headers) => {
        resolve(headers[':status'] ?? 0);
      })
    );
    // As a gateway does: who is told goodbye ends its half too.
    this.stream.once('end', () => this.stream.end());
    this.ended = new Promise((resolve) => this.stream.once('close', resolve));
  }

  send(record: Sealed): void {
    this.stream.write(prefix(record));
  }

  next(): Promise<Sealed> {
    const record = this.#records.shift();
    return record === undefined ? new Promise((resolve) => this.#waiting.push(resolve)) : Promise.resolve(record);
  }

  async shake(): Promise<Secure> {
    const handshake = await initiate({
      provider,
      identity: operator,
      host: HOST,
      hostKey: identity.publicKey,
      suite: 1,
      pairing: null
    });
    this.send(handshake.hello);
    return handshake.finish(await this.next());
  }
}

async function sendXml(stream: Stream, secure: Secure, text: string): Promise<void> {
  for (const segment of splitXml(xml(text))) stream.send(await secure.seal(segment));
}

test.each([
  ['GET', '/v1/hosts/n1/link'],
  ['POST', '/'],
  ['POST', '/v1/hosts/n2/link'],
  ['POST', '/v1/hosts/n1/link/'],
  ['POST', '/v1/hosts/n1/link?x'],
  ['POST', '/v1/hosts/%6e1/link']
])('%s %s is not found', async (method, path) => {
  const { server } = await startAgent();
  expect(await new Stream(session(server), path, method).status).toBe(404);
});

test('HTTP/1.1 and plain text get no answer that helps', async () => {
  const { server } = await startAgent();
  const socket = connectTls({
    port: server.port,
    host: '127.0.0.1',
    rejectUnauthorized: false,
    ALPNProtocols: ['http/1.1']
  });
  await new Promise((resolve) => socket.once('error', resolve).once('close', resolve));
  const good = new Stream(session(server));
  expect(await good.status).toBe(200);
});

describe('what fails in a handshake looks the same:', () => {
  const answer = async (first: (stream: Stream) => Promise<Sealed> | Sealed): Promise<string> => {
    const { server } = await startAgent();
    const stream = new Stream(session(server));
    stream.send(await first(stream));
    const record = await stream.next();
    await stream.ended;
    return `${String(recordType(record))} ${faultHint(record) ?? ''}`;
  };
  const hello = async (change: Partial<Parameters<typeof initiate>[0]> = {}): Promise<Sealed> => {
    const base = {
      provider,
      identity: operator,
      host: HOST,
      hostKey: identity.publicKey,
      suite: 1,
      pairing: null
    } as const;
    return (await initiate({ ...base, ...change })).hello;
  };
  const uniform = `${String(RECORD.FAULT)} handshake failed`;

  test.each([
    ['garbage', () => new Uint8Array(100).fill(7) as Sealed],
    ['an unknown operator', async () => hello({ identity: await provider.generateKeyPair(false) })],
    ['another host’s key', async () => hello({ hostKey: (await provider.generateKeyPair(false)).publicKey })],
    ['another host’s id', () => hello({ host: hostId('n2') })],
    ['a pairing code nobody gave', () => hello({ pairing: { code: new Uint8Array(16) } })],
    [
      'one flipped bit',
      async () => {
        const record = await hello();
        return record.with(60, (record[60] ?? 0) ^ 1) as Sealed;
      }
    ],
    [
      'data before HELLO',
      () => {
        const record = new Uint8Array(40);
        record.set([1, RECORD.DATA]);
        return record as Sealed;
      }
    ]
  ])('%s', async (_, first) => {
    expect(await answer(first)).toBe(uniform);
  });
});

test('a link speaks and is closed by its client', async () => {
  const agent = await startAgent();
  const stream = new Stream(session(agent.server));
  const secure = await stream.shake();
  await sendXml(stream, secure, '<a/>');
  await secure.open(await stream.next());
  expect([...agent.server.links()]).toEqual([agent.lastLink()]);
  expect(agent.lastLink().operator).toBe(known);
  stream.stream.end();
  await stream.ended;
  await expect.poll(() => agent.closed).toEqual([agent.lastLink()]);
  expect([...agent.server.links()]).toEqual([]);
});

test('one bad record ends a link, and what came after it is never heard', async () => {
  const agent = await startAgent();
  const stream = new Stream(session(agent.server));
  const secure = await stream.shake();
  const sealed = async (text: string): Promise<Sealed> => {
    const [segment] = splitXml(xml(text));
    if (segment === undefined) throw new Error('no segment');
    return secure.seal(segment);
  };
  const [first, second] = [await sealed('<a/>'), await sealed('<b/>')];
  for (const record of [first, first, second]) stream.send(record);
  await stream.ended;
  await expect.poll(() => agent.closed.length).toBe(1);
  expect(agent.heard).toEqual(['<a/>']);
});

test('bytes that are no record end the stream, and nobody is asked about them', async () => {
  let asked = false;
  const { server } = await startAgent({ knows: () => (asked = true) });
  const stream = new Stream(session(server));
  stream.stream.write(Buffer.from([0xff, 0xff, 0xff, 0xff]));
  await stream.ended;
  expect(asked).toBe(false);
});

test('requests reset as soon as they are made cost nothing that stays', async () => {
  const { server } = await startAgent({ limits: { links: 8, handshakes: 8, handshakeBurst: 1_000 } });
  const client = session(server);
  for (let i = 0; i < 100; i += 1) {
    const stream = new Stream(client);
    stream.stream.close(8);
    await stream.ended;
  }
  expect(await new Stream(session(server)).status).toBe(200);
});

describe('strangers are bounded:', () => {
  test('links', async () => {
    const { server } = await startAgent({ limits: { links: 2 } });
    const client = session(server);
    const open = [new Stream(client), new Stream(client)];
    expect(await Promise.all(open.map((each) => each.status))).toEqual([200, 200]);
    expect(await new Stream(session(server)).status).toBe(503);
    open[0]?.stream.close();
    await open[0]?.ended;
    await expect.poll(() => new Stream(session(server)).status).toBe(200);
  });

  test('handshakes at once', async () => {
    const { server } = await startAgent({ limits: { handshakes: 1 } });
    const client = session(server);
    const first = new Stream(client);
    expect(await first.status).toBe(200);
    expect(await new Stream(client).status).toBe(503);
    await first.shake();
    expect(await new Stream(client).status).toBe(200);
  });

  test('handshakes in a row', async () => {
    const { server } = await startAgent({ limits: { handshakeBurst: 3, handshakesPerSecond: 0 } });
    const client = session(server);
    const statuses = [];
    for (let i = 0; i < 5; i += 1) {
      const stream = new Stream(client);
      statuses.push(await stream.status);
      stream.stream.close();
    }
    expect(statuses).toEqual([200, 200, 200, 503, 503]);
  });

  test('time to say HELLO', async () => {
    const clock = new FakeClock();
    const { server } = await startAgent({ clock });
    const stream = new Stream(session(server));
    expect(await stream.status).toBe(200);
    await clock.advance(HANDSHAKE_TIMEOUT);
    expect(recordType(await stream.next())).toBe(RECORD.FAULT);
    await stream.ended;
  });

  test('time to prove a code', async () => {
    const clock = new FakeClock();
    const code = new Uint8Array(16).fill(5);
    const agent = await startAgent({ clock, codeFor: () => Promise.resolve(code) });
    const stream = new Stream(session(agent.server));
    const handshake = await initiate({
      provider,
      identity: await provider.generateKeyPair(false),
      host: HOST,
      hostKey: identity.publicKey,
      suite: 1,
      pairing: { code }
    });
    stream.send(handshake.hello);
    await handshake.finish(await stream.next());
    await clock.advance(HANDSHAKE_TIMEOUT);
    await stream.ended;
    expect(agent.closed).toHaveLength(1);
  });
});

test('a client that does not read holds up nothing but its own link', async () => {
  const agent = await startAgent();
  const client = session(agent.server);
  const slow = new Stream(client);
  const secure = await slow.shake();
  await sendXml(slow, secure, '<hello/>');
  await slow.next();
  slow.stream.pause();
  const big = xml('x'.repeat(1_000_000));
  let sent = 0;
  const sending = (async () => {
    for (; sent < 100; sent += 1) await agent.lastLink().send(big);
  })();
  const other = new Stream(client);
  const second = await other.shake();
  for (let i = 0; i < 20; i += 1) {
    await sendXml(other, second, '<b/>');
    await second.open(await other.next());
  }
  // 64 KiB of window and a few records in hand: nowhere near what the agent wants to say.
  expect(sent).toBeLessThan(3);
  slow.stream.close();
  await expect(sending).rejects.toMatchObject({ code: 'link-ended' });
});

test('closing tells every link why, and frees the port', async () => {
  const agent = await startAgent();
  const stream = new Stream(session(agent.server));
  const secure = await stream.shake();
  await sendXml(stream, secure, '<a/>');
  await secure.open(await stream.next());
  await agent.server.close();
  const goodbye = await secure.open(await stream.next());
  expect(new TextDecoder().decode(goodbye.subarray(5))).toContain('link-ended');
  expect(agent.closed).toHaveLength(1);
  const again = await startAgent({ port: agent.server.port });
  expect(again.server.port).toBe(agent.server.port);
  await expect(startAgent({ port: agent.server.port })).rejects.toBeInstanceOf(Fault);
});
