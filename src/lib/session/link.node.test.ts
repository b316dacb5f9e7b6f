// The whole way: client, WebSocket, gateway, pinned HTTP/2, agent, with the real seal.
import { randomBytes } from 'node:crypto';
import { afterEach, expect, test } from 'vitest';
import { gatewayLab } from '../../../tests/support/gateway-lab.ts';
import type { GatewayLab } from '../../../tests/support/gateway-lab.ts';
import { createCertificate } from '../../../host-agent/certificate.ts';
import { serve } from '../../../host-agent/serve/serve.ts';
import type { AgentLink, AgentServer, ServeOptions } from '../../../host-agent/serve/serve.ts';
import { Fault } from '../model/fault.ts';
import { hostId } from '../model/ids.ts';
import type { OperatorKey } from '../model/ids.ts';
import type { Sealed, Xml } from '../model/stages.ts';
import { encodeBase64url } from '../seal/base64url.ts';
import { checkNumber, codeId, initiate, RECORD, recordType } from '../seal/handshake.ts';
import { nativeProvider } from '../seal/native.ts';
import type { Channels } from './channels.ts';
import { openLink } from './link.ts';
import type { LinkOptions } from './link.ts';
import { webSocketTransport } from './websocket.ts';

const HOST = hostId('n1');
const provider = nativeProvider();
const certificate = await createCertificate();
const hostPair = await provider.generateKeyPair(false);
const operator = await provider.generateKeyPair(false);
const xml = (text: string): Xml => new TextEncoder().encode(text) as Xml;
const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

const cleanups: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

type Agent = { server: AgentServer; links: AgentLink[]; closed: AgentLink[]; failedCodes: string[] };

async function startAgent(options: Partial<ServeOptions> = {}): Promise<Agent> {
  const agent: Omit<Agent, 'server'> = { links: [], closed: [], failedCodes: [] };
  const known = encodeBase64url(operator.publicKey) as OperatorKey;
  const server = await serve({
    host: HOST,
    identity: hostPair,
    provider,
    tls: certificate,
    address: '127.0.0.1',
    port: 0,
    suites: [2, 1],
    knows: (key) => key === known,
    codeFor: () => Promise.resolve(null),
    onPairingFailed: (id) => agent.failedCodes.push(id),
    onXml: (link, message) => {
      if (!agent.links.includes(link)) agent.links.push(link);
      void link.send(message);
    },
    onClosed: (link) => agent.closed.push(link),
    ...options
  });
  cleanups.push(() => server.close());
  return { server, ...agent };
}

async function startLab(agent: Agent): Promise<GatewayLab> {
  const lab = await gatewayLab({ n1: { port: agent.server.port, pin: certificate.pin } });
  cleanups.push(() => lab.close());
  return lab;
}

type Client = { channels: Channels; received: string[]; next(): Promise<string>; closed: Promise<Fault> };

async function connect(lab: GatewayLab, options: Partial<LinkOptions> = {}): Promise<Client> {
  const transport = webSocketTransport(lab.url);
  cleanups.push(() => {
    transport.close();
  });
  const received: string[] = [];
  const waiting: ((text: string) => void)[] = [];
  let onClosed: (fault: Fault) => void = () => undefined;
  const closed = new Promise<Fault>((resolve) => (onClosed = resolve));
  const channels = await openLink(transport, {
    provider,
    identity: operator,
    host: HOST,
    hostKey: hostPair.publicKey,
    suites: [2, 1],
    atLeast: 1,
    pairing: null,
    onXml: (message) => {
      received.push(text(message));
      waiting.shift()?.(text(message));
    },
    onClosed,
    ...options
  });
  return { channels, received, closed, next: () => new Promise((resolve) => waiting.push(resolve)) };
}

const fault = (promise: Promise<unknown>): Promise<Fault> =>
  promise.then(
    () => Promise.reject(new Error('it did not fail')),
    (error: unknown) => Fault.from(error)
  );

test('a message goes to the agent and back, sealed with the best suite both ends have', async () => {
  const lab = await startLab(await startAgent());
  const client = await connect(lab);
  const answer = client.next();
  await client.channels.sendXml(xml('<hello/>'));
  expect(await answer).toBe('<hello/>');
  expect(client.channels.secure.suite).toBe(2);
  expect(await client.channels.ping(5_000)).toBeLessThan(5_000);
});

test('messages of many records come back whole and in order', async () => {
  const lab = await startLab(await startAgent());
  const client = await connect(lab);
  const sent = [3_000_000, 10, 70_000, 1, 65_536, 500_000].map((size, i) => String(i).repeat(size));
  for (const message of sent) void client.channels.sendXml(xml(message));
  while (client.received.length < sent.length) await client.next();
  expect(client.received.map((message) => `${String(message.length)}×${message.slice(0, 1)}`)).toEqual(
    sent.map((message) => `${String(message.length)}×${message.slice(0, 1)}`)
  );
});

test('an agent without suite 2 is linked to with suite 1, unless it was seen with 2', async () => {
  const lab = await startLab(await startAgent({ suites: [1] }));
  const client = await connect(lab);
  expect(client.channels.secure.suite).toBe(1);
  expect((await fault(connect(lab, { atLeast: 2 }))).code).toBe('handshake');
});

