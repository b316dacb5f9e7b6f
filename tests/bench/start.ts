// How long until one sees something: bytes of the first view, first paint, and the list of 100 VMs on four paired hosts, cold cache,
// as this machine is and as a slow one. Headless Chromium against `npm run sim`; an empty page from the same gateway beside it.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { chromium } from 'playwright';
import type { Browser, BrowserContext } from 'playwright';
import { findBrowser } from '../../scripts/browser.mjs';
import { FIRST_VIEW_BUDGET, firstView } from '../../scripts/setup/first-view.mjs';
import { pairAll } from './fleet/pair-all.ts';
import { simProcess } from './fleet/sim-process.ts';
import { program } from './program.ts';
import { rounded, series, verdict } from './report.ts';
import type { Result } from './report.ts';

const HOSTS = 4;
const VMS = 100;
const OPENINGS = 7;
const WITHIN = 60_000;
const ARGS = ['--no-sandbox', '--disable-quic', '--disable-background-networking'];
const EMPTY = '<!doctype html><html lang="en"><title>empty</title><link rel="icon" href="data:,"><h1>Nothing</h1>';

type Profile = { readonly name: string; readonly slow: boolean; readonly paint: number; readonly list: number };
const PROFILES: readonly Profile[] = [
  { name: 'loopback', slow: false, paint: 600, list: 600 },
  { name: 'CPU / 4, 10 Mbit/s, 40 ms', slow: true, paint: 1_200, list: 1_500 }
];

export async function start(): Promise<Result> {
  const { files, bytes } = firstView('build', '.svelte-kit');
  const dir = mkdtempSync(join(tmpdir(), 'smps-bench-'));
  writeFileSync(join(dir, 'index.html'), EMPTY);
  writeFileSync(join(dir, 'table.json'), '{"hosts":{}}');
  const table = join(dir, 'table.json');
  const empty = await program(['gateway/main.ts', '--table', table, '--port', '0', '--static', dir]);
  const sim = await simProcess(['--hosts', `${HOSTS}`, '--vms', `${VMS}`, '--churn', '0', '--port', '0']);
  let browser: Browser | null = null;
  try {
    browser = await chromium.launch({ executablePath: findBrowser() ?? '', args: ARGS });
    const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
    await context.addInitScript(watch, VMS);
    await pairAll(context, sim);
    const learning = await context.newPage();
    await learning.goto(`${sim.origin}/vms`);
    await learning.waitForFunction(seen, undefined, { timeout: WITHIN });
    // What was learnt of the hosts is written down within a second.
    await pause(2_000);
    await learning.close();
    const measured = [];
    for (const profile of PROFILES) {
      const baseline = await openings(context, `http://127.0.0.1:${empty.port}/`, profile, false);
      const map = await openings(context, sim.origin, profile, false);
      const list = await openings(context, `${sim.origin}/vms`, profile, true);
      measured.push({ profile, baseline, map, list });
    }
    const figures = measured.flatMap(({ profile: { name }, baseline, map, list }) => [
      series(`first paint of an empty page, ${name}`, 'ms', baseline.map(paintOf)),
      series(`first paint of the map, ${name}`, 'ms', map.map(paintOf)),
      series(`first paint of the list, ${name}`, 'ms', list.map(paintOf)),
      series(`${VMS} VMs listed, ${name}`, 'ms', list.map(listOf))
    ]);
    const verdicts = measured.flatMap(({ profile: { name, paint, list: goal }, map, list }) => [
      verdict(`first paint, ${name}`, median(map.map(paintOf)), 'ms', { atMost: paint }),
      verdict(`${VMS} VMs listed, ${name}`, median(list.map(listOf)), 'ms', { atMost: goal })
    ]);
    return {
      figures: [{ name: 'files of the first view', unit: '', value: files.length }, ...figures],
      verdicts: [
        verdict('JavaScript and CSS of the first view, gzip', rounded(bytes / 1000), 'kB', {
          atMost: FIRST_VIEW_BUDGET / 1000
        }),
        ...verdicts
      ],
      notes: [
        'elsewhere, not measured here (kB; list of VMs as it is / slowed down): cockpit-machines 931, 3.0 / 9.0 s; XO Lite 633, 1.5 / 3.5 s',
        'Chromium slows down neither workers nor the loopback WebSocket'
      ]
    };
  } finally {
    await browser?.close();
    await sim.stop();
    await empty.stop();
    rmSync(dir, { recursive: true, force: true });
  }
}

/** Milliseconds from the navigation. */
type Opening = { readonly paint: number; readonly list: number };
const paintOf = ({ paint }: Opening): number => paint;
const listOf = ({ list }: Opening): number => list;
const median = (values: readonly number[]): number => series('', '', values).p50;

/** New tabs with nothing in the cache, one after the other. */
async function openings(context: BrowserContext, url: string, profile: Profile, list: boolean): Promise<Opening[]> {
  const opened: Opening[] = [];
  for (let n = 0; n < OPENINGS; n++) {
    const page = await context.newPage();
    const session = await context.newCDPSession(page);
    await session.send('Network.enable');
    await session.send('Network.setCacheDisabled', { cacheDisabled: true });
    if (profile.slow) {
      const throughput = 10e6 / 8;
      await session.send('Network.emulateNetworkConditions', {
        offline: false,
        latency: 40,
        downloadThroughput: throughput,
        uploadThroughput: throughput
      });
      await session.send('Emulation.setCPUThrottlingRate', { rate: 4 });
    }
    // Told by the page, not asked of it: for a question Playwright first brings a script of its own, which the page has to compile.
    await session.send('Runtime.enable');
    await session.send('Runtime.addBinding', { name: 'tellBench' });
    const told = new Promise<Opening>((resolve, reject) => {
      const late = setTimeout(() => reject(new Error(`nothing was seen at ${url} in time`)), WITHIN);
      session.on('Runtime.bindingCalled', ({ payload }) => {
        const opening = JSON.parse(payload) as { readonly paint: number; readonly list: number | null };
        if (list && opening.list === null) return;
        clearTimeout(late);
        resolve({ paint: opening.paint, list: opening.list ?? NaN });
      });
    });
    await session.send('Page.navigate', { url });
    opened.push(await told);
    await page.close();
  }
  return opened;
}

/** In the page. */
const seen = (): boolean => '__listedAt' in globalThis;

/** In the page, from its start: tells of the first paint, and of the frame in which rows are there and the head says that so many VMs are. */
function watch(vms: number): void {
  let [paint, list]: [number | null, number | null] = [null, null];
  const tell = (): void => {
    const { tellBench } = globalThis as unknown as { tellBench?: (text: string) => void };
    if (paint !== null) tellBench?.(JSON.stringify({ paint, list }));
  };
  const look = (): void => {
    const main = document.querySelector('main');
    const listed =
      new RegExp(`\\b${vms}\\sVMs`).test(main?.textContent ?? '') && main?.querySelectorAll('a[href*="/vms/"]').length;
    if (listed) {
      list = performance.now();
      Object.assign(globalThis, { __listedAt: list });
      tell();
    } else requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
  new PerformanceObserver((entries) => {
    paint = entries.getEntriesByName('first-contentful-paint')[0]?.startTime ?? paint;
    tell();
  }).observe({ type: 'paint', buffered: true });
}
