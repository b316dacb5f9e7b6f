// A thousand hosts with 20,000 VMs in one tab: how long until all is there, how late a change shows, how busy the page is, what
// it holds. Headless Chromium against `npm run sim`, through a real gateway; baselines in the same browser and run.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { chromium } from 'playwright';
import { findBrowser } from '../../scripts/browser.mjs';
import { bareBrowser } from './bare-browser.ts';
import type { BareBrowser, BarePage } from './bare-browser.ts';
import { jsonPage } from './fleet/json-page.ts';
import { pairAll } from './fleet/pair-all.ts';
import { simProcess } from './fleet/sim-process.ts';
import type { SimProcess } from './fleet/sim-process.ts';
import { rounded, series, verdict } from './report.ts';
import type { Figure, Result } from './report.ts';

const HOSTS = 1_000;
const VMS = 20_000;
/** With the loads that a thousand hosts tell every two seconds: a thousand events a second. */
const CHURN = 500;
const LOADS = 500;
const MARK = 200;
const OPENINGS = 3;
/** An opening that takes longer has missed its goal whatever it takes; what follows is measured with the hosts that are there. */
const OPEN_WITHIN = 60_000;
const SETTLE = 10_000;
const MEASURE = 20_000;
const ARGS = ['--no-sandbox', '--disable-quic', '--disable-background-networking'];
const PROBE = `globalThis.__hosts = ${HOSTS};\n${readFileSync(join(import.meta.dirname, 'fleet/probe.js'), 'utf8')}`;

type Probe = { readonly sealedAt: number | null; readonly delays: readonly number[] };
type Measured = {
  readonly busy: number;
  readonly heapMib: number;
  readonly delays: readonly number[];
  readonly events: number;
};

export async function fleet(): Promise<Result> {
  const more = ['--vms', `${VMS}`, '--churn', `${CHURN}`, '--mark', `${MARK}`, '--port', '0'];
  const sim = await simProcess(['--hosts', `${HOSTS - 1}`, ...more]);
  const profiles = [0, 1].map(() => mkdtempSync(join(tmpdir(), 'smps-bench-')));
  const [own = '', others = ''] = profiles;
  let browser: BareBrowser | null = null;
  try {
    const fragment = Math.max(...sim.links.map((link) => link.length));
    const context = await chromium.launchPersistentContext(own, { executablePath: findBrowser() ?? '', args: ARGS });
    await pairAll(context, sim);
    await context.close();
    browser = bareBrowser(own);
    // A page that draws nothing of the fleet; what was learnt is written down within a second.
    const learning = await browser.page(`${sim.origin}/tasks`, PROBE);
    await sealed(learning);
    await pause(5_000);
    await learning.close();
    const url = `${sim.origin}/vms/${sim.marked}`;
    const opened: Opened[] = [];
    let last = await opening(browser, sim, url);
    opened.push(last);
    while (opened.length < OPENINGS && Number.isFinite(last.took)) {
      await last.page.close();
      // Those it was linked to have let it go.
      await pause(2_000);
      last = await opening(browser, sim, url);
      opened.push(last);
    }
    const linked = await last.page.evaluate<string>(`document.querySelector('.seal').innerText`);
    const busy = await measured(last.page, () => received(sim.origin));
    // Another view of the same tab: its links stay.
    await last.page.evaluate(`document.querySelector('a[href="/"]').click()`);
    const onMap = await measured(last.page, () => received(sim.origin));
    await browser.close();

    browser = bareBrowser(others);
    const empty = await browser.page(`${sim.origin}/vms`, PROBE);
    const idle = await measured(empty, () => Promise.resolve(0));
    await empty.close();
    const json = await jsonPage(HOSTS, VMS / HOSTS, LOADS, CHURN, MARK);
    const plain = await measured(await browser.page(json.url, PROBE), () => Promise.resolve(0));
    json.close();
    return report({ fragment, opened, linked, busy, onMap, idle, plain });
  } finally {
    await browser?.close();
    await sim.stop();
    for (const profile of profiles) rmSync(profile, { recursive: true, force: true });
  }
}

type Opened = {
  readonly page: BarePage;
  /** Milliseconds from its start until every host is linked to and shown; Infinity: not within OPEN_WITHIN. */
  readonly took: number;
  /** Milliseconds of processor time until then: of the page's main thread, of the simulated hosts, of everything. */
  readonly pageCpu: number;
  readonly hostsCpu: number;
  readonly allCpu: number;
};

/** A new tab with all hosts paired already. */
async function opening(browser: BareBrowser, sim: SimProcess, url: string): Promise<Opened> {
  const [hosts, all] = [cpuOf(sim.pid), cpuOfAll()];
  const page = await browser.page(url, PROBE);
  const from = await taskSeconds(page);
  const took = await sealed(page);
  const [pageCpu, hostsCpu] = [1000 * ((await taskSeconds(page)) - from), cpuOf(sim.pid) - hosts];
  return { page, took, pageCpu, hostsCpu, allCpu: cpuOfAll() - all };
}

/** Processor time of a process so far, ms (proc(5): user and system time in hundredths of a second). */
function cpuOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

