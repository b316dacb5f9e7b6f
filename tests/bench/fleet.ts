// A thousand hosts with 20,000 VMs in one tab: how long until all is there, how late a change shows, how busy the page is, what
// it holds. Headless Chromium against `npm run sim`, through a real gateway; baselines in the same browser and run.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { chromium, errors } from 'playwright';
import type { Browser, BrowserContext, CDPSession, Page } from 'playwright';
import { findBrowser } from '../../scripts/browser.mjs';
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
const ARGS = ['--no-sandbox', '--disable-quic', '--disable-background-networking', '--enable-precise-memory-info'];
const PROBE = readFileSync(join(import.meta.dirname, 'fleet/probe.js'), 'utf8');

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
  let browser: Browser | null = null;
  try {
    browser = await chromium.launch({ executablePath: findBrowser() ?? '', args: ARGS });
    const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
    await context.addInitScript(`globalThis.__hosts = ${HOSTS};\n${PROBE}`);
    const fragment = Math.max(...sim.links.map((link) => link.length));
    const learning = await pairAll(context, sim);
    await sealed(learning);
    // What was learnt is written down within a second.
    await pause(5_000);
    await learning.close();
    const url = `${sim.origin}/vms/${sim.marked}`;
    const opened: Opened[] = [];
    let last = await opening(context, sim, url);
    opened.push(last);
    while (opened.length < OPENINGS && Number.isFinite(last.took)) {
      await last.page.close();
      last = await opening(context, sim, url);
      opened.push(last);
    }
    const linked = await last.page.locator('.seal').first().innerText();
    const busy = await measured(last.page, () => received(sim.origin));
    // Another view of the same tab: its links stay.
    await last.page.locator('a[href="/"]').first().click();
    const onMap = await measured(last.page, () => received(sim.origin));
    await context.close();

    const alone = await browser.newContext({ viewport: { width: 1440, height: 900 } });
    await alone.addInitScript(`globalThis.__hosts = ${HOSTS};\n${PROBE}`);
    const idle = await measured(await pageAt(alone, `${sim.origin}/vms`), () => Promise.resolve(0));
    const json = await jsonPage(HOSTS, VMS / HOSTS, LOADS, CHURN, MARK);
    const plain = await measured(await pageAt(alone, json.url), () => Promise.resolve(0));
    json.close();
    return report({ fragment, opened, linked, busy, onMap, idle, plain });
  } finally {
    await browser?.close();
    await sim.stop();
  }
}

type Opened = {
  readonly page: Page;
  /** Milliseconds from its start until every host is linked to and shown; Infinity: not within OPEN_WITHIN. */
  readonly took: number;
  /** Milliseconds of processor time until then: of the page's main thread, of the simulated hosts. */
  readonly pageCpu: number;
  readonly hostsCpu: number;
};

async function pageAt(context: BrowserContext, url: string): Promise<Page> {
  const page = await context.newPage();
  await page.goto(url);
  return page;
}

/** A new tab with all hosts paired already. */
async function opening(context: BrowserContext, sim: SimProcess, url: string): Promise<Opened> {
  const page = await context.newPage();
  const session = await threadTimes(page);
  const before = cpuOf(sim.pid);
  await page.goto(url);
  const took = await sealed(page);
  const [pageCpu, hostsCpu] = [1000 * (await taskSeconds(session)), cpuOf(sim.pid) - before];
  return { page, took, pageCpu, hostsCpu };
}

/** Processor time of a process so far, ms (proc(5): user and system time in hundredths of a second). */
function cpuOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

/** Milliseconds, as `Opened.took`. */
async function sealed(page: Page): Promise<number> {
  const sealedAt = (): number | null => (globalThis as unknown as { __probe: Probe }).__probe.sealedAt || null;
  try {
    const handle = await page.waitForFunction(sealedAt, undefined, { timeout: OPEN_WITHIN, polling: 200 });
    return Number(await handle.jsonValue());
  } catch (thrown) {
    if (thrown instanceof errors.TimeoutError) return Infinity;
    throw thrown;
  }
}

const taskSeconds = async (session: CDPSession): Promise<number> =>
  (await session.send('Performance.getMetrics')).metrics.find(({ name }) => name === 'TaskDuration')?.value ?? NaN;

/** CPU time of the main thread: on a machine that is busy with other things, time by the clock would count their share too. */
async function threadTimes(page: Page): Promise<CDPSession> {
  const session = await page.context().newCDPSession(page);
  await session.send('Performance.enable', { timeDomain: 'threadTicks' });
  return session;
}

/** @param count events so far */
async function measured(page: Page, count: () => Promise<number>): Promise<Measured> {
  await pause(SETTLE);
  const session = await threadTimes(page);
  const probe = (): Promise<Probe> => page.evaluate(() => (globalThis as unknown as { __probe: Probe }).__probe);
  const { length } = (await probe()).delays;
  const [before, from, begun] = [await count(), await taskSeconds(session), performance.now()];
  await pause(MEASURE);
  const seconds = (performance.now() - begun) / 1000;
  const busy = ((await taskSeconds(session)) - from) / seconds;
  const events = ((await count()) - before) / seconds;
  const delays = (await probe()).delays.slice(length);
  await session.send('HeapProfiler.collectGarbage');
  const { usedSize } = await session.send('Runtime.getHeapUsage');
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
      value('records a second to the tab', '1/s', busy.events),
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
