// A VM's screen as an operator has it: noVNC in Chromium over the app's own sealed channel, against noVNC in the same page over a
// WebSocket to Debian's websockify. Bytes a second of a screen that changes all the time; from a key to what the VM answers.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright';
import { build } from 'vite';
import { findBrowser } from '../../scripts/browser.mjs';
import { consoleStand } from './console-stand.ts';
import { series, verdict } from './report.ts';
import type { Result } from './report.ts';
import type { Ends, Way } from './screen-page/ways.ts';

/** The page is no server's: what is asked for there is answered from its files. */
const ORIGIN = 'http://localhost';
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
  const outDir = mkdtempSync(join(tmpdir(), 'smps-bench-'));
  const undo: (() => unknown)[] = [() => rmSync(outDir, { recursive: true })];
  try {
    await build({
      configFile: false,
      root: 'tests/bench/screen-page',
      logLevel: 'error',
      build: { outDir, emptyOutDir: true, target: 'esnext' }
    });
    const stand = await consoleStand('tests/bench/rfb-source.ts', ORIGIN);
    undo.push(() => stand.close());
    const executablePath = findBrowser();
    const browser = await chromium.launch({
      ...(executablePath ? { executablePath } : {}),
      args: [
        '--no-sandbox',
        '--disable-quic',
        '--disable-background-networking',
        '--disable-features=LocalNetworkAccessChecks'
      ]
    });
    undo.push(() => browser.close());
    const page = await browser.newPage({ viewport: { width: 1000, height: 700 } });
    page.on('pageerror', (error) => console.error(error));
    await page.route(`${ORIGIN}/**`, (route) => {
      const { pathname } = new URL(route.request().url());
      return route.fulfill({ path: join(outDir, pathname === '/' ? 'index.html' : pathname) });
    });
    await page.goto(`${ORIGIN}/`);
    const ends: Ends = { gateway: stand.port, websockify: stand.websockify, ticket: stand.ticket };
    await page.evaluate((to) => window.connect(to), ends);
    const flood = (way: Way): Promise<number> =>
      page.evaluate(([by, ms]) => window.flood(by, ms), [way, FLOOD_MS] as const);
    const keys = (way: Way): Promise<number[]> =>
      page.evaluate(([by, count]) => window.keys(by, count), [way, KEYS] as const);
    for (const [way] of WAYS) await flood(way);
    for (const [way] of WAYS) await keys(way);
    const [rates, echoes] = [WAYS.map((): number[] => []), WAYS.map((): number[] => [])];
    const besides = [null, ...WAYS.map(([way]) => way)] as const;
    const commands = besides.map((): number[] => []);
    const command = (beside: Way | null): Promise<number[]> =>
      page.evaluate(([count, by]) => window.commands(count, by), [COMMANDS, beside] as const);
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
      notes: ['800 x 600, raw pixels; both screens are in one page, of which one is busy at a time']
    };
  } finally {
    for (const step of undo.reverse()) await step();
  }
}
