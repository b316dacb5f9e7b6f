// Frame times of the map in a real browser while it is panned and zoomed, against an empty canvas and against drawing
// every rectangle by itself. 1,000 hosts with 20,000 VMs at 1600 x 900, all in view.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { chromium, type Page } from 'playwright';
import { build } from 'vite';
import { findBrowser } from '../../scripts/browser.mjs';
import type { Motion } from './map-page/frames.ts';
import { rounded, series, verdict } from './report.ts';
import type { Result } from './report.ts';

const [HOSTS, VMS] = [1_000, 20_000];
const SECONDS = 5;
const DOING: Readonly<Record<Motion, string>> = {
  zoom: 'zooming with all in view',
  pan: 'panning with all in view',
  dive: 'zooming in and out'
};
const ORIGIN = 'http://map.bench';

export async function map(): Promise<Result> {
  const outDir = mkdtempSync(join(tmpdir(), 'smps-bench-'));
  await build({
    configFile: false,
    root: 'tests/bench/map-page',
    logLevel: 'error',
    plugins: [svelte({ configFile: false, compilerOptions: { runes: true } })],
    build: { outDir, emptyOutDir: true }
  });
  const executablePath = findBrowser();
  const browser = await chromium.launch({
    ...(executablePath ? { executablePath } : {}),
    args: ['--no-sandbox', '--disable-quic', '--disable-background-networking']
  });
  try {
    const page = await browser.newPage({ viewport: { width: 1600, height: 900 } });
    await page.route(`${ORIGIN}/**`, (route) => {
      const { pathname } = new URL(route.request().url());
      return route.fulfill({ path: join(outDir, pathname === '/' ? 'index.html' : pathname) });
    });
    const empty = await frames(page, 'empty');
    const drawn = await frames(page, 'map');
    const naive = await frames(page, 'naive');
    const figures = [empty, drawn, naive].flatMap(({ zoom, pan, dive }) => [zoom, pan, dive]);
    const worst = (which: 'p50' | 'p95'): number => Math.max(drawn.zoom[which], drawn.pan[which], drawn.dive[which]);
    return {
      figures,
      verdicts: [
        verdict('frame of the map, p50', worst('p50'), 'ms', { atMost: 16.7 }),
        verdict('frame of the map, p95', worst('p95'), 'ms', { atMost: 20 })
      ],
      notes: [
        `${HOSTS} hosts, ${VMS} VMs, 1600 x 900; the worst of the three motions counts`,
        `p95 of the map / of an empty canvas: ${rounded(worst('p95') / Math.max(empty.zoom.p95, empty.pan.p95, empty.dive.p95))} x`
      ]
    };
  } finally {
    await browser.close();
    rmSync(outDir, { recursive: true });
  }
}

async function frames(page: Page, what: 'map' | 'empty' | 'naive') {
  await page.goto(`${ORIGIN}/?what=${what}&hosts=${HOSTS}&vms=${VMS}`);
  const measured = async (how: Motion) => {
    await page.evaluate((motion) => window.measure(motion, 1), how);
    const times = await page.evaluate(([motion, seconds]) => window.measure(motion, seconds), [how, SECONDS] as const);
    return series(`${what}, ${DOING[how]}`, 'ms', times);
  };
  return { zoom: await measured('zoom'), pan: await measured('pan'), dive: await measured('dive') };
}
