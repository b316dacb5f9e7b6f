// A VM's screen as an operator has it: noVNC in Chromium over the app's own sealed channel, against noVNC in the same page over a
// WebSocket to Debian's websockify. Bytes a second of a screen that changes all the time; from a key to what the VM answers.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { build } from 'vite';
import { bareBrowser } from './bare-browser.ts';
import { consoleStand } from './console-stand.ts';
import { p99, rounded, series, verdict } from './report.ts';
import type { Result } from './report.ts';
import type { Ends, Way } from './screen-page/ways.ts';

const TYPES: Readonly<Record<string, string>> = { '.html': 'text/html', '.js': 'text/javascript' };
/** Cross-origin isolated, a page is told the time to 5 µs instead of 100. */
const ISOLATED = { 'cross-origin-opener-policy': 'same-origin', 'cross-origin-embedder-policy': 'require-corp' };
const WAYS: readonly (readonly [Way, string])[] = [
  ['sealed', 'noVNC, sealed, through gateway and agent'],
  ['websockify', 'noVNC, WebSocket, through websockify']
];
/** The two ways take turns, so that both see the same machine. */
const BLOCKS = 6;
const FLOOD_MS = 2_000;
const KEYS = 50;
const COMMANDS = 250;

export async function screen(): Promise<Result> {
  const [outDir = '', profile = ''] = [0, 1].map(() => mkdtempSync(join(tmpdir(), 'smps-bench-')));
  const undo: (() => unknown)[] = [outDir, profile].map((directory) => () => rmSync(directory, { recursive: true }));
  try {
    await build({
      configFile: false,
      root: 'tests/bench/screen-page',
      logLevel: 'error',
      build: { outDir, emptyOutDir: true, target: 'esnext' }
    });
    const server = await serve(outDir);
    undo.push(() => server.close().closeAllConnections());
    const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const stand = await consoleStand('tests/bench/rfb-source.ts', origin);
    undo.push(() => stand.close());
    const browser = bareBrowser(profile);
    undo.push(() => browser.close());
    const page = await browser.page(`${origin}/`, '');
    await page.evaluate(
      'new Promise((ready) => { const look = () => (window.connect ? ready() : setTimeout(look, 20)); look(); })'
    );
    const ends: Ends = { gateway: stand.port, websockify: stand.websockify, ticket: stand.ticket };
    await page.evaluate(`window.connect(${JSON.stringify(ends)})`);
    const flood = (way: Way): Promise<number> => page.evaluate(`window.flood('${way}', ${FLOOD_MS})`);
    const keys = (way: Way): Promise<number[]> => page.evaluate(`window.keys('${way}', ${KEYS})`);
    for (const [way] of WAYS) await flood(way);
    for (const [way] of WAYS) await keys(way);
    const [rates, echoes] = [WAYS.map((): number[] => []), WAYS.map((): number[] => [])];
    const besides = [null, ...WAYS.map(([way]) => way)] as const;
    const commands = besides.map((): number[] => []);
    const command = (beside: Way | null): Promise<number[]> =>
      page.evaluate(`window.commands(${COMMANDS}, ${JSON.stringify(beside)})`);
    await command(null);
    for (let block = 0; block < BLOCKS; block++) {
      for (const [index, [way]] of WAYS.entries()) rates[index]?.push((await flood(way)) / 2 ** 20);
      for (const [index, [way]] of WAYS.entries()) echoes[index]?.push(...(await keys(way)));
      for (const [index, beside] of besides.entries()) commands[index]?.push(...(await command(beside)));
    }
    const throughput = WAYS.map(([, name], index) => series(`throughput, ${name}`, 'MiB/s', rates[index] ?? []));
    const latency = WAYS.map(([, name], index) => series(`key to bell, ${name}`, 'ms', echoes[index] ?? []));
    const ratio = ([ours, theirs]: typeof throughput): number => (ours?.p50 ?? NaN) / (theirs?.p50 ?? NaN);
    return {
      figures: [
        ...throughput,
        ...latency,
        ...['no busy screen', 'beside the busy sealed one', 'beside the busy one of websockify'].map((name, index) =>
          series(`command, ${name}`, 'ms', commands[index] ?? [])
        )
      ],
      verdicts: [
        verdict('throughput, sealed / websockify, p50', ratio(throughput), 'x', { atLeast: 0.7 }),
        verdict('key to bell, sealed / websockify, p50', ratio(latency), 'x', { atMost: 1.5 })
      ],
      notes: [
        '800 x 600, raw pixels; both screens are in one page, of which one is busy at a time',
        `command p99: ${commands.map((values) => `${rounded(p99(values))} ms`).join(', ')} (none busy, sealed, websockify)`
      ]
    };
  } finally {
    for (const step of undo.reverse()) await step();
  }
}

/** What was built into `directory`, on loopback. */
function serve(directory: string): Promise<Server> {
  const server = createServer(({ url = '/' }, response) => {
    const file = url === '/' ? '/index.html' : url;
    try {
      const body = readFileSync(join(directory, file));
      response.writeHead(200, { ...ISOLATED, 'content-type': TYPES[extname(file)] ?? 'application/octet-stream' });
      response.end(body);
    } catch {
      response.writeHead(404).end();
    }
  });
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server)));
}
