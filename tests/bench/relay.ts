// The gateway's own cost: messages a second through it, against a bare WebSocket echo, and its memory per idle link.
// The far end is an echo at the level of bytes; records are the right size but not sealed, which the gateway cannot know.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { FRAME, packData, packOpen, readClose, unpack } from '../../src/lib/frame/frame.ts';
import { hostId } from '../../src/lib/model/ids.ts';
import type { Sealed } from '../../src/lib/model/stages.ts';
import { program, residentKib } from './program.ts';
import type { Program } from './program.ts';
import { rounded, series, verdict } from './report.ts';
import type { Result } from './report.ts';

const HOST = hostId('echo');
/** Header, 1 KiB, tag. */
const RECORD_BYTES = 10 + 1024 + 16;
const LINKS = 100;
/** Messages under way on each link. */
const WINDOW = 4;
const WARM_UP = 2_000;
const MEASURE = 6_000;
const ROUNDS = 3;
const IDLE_LINKS = 1_000;

const record = (): Sealed => new Uint8Array(RECORD_BYTES).fill(3) as Sealed;

/** Runs `work` with a gateway in front of an echoing agent. */
async function withGateway<T>(work: (gateway: Program) => Promise<T>): Promise<T> {
  const dir = mkdtempSync(join(tmpdir(), 'smps-bench-'));
  const agent = await program(['tests/bench/echo-agent.ts', join(dir, 'pin')]);
  try {
    const url = `https://127.0.0.1:${agent.port}`;
    const table = join(dir, 'hosts.json');
    writeFileSync(table, JSON.stringify({ hosts: { [HOST]: { url, pin: readFileSync(join(dir, 'pin'), 'utf8') } } }));
    const gateway = await program(['gateway/main.ts', '--table', table, '--port', '0']);
    try {
      return await work(gateway);
    } finally {
      await gateway.stop();
    }
  } finally {
    await agent.stop();
    rmSync(dir, { recursive: true });
  }
}

function connect(port: number, path: string): Promise<WebSocket> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}${path}`, {
    perMessageDeflate: false,
    origin: `http://127.0.0.1:${port}`
  });
  socket.binaryType = 'nodebuffer';
  return new Promise((resolve, reject) => {
    socket.once('open', () => resolve(socket));
    socket.once('error', reject);
  });
}

const bytesOf = (data: Buffer): Uint8Array<ArrayBuffer> =>
  new Uint8Array(data.buffer as ArrayBuffer, data.byteOffset, data.length);

/** Opens links 1..count; resolves when all are OPENED. @throws Error with the gateway's words when one is not */
function openLinks(socket: WebSocket, count: number): Promise<void> {
  return new Promise((resolve, reject) => {
    let opened = 0;
    const listen = (data: Buffer): void => {
      const { kind, payload } = unpack(bytesOf(data));
      if (kind === FRAME.CLOSE) reject(new Error(`link refused: ${JSON.stringify(readClose(payload))}`));
      if (kind !== FRAME.OPENED || ++opened < count) return;
      socket.off('message', listen);
      resolve();
    };
    socket.on('message', listen);
    for (let link = 1; link <= count; link++) socket.send(packOpen(link, HOST));
  });
}

/** Counts messages that come back while every one is answered by another. @returns round trips a second */
async function rate(
  socket: WebSocket,
  first: readonly Uint8Array[],
  answer: (data: Buffer) => Uint8Array | null
): Promise<number> {
  let count = 0;
  socket.on('message', (data: Buffer) => {
    const next = answer(data);
    if (next === null) return;
    count += 1;
    socket.send(next);
  });
  for (const message of first) socket.send(message);
  await pause(WARM_UP);
  const [from, began] = [count, performance.now()];
  await pause(MEASURE);
  const perSecond = ((count - from) * 1000) / (performance.now() - began);
  socket.terminate();
  return perSecond;
}

async function gatewayRate(): Promise<number> {
  return withGateway(async (gateway) => {
    const socket = await connect(gateway.port, '/v1/link');
    await openLinks(socket, LINKS);
    const first = Array.from({ length: LINKS * WINDOW }, (_, index) => packData((index % LINKS) + 1, record()));
    return rate(socket, first, (data) => {
      const { kind, link, payload } = unpack(bytesOf(data));
      if (kind === FRAME.CLOSE) throw new Error(`link ${link} closed: ${JSON.stringify(readClose(payload))}`);
      return kind === FRAME.DATA ? packData(link, payload as Sealed) : null;
    });
  });
}

async function echoRate(): Promise<number> {
  const echo = await program(['tests/bench/echo-socket.ts']);
  try {
    const socket = await connect(echo.port, '/');
    const first = Array.from({ length: LINKS * WINDOW }, (_, index) => packData((index % LINKS) + 1, record()));
    return await rate(socket, first, (data) => {
      const { link, payload } = unpack(bytesOf(data));
      return packData(link, payload as Sealed);
    });
  } finally {
    await echo.stop();
  }
}

/** Messages a second at 100 links; the better of three rounds of each, taken in turn so that both see the same machine. */
export async function relayThroughput(): Promise<Result> {
  let [gateway, echo] = [0, 0];
  for (let round = 0; round < ROUNDS; round++) {
    echo = Math.max(echo, await echoRate());
    gateway = Math.max(gateway, await gatewayRate());
  }
  return {
    figures: [
      {
        name: `gateway to an echoing agent and back, ${LINKS} links, 1 KiB`,
        unit: 'messages/s',
        value: rounded(gateway)
      },
      { name: 'bare ws echo, one socket, as many under way', unit: 'messages/s', value: rounded(echo) }
    ],
    verdicts: [verdict('gateway / bare ws echo', gateway / echo, 'x', { atLeast: 0.6 })],
    notes: []
  };
}

/** Resident memory of the gateway with 1,000 idle links (a record has gone both ways on each), against none. */
export async function gatewayMemory(): Promise<Result> {
  const each: (readonly [number, number])[] = [];
  // What V8 has not collected yet differs from one run to the next.
  for (let round = 0; round < ROUNDS; round++) each.push(await withGateway(idleLinks));
  const [one, more] = [0, 1].map((at) => each.map((round) => round[at] ?? NaN));
  const links = each.map(([before, after]) => (after - before) / IDLE_LINKS);
  const memory = series('memory a link', 'KiB', links);
  return {
    figures: [
      series('gateway, one idle link', 'KiB', one ?? []),
      series(`gateway, ${IDLE_LINKS} more idle links`, 'KiB', more ?? []),
      memory
    ],
    verdicts: [verdict('memory a link, p50', memory.p50, 'KiB', { atMost: 32 })],
    notes: []
  };
}

/** KiB of `gateway` with one idle link, and with so many more. */
async function idleLinks(gateway: Program): Promise<readonly [number, number]> {
  const warm = await connect(gateway.port, '/v1/link');
  await openLinks(warm, 1);
  const before = residentKib(gateway.pid);
  const socket = await connect(gateway.port, '/v1/link');
  await openLinks(socket, IDLE_LINKS);
  await new Promise<void>((resolve) => {
    let back = 0;
    socket.on('message', (data: Buffer) => {
      if (unpack(bytesOf(data)).kind === FRAME.DATA && ++back === IDLE_LINKS) resolve();
    });
    for (let link = 1; link <= IDLE_LINKS; link++) socket.send(packData(link, record()));
  });
  await pause(5_000);
  const after = residentKib(gateway.pid);
  warm.terminate();
  socket.terminate();
  return [before, after];
}
