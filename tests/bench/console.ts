// Consoles sealed, through gateway and agent, against noVNC's usual way to the same console: a WebSocket to Debian's websockify
// on the host. Bytes a second of a busy console, key to echo of an idle one; and what commands pay while a console is busy.
import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { nodeProvider } from '../../host-agent/crypto.ts';
import { online } from '../../scripts/sample/vms.ts';
import type { HostId } from '../../src/lib/model/ids.ts';
import { parseTicket } from '../../src/lib/seal/ticket.ts';
import type { Client } from '../../src/lib/session/client.ts';
import { consoleStand } from './console-stand.ts';
import type { ConsoleStand } from './console-stand.ts';
import { p99, rounded, series, verdict } from './report.ts';
import type { Result } from './report.ts';
import { newClient } from '../support/new-client.ts';

/** Bytes asked for at once. */
const FLOOD = 32 * 2 ** 20;
const FLOODS = 8;
const KEYS = 300;
const COMMANDS = 250;
/** Commands with a pause before each, in ms, long enough for the console to have its whole window again. */
const APART = 8;
const GAP = 300;
/** The two ways take turns, so that both see the same machine. */
const BLOCKS = 6;

/** One console, however it is reached. */
type Way = {
  readonly name: string;
  /** The programs on its way. */
  readonly pids: readonly number[];
  write(data: Uint8Array): void;
  /** Whoever reads now. */
  onBytes: (count: number) => void;
  close(): void;
};

export async function consoles(): Promise<Result> {
  const stand = await consoleStand('tests/bench/console-source.ts', 'http://localhost');
  const undo: (() => unknown)[] = [() => stand.close()];
  try {
    const ticket = parseTicket(stand.ticket);
    const provider = nodeProvider();
    const client = await newClient(provider);
    undo.push(() => client.close());
    await client.pair(`ws://127.0.0.1:${stand.port}/v1/link`, ticket, 'bench');
    await online(client, [ticket.host], 30_000);
    const ways = [await sealed(client, ticket.host, stand), await websockify(stand)] as const;
    for (const way of ways) undo.push(() => way.close());
    return await measured(client, ticket.host, ways);
  } finally {
    for (const step of undo.reverse()) await step();
  }
}

async function sealed(client: Client, host: HostId, { between }: ConsoleStand): Promise<Way> {
  const vm = [...(client.fleet.hosts.get(host)?.vms.keys() ?? [])][0];
  if (vm === undefined) throw new Error('the agent has no VM');
  const channel = await client.openConsole(host, vm, 'serial');
  const way: Way = {
    name: 'sealed, through gateway and agent',
    pids: between,
    write: (data) => void channel.write(data),
    onBytes: () => undefined,
    close: () => channel.close()
  };
  channel.attach({ onData: (data) => way.onBytes(data.length), onClosed: () => undefined });
  return way;
}

async function websockify(stand: ConsoleStand): Promise<Way> {
  const socket = new WebSocket(`ws://127.0.0.1:${stand.websockify}/`, ['binary'], { perMessageDeflate: false });
  await new Promise((resolve, reject) => {
    socket.once('open', resolve);
    socket.once('error', reject);
  });
  const way: Way = {
    name: 'WebSocket, through websockify',
    pids: await stand.besides(),
    write: (data) => socket.send(data),
    onBytes: () => undefined,
    close: () => socket.close()
  };
  socket.on('message', (data: Buffer) => way.onBytes(data.length));
  return way;
}

