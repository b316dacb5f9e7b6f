// No buffer grows without bound, whoever is slow: the browser, an agent, or one agent among many.
import type { ServerHttp2Stream } from 'node:http2';
import { afterEach, expect, test } from 'vitest';
import { LINK_WINDOW, MAX_RECORD } from '../src/lib/frame/limits.ts';
import { prefix } from '../src/lib/frame/record-stream.ts';
import type { Sealed } from '../src/lib/model/stages.ts';
import type { GatewayLimits } from './server.ts';
import { gatewayLab } from '../tests/support/gateway-lab.ts';
import type { Entry, GatewayLab } from '../tests/support/gateway-lab.ts';
import { deaf, echo, rawAgent } from '../tests/support/raw-agent.ts';
import type { RawAgent, RawHandler } from '../tests/support/raw-agent.ts';
import { RawTab } from '../tests/support/raw-tab.ts';

const cleanups: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function startAgent(handler: RawHandler): Promise<RawAgent> {
  const agent = await rawAgent(handler);
  cleanups.push(() => agent.close());
  return agent;
}

async function startLab(
  hosts: Record<string, Entry>,
  limits: Partial<GatewayLimits> = {}
): Promise<{ lab: GatewayLab; tab: RawTab }> {
  const lab = await gatewayLab(hosts, { limits });
  cleanups.push(() => lab.close());
  const tab = await RawTab.connect(lab.url);
  cleanups.push(() => {
    tab.close();
  });
  return { lab, tab };
}

const RECORD = new Uint8Array(16_384).fill(1);
/** What a link may send without credit, in whole records. */
const FILL = Math.floor(LINK_WINDOW / RECORD.length);

/** Sends `bytes` in records, no faster than credit comes. */
async function sendWithCredit(tab: RawTab, link: number, bytes: number): Promise<void> {
  let room = LINK_WINDOW;
  for (let sent = 0; sent < bytes; sent += RECORD.length) {
    while (room < RECORD.length) room += (await tab.take('credit', link)).bytes;
    tab.data(link, RECORD);
    room -= RECORD.length;
  }
}

test('credit lets any amount through an agent that reads', async () => {
  let total = 0;
  let all: () => void = () => undefined;
  const arrived = new Promise<void>((resolve) => (all = resolve));
  const agent = await startAgent((stream) => {
    stream.respond({ ':status': 200 });
    stream.on('data', (chunk: Buffer) => {
      total += chunk.length;
      if (total === 512 * (RECORD.length + 4)) all();
    });
  });
  const { tab } = await startLab({ n1: agent });
  await tab.open(1, 'n1');
  await sendWithCredit(tab, 1, 512 * RECORD.length);
  await arrived;
});

test('a link whose agent does not read does not hold up another of the same tab', async () => {
  const [stuck, well] = await Promise.all([startAgent(deaf), startAgent(echo)]);
  const { lab, tab } = await startLab({ stuck, well });
  await Promise.all([tab.open(1, 'stuck'), tab.open(2, 'stuck'), tab.open(3, 'well')]);
  for (const link of [1, 2]) for (let i = 0; i < FILL; i += 1) tab.data(link, RECORD);
  for (let round = 0; round < 200; round += 1) {
    tab.data(3, RECORD);
    expect((await tab.take('data', 3)).record).toHaveLength(RECORD.length);
  }
  expect(lab.gateway.metrics.browserPauses).toBe(0);
});

test('many links whose agents do not read stop the tab below 1 MiB, until the slowest have been given up', async () => {
  const [stuck, well] = await Promise.all([startAgent(deaf), startAgent(echo)]);
  const { lab, tab } = await startLab({ stuck, well }, { stall: 200 });
  const links = Array.from({ length: 12 }, (_, i) => i + 1);
  await Promise.all([...links.map((link) => tab.open(link, 'stuck')), tab.open(100, 'well')]);
  for (const link of links) for (let i = 0; i < FILL; i += 1) tab.data(link, RECORD);
  tab.data(100, RECORD);
  expect((await tab.take('data', 100)).record).toHaveLength(RECORD.length);
  expect(lab.gateway.metrics.browserPauses).toBeGreaterThan(0);
  const given = await tab.take('close');
  expect(given.name).toBe('busy');
  expect(given.text).toContain('does not take');
});

test('a browser that does not read stops its agents, and loses nothing when it reads again', async () => {
  const COUNT = 400;
  const LINKS = 8;
  const sizes: number[] = [];
  const agent = await startAgent((stream) => {
    stream.respond({ ':status': 200 });
    void pour(stream, COUNT, sizes);
  });
  const { lab, tab } = await startLab({ n1: agent });
  for (let link = 1; link <= LINKS; link += 1) await tab.open(link, 'n1');
  tab.socket.pause();
  // What agents could send grows until every window on the way is full, then stays.
  await stops(() => sizes.reduce((sum, size) => sum + size, 0));
  const sent = sizes.reduce((sum, size) => sum + size, 0);
  // Windows, the gateway's 1 MiB and the kernel's own buffers: an eighth of what the agents have to say.
  expect(sent).toBeLessThan((LINKS * COUNT * MAX_RECORD) / 8);
  expect(lab.gateway.metrics.agentPauses).toBeGreaterThan(0);
  tab.socket.resume();
  const got = new Map<number, number>();
  for (let i = 0; i < LINKS * COUNT; i += 1) {
    const { link, record } = await tab.take('data');
    const mark = new DataView(record.buffer, record.byteOffset + 10).getUint32(0);
    expect(mark).toBe(got.get(link) ?? 0);
    got.set(link, mark + 1);
  }
}, 60_000);

/** Writes `count` numbered records of the greatest size as fast as the stream takes them, counting what it took. */
async function pour(stream: ServerHttp2Stream, count: number, sizes: number[]): Promise<void> {
  for (let i = 0; i < count; i += 1) {
    const record = new Uint8Array(MAX_RECORD);
    new DataView(record.buffer).setUint32(10, i);
    await new Promise<void>((resolve) =>
      stream.write(prefix(record as Sealed), () => {
        resolve();
      })
    );
    sizes.push(record.length);
  }
}

/** Resolves when `value` has not changed for a while: there is no event for nothing happening. */
async function stops(value: () => number): Promise<void> {
  for (let last = -1; last !== value();) {
    last = value();
    await new Promise((resolve) => setTimeout(resolve, 300));
  }
}