/** Processor time of this machine so far, ms (proc(5): hundredths of a second; all but the fourth and fifth, which are idle). */
function cpuOfAll(): number {
  const [line = ''] = readFileSync('/proc/stat', 'utf8').split('\n');
  const fields = line.split(/ +/).slice(1, 9).map(Number);
  return fields.reduce((sum, ticks, at) => sum + (at === 3 || at === 4 ? 0 : ticks), 0) * 10;
}

/** Milliseconds, as `Opened.took`. */
async function sealed(page: BarePage): Promise<number> {
  const until = performance.now() + OPEN_WITHIN;
  while (performance.now() < until) {
    const at = await page.evaluate<number | null>('globalThis.__probe?.sealedAt ?? null');
    if (at !== null && at > 0) return at;
    await pause(200);
  }
  return Infinity;
}

type Metrics = { readonly metrics: readonly { readonly name: string; readonly value: number }[] };

/** CPU time of the main thread: on a machine that is busy with other things, time by the clock would count their share too. */
async function taskSeconds(page: BarePage): Promise<number> {
  await page.send('Performance.enable', { timeDomain: 'threadTicks' });
  const { metrics } = await page.send<Metrics>('Performance.getMetrics');
  return metrics.find(({ name }) => name === 'TaskDuration')?.value ?? NaN;
}

/** @param count events so far */
async function measured(page: BarePage, count: () => Promise<number>): Promise<Measured> {
  await pause(SETTLE);
  const probe = (): Promise<Probe> => page.evaluate<Probe>('globalThis.__probe');
  const { length } = (await probe()).delays;
  const [before, from, begun] = [await count(), await taskSeconds(page), performance.now()];
  await pause(MEASURE);
  const seconds = (performance.now() - begun) / 1000;
  const busy = ((await taskSeconds(page)) - from) / seconds;
  const events = ((await count()) - before) / seconds;
  const delays = (await probe()).delays.slice(length);
  await page.send('HeapProfiler.collectGarbage');
  const { usedSize } = await page.send<{ readonly usedSize: number }>('Runtime.getHeapUsage');
  return { busy: 100 * busy, heapMib: usedSize / 2 ** 20, delays, events };
}

/** Records the gateway has passed to browsers. */
async function received(origin: string): Promise<number> {
  const text = await (await fetch(`${origin}/metrics`)).text();
  return Number(/^smps_gateway_records_total\{to="browser"\} (\d+)$/m.exec(text)?.[1]);
}

type All = {
  readonly fragment: number;
  readonly opened: readonly Opened[];
  /** What the page says of its links before the rest is measured. */
  readonly linked: string;
  readonly busy: Measured;
  readonly onMap: Measured;
  readonly idle: Measured;
  readonly plain: Measured;
};

function report({ fragment, opened, linked, busy, onMap, idle, plain }: All): Result {
  const first = series(
    'from opening to every host linked and shown',
    'ms',
    opened.map(({ took }) => took)
  );
  // A page that shows no change at all must not pass for a quick one.
  if (busy.delays.length === 0 || plain.delays.length === 0) throw new Error('no change was seen on the screen');
  const delay = series('from a change on its host to the screen', 'ms', busy.delays);
  const plainDelay = series('the same, plain JSON', 'ms', plain.delays);
  const value = (name: string, unit: string, of: number): Figure => ({ name, unit, value: rounded(of) });
  return {
    figures: [
      value('pairing link', 'characters', fragment),
      first,
      series(
        'of that, CPU of the page’s main thread',
        'ms',
        opened.map(({ pageCpu }) => pageCpu)
      ),
      series(
        'meanwhile, CPU of the simulated hosts, all in one process',
        'ms',
        opened.map(({ hostsCpu }) => hostsCpu)
      ),
      series(
        'meanwhile, CPU of everything on this machine',
        'ms',
        opened.map(({ allCpu }) => allCpu)
      ),
      value('records a second to the tab, a VM’s page', '1/s', busy.events),
      value('records a second to the tab, the map', '1/s', onMap.events),
      delay,
      plainDelay,
      value('main thread busy, a VM’s page', '%', busy.busy),
      value('main thread busy, the fleet’s map', '%', onMap.busy),
      value('main thread busy, plain JSON', '%', plain.busy),
      value('main thread busy, no hosts', '%', idle.busy),
      value('JS heap, a VM’s page', 'MiB', busy.heapMib),
      value('JS heap, the fleet’s map', 'MiB', onMap.heapMib),
      value('JS heap, plain JSON', 'MiB', plain.heapMib),
      value('JS heap, no hosts', 'MiB', idle.heapMib)
    ],
    verdicts: [
      verdict('first full inventory', first.p50, 'ms', { atMost: 3_000 }),
      verdict('event to pixel, p95', 'p95' in delay ? delay.p95 : NaN, 'ms', { atMost: 100 }),
      verdict('main thread busy', busy.busy, '%', { atMost: 30 }),
      verdict('JS heap', busy.heapMib, 'MiB', { atMost: 150 })
    ],
    notes: [
      `measured with ${linked}`,
      `busy / plain JSON: ${rounded(busy.busy / plain.busy)} x; heap above the empty app: ${rounded(busy.heapMib - idle.heapMib)} MiB`
    ]
  };
}