async function measured(client: Client, host: HostId, ways: readonly [Way, Way]): Promise<Result> {
  const [rates, echoes] = [ways.map((): number[] => []), ways.map((): number[] => [])];
  for (const way of ways) await rate(way);
  const spent = ways.map(({ pids }) => -processorTime(pids));
  for (let round = 0; round < FLOODS; round++) {
    for (const [index, way] of ways.entries()) rates[index]?.push(await rate(way));
  }
  for (const [index, { pids }] of ways.entries()) spent[index] = (spent[index] ?? 0) + processorTime(pids);
  for (let block = 0; block < BLOCKS; block++) {
    for (const [index, way] of ways.entries()) {
      for (let key = 0; key < KEYS / BLOCKS; key++) echoes[index]?.push(await echo(way));
    }
  }
  const [idle, busy, rested, first]: [number[], number[], number[], number[]] = [[], [], [], []];
  const commands = async (into: number[], count = COMMANDS, gap = 0): Promise<void> => {
    for (let i = 0; i < count; i++) {
      if (gap > 0) await pause(gap);
      const began = performance.now();
      await client.run(host, 'operator.list', {});
      into.push(performance.now() - began);
    }
  };
  await commands([]);
  for (let block = 0; block < BLOCKS; block++) {
    await commands(idle);
    await commands(rested, APART, GAP);
    const stop = streaming(ways[0]);
    await commands(busy);
    await commands(first, APART, GAP);
    await stop();
  }
  const figures = [
    ...ways.map(({ name }, index) => series(`throughput, ${name}`, 'MiB/s', rates[index] ?? [])),
    ...ways.map(({ name }, index) => series(`key to echo, ${name}`, 'ms', echoes[index] ?? [])),
    ...ways.map(({ name }, index) => ({
      name: `processor time of the programs between, ${name}`,
      unit: 'ms/MiB',
      value: rounded(((spent[index] ?? NaN) * 2 ** 20) / FLOOD / FLOODS)
    })),
    series('command, no console', 'ms', idle),
    series('command, a console at full speed', 'ms', busy),
    series('command after a pause, no console', 'ms', rested),
    series('command after a pause, a console at full speed', 'ms', first)
  ];
  const p50 = (values: readonly (readonly number[])[], at: number): number => series('', '', values[at] ?? []).p50;
  return {
    figures,
    verdicts: [
      verdict('throughput, sealed / websockify, p50', p50(rates, 0) / p50(rates, 1), 'x', { atLeast: 0.7 }),
      verdict('key to echo, sealed / websockify, p50', p50(echoes, 0) / p50(echoes, 1), 'x', { atMost: 1.5 }),
      verdict('command, p99 beside a busy console / alone', p99(busy) / p99(idle), 'x', { atMost: 2 })
    ],
    notes: [`command p99: ${rounded(p99(idle))} ms alone, ${rounded(p99(busy))} ms beside a busy console`]
  };
}

/** Milliseconds of user and system time so far: proc(5), in hundredths of a second. */
function processorTime(pids: readonly number[]): number {
  const ticks = pids.map((pid) => {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
    return Number(fields[11]) + Number(fields[12]);
  });
  return 10 * ticks.reduce((sum, each) => sum + each, 0);
}

const ask = (count: number): Uint8Array => {
  const asked = Buffer.from([33, 0, 0, 0, 0]);
  asked.writeUInt32BE(count, 1);
  return asked;
};

/** MiB a second. */
function rate(way: Way): Promise<number> {
  return new Promise((resolve) => {
    const began = performance.now();
    let left = FLOOD;
    way.onBytes = (count) => {
      left -= count;
      if (left === 0) resolve((1000 * FLOOD) / 2 ** 20 / (performance.now() - began));
    };
    way.write(ask(FLOOD));
  });
}

/** Milliseconds. */
function echo(way: Way): Promise<number> {
  return new Promise((resolve) => {
    const began = performance.now();
    way.onBytes = () => resolve(performance.now() - began);
    way.write(Uint8Array.of(97));
  });
}

/** Asks for more and more until the answered function is called, which resolves when the last has come. */
function streaming(way: Way): () => Promise<void> {
  let [left, going] = [FLOOD, true];
  const over = Promise.withResolvers<null>();
  way.onBytes = (count) => {
    left -= count;
    if (left > 0) return;
    if (going) way.write(ask((left = FLOOD)));
    else over.resolve(null);
  };
  way.write(ask(FLOOD));
  return async () => {
    going = false;
    await over.promise;
  };
}
