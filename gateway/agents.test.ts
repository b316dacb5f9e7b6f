// The life of the one TLS connection to an agent: coming up slowly or not at all, falling silent, idling.
import { connect, createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { packClose } from '../src/lib/frame/frame.ts';
import { gatewayLab } from '../tests/support/gateway-lab.ts';
import type { Entry, GatewayLab } from '../tests/support/gateway-lab.ts';
import { echo, rawAgent } from '../tests/support/raw-agent.ts';
import type { RawAgent } from '../tests/support/raw-agent.ts';
import { RawTab } from '../tests/support/raw-tab.ts';
import { AGENT_TIMES } from './agents.ts';
import type { AgentTimes } from './agents.ts';

const cleanups: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function start(
  hosts: Record<string, Entry>,
  times: Partial<AgentTimes>
): Promise<{ lab: GatewayLab; tab: RawTab }> {
  const lab = await gatewayLab(hosts, { limits: { agentTimes: { ...AGENT_TIMES, ...times } } });
  cleanups.push(() => lab.close());
  const tab = await RawTab.connect(lab.url);
  cleanups.push(() => {
    tab.close();
  });
  return { lab, tab };
}

async function startAgent(): Promise<RawAgent> {
  const agent = await rawAgent(echo);
  cleanups.push(() => agent.close());
  return agent;
}

async function listening(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  cleanups.push(() => {
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

test('an address that accepts and says nothing is given up in time, and tried again by the next link', async () => {
  let connections = 0;
  const sockets: Socket[] = [];
  const port = await listening(createServer((socket) => void (connections = sockets.push(socket))));
  cleanups.push(() => {
    for (const socket of sockets) socket.destroy();
  });
  const { tab } = await start({ n1: { port, pin: `sha256:${'A'.repeat(43)}` } }, { connect: 100 });
  const refused = await Promise.all([tab.refused(1, 'n1'), tab.refused(2, 'n1')]);
  expect(refused.map(({ name }) => name)).toEqual(['unreachable', 'unreachable']);
  expect(connections).toBe(1);
  expect((await tab.refused(3, 'n1')).name).toBe('unreachable');
  expect(connections).toBe(2);
});

test('an agent that falls silent is dropped with all its links', async () => {
  const agent = await startAgent();
  const sockets: Socket[] = [];
  // A cable between gateway and agent, to be pulled: both ends stay open and hear nothing.
  const port = await listening(
    createServer((near) => {
      const far = connect(agent.port, '127.0.0.1');
      near.pipe(far).pipe(near);
      sockets.push(near, far);
      for (const socket of [near, far]) socket.on('error', () => undefined);
    })
  );
  cleanups.push(() => {
    for (const socket of sockets) socket.destroy();
  });
  const { lab, tab } = await start({ n1: { port, pin: agent.pin } }, { ping: 100 });
  await Promise.all([tab.open(1, 'n1'), tab.open(2, 'n1')]);
  for (const socket of sockets) socket.unpipe().pause();
  expect((await tab.take('close', 1)).name).toBe('lost');
  expect((await tab.take('close', 2)).name).toBe('lost');
  await lab.logged((line) => line.event === 'agent-disconnected');
  expect(lab.gateway.metrics.agents).toBe(0);
});

test('a connection without links is closed after a while, and made again when one is wanted', async () => {
  const agent = await startAgent();
  const { lab, tab } = await start({ n1: agent }, { idle: 50 });
  await tab.open(1, 'n1');
  tab.send(packClose(1, 'normal'));
  await lab.logged((line) => line.event === 'agent-disconnected');
  await tab.open(2, 'n1');
  expect(agent.seen.connections).toBe(2);
});

test('an agent that wants to end its connection keeps its links, and gets new ones on another', async () => {
  const agent = await startAgent();
  const { tab } = await start({ n1: agent }, {});
  await tab.open(1, 'n1');
  for (const stream of agent.streams) stream.session?.goaway();
  tab.data(1, new Uint8Array(20));
  await tab.take('data', 1);
  await tab.open(2, 'n1');
  for (const link of [1, 2]) {
    tab.data(link, new Uint8Array(20));
    await tab.take('data', link);
  }
  expect(agent.seen.connections).toBe(2);
});

test('hosts at one address with different pins do not share a connection', async () => {
  const agent = await startAgent();
  const { tab } = await start({ n1: agent, n2: { port: agent.port, pin: `sha256:${'A'.repeat(43)}` } }, {});
  await tab.open(1, 'n1');
  expect((await tab.refused(2, 'n2')).name).toBe('pin-mismatch');
});