test('an operator the agent does not know, and a host key that is not the host’s, are refused alike', async () => {
  const lab = await startLab(await startAgent());
  const stranger = await provider.generateKeyPair(false);
  const unknown = await fault(connect(lab, { identity: stranger }));
  const wrongKey = await fault(connect(lab, { hostKey: stranger.publicKey }));
  expect([unknown.code, wrongKey.code]).toEqual(['handshake', 'handshake']);
  expect(unknown.message).toBe(wrongKey.message);
});

test('closing a link says why, under seal', async () => {
  const agent = await startAgent();
  const lab = await startLab(agent);
  const client = await connect(lab);
  const answer = client.next();
  await client.channels.sendXml(xml('<x/>'));
  await answer;
  agent.links[0]?.close(new Fault('unknown-operator', { host: HOST }));
  const reason = await client.closed;
  expect(reason.code).toBe('unknown-operator');
  expect(reason.detail).toEqual({ host: HOST });
  expect(agent.closed).toEqual(agent.links);
});

test('the agent hears of a client that leaves', async () => {
  let left: () => void = () => undefined;
  const gone = new Promise<void>((resolve) => (left = resolve));
  const agent = await startAgent({
    onClosed: () => {
      left();
    }
  });
  const lab = await startLab(agent);
  const client = await connect(lab);
  expect([...agent.server.links()]).toHaveLength(1);
  client.channels.close();
  await gone;
  expect([...agent.server.links()]).toHaveLength(0);
});

test('pairing proves a code, and both ends see the same check number', async () => {
  const code = new Uint8Array(randomBytes(16));
  const id = await codeId(provider, code);
  const agent = await startAgent({
    knows: () => false,
    codeFor: (asked) => Promise.resolve(Buffer.from(asked).equals(id) ? code : null)
  });
  const lab = await startLab(agent);
  const client = await connect(lab, { pairing: { code } });
  const answer = client.next();
  await client.channels.sendXml(xml('<enroll/>'));
  await answer;
  expect(agent.links[0]?.codeId).toBe(Buffer.from(id).toString('hex'));
  expect(agent.links[0]?.checkNumber).toBe(await checkNumber(provider, client.channels.secure.handshakeHash));
  expect((await fault(connect(lab, { pairing: { code: new Uint8Array(16) } }))).code).toBe('pairing-refused');
  expect(agent.failedCodes).toEqual([]);
});

test('who names a code and cannot prove it costs it a try', async () => {
  const code = new Uint8Array(randomBytes(16));
  let count: (id: string) => void = () => undefined;
  const failed = new Promise<string>((resolve) => (count = resolve));
  const agent = await startAgent({
    knows: () => false,
    codeFor: () => Promise.resolve(code),
    onPairingFailed: (id) => {
      count(id);
    }
  });
  const lab = await startLab(agent);
  const transport = webSocketTransport(lab.url);
  const { hello } = await initiate({
    provider,
    identity: operator,
    host: HOST,
    hostKey: hostPair.publicKey,
    suite: 1,
    pairing: { code: new Uint8Array(16) }
  });
  let answer: (record: Sealed) => void = () => undefined;
  const answered = new Promise<Sealed>((resolve) => (answer = resolve));
  const pipe = await transport.open(HOST, { onRecord: answer, onClose: () => undefined });
  await pipe.send(hello);
  expect(recordType(await answered)).toBe(RECORD.PAIRED);
  // A record of the right form that no key ever sealed.
  const forged = new Uint8Array(40);
  forged.set([1, RECORD.DATA]);
  await pipe.send(forged as Sealed);
  expect(await failed).toBe(Buffer.from(await codeId(provider, new Uint8Array(16))).toString('hex'));
  transport.close();
});

test('an agent that stops ends its links, and is found again when it is back', async () => {
  const first = await startAgent();
  const lab = await startLab(first);
  const client = await connect(lab);
  await first.server.close();
  expect((await client.closed).code).toBe('link-ended');
  expect((await fault(connect(lab))).code).toBe('unreachable');
  await startAgent({ port: first.server.port });
  expect((await connect(lab)).channels.secure.suite).toBe(2);
});

test('a gateway that stops says so, and the links it carried are lost with it', async () => {
  const lab = await startLab(await startAgent());
  const client = await connect(lab);
  await lab.gateway.close();
  const reason = await client.closed;
  expect(reason.code).toBe('gateway-lost');
  expect(reason.message).toContain('stopped');
  expect((await fault(connect(lab))).code).toBe('gateway-lost');
});

test('too many handshakes at once are refused as busy, not as a broken handshake', async () => {
  const lab = await startLab(await startAgent({ limits: { handshakeBurst: 1, handshakesPerSecond: 0 } }));
  await connect(lab);
  const refused = await fault(connect(lab));
  expect(refused.code).toBe('unreachable');
  expect(refused.message).toContain('busy');
});

test('opening a link can be aborted', async () => {
  const lab = await startLab(await startAgent());
  const reason = new Error('never mind');
  await expect(connect(lab, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  const late = new AbortController();
  const opening = connect(lab, { signal: late.signal });
  late.abort(reason);
  await expect(opening).rejects.toBe(reason);
});
