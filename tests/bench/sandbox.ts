// How long it takes to hand a fleet to a plugin: 1,000 hosts with 20,000 VMs as columns, into the worker behind its frame: the first,
// those that follow it, and the same as objects in JSON. In a real browser.
import { chromium } from 'playwright';
import { findBrowser } from '../../scripts/browser.mjs';
import { startLab } from '../support/sandbox-lab.ts';
import { rounded, series, verdict } from './report.ts';
import type { Result } from './report.ts';

const [HOSTS, VMS] = [1_000, 20_000];
const ROUNDS = 40;
const OBJECT_ROUNDS = 10;
const STARTS = 10;

/** Microseconds a page of fresh memory costs here: what is handed over goes through several copies of it. */
function firstTouch(): number {
  const pages = 16_384;
  const memory = Buffer.allocUnsafeSlow(pages * 4096);
  const began = performance.now();
  memory.fill(1);
  return ((performance.now() - began) * 1000) / pages;
}

export async function sandbox(): Promise<Result> {
  const lab = await startLab();
  const executablePath = findBrowser();
  const browser = await chromium.launch({
    ...(executablePath ? { executablePath } : {}),
    args: ['--no-sandbox', '--disable-quic', '--disable-background-networking']
  });
  try {
    const page = await browser.newPage();
    await page.goto(lab.origin);
    const times = await page.evaluate(
      ([hosts, vms, rounds, objectRounds]) => window.lab.handOver(hosts, vms, rounds, objectRounds),
      [HOSTS, VMS, ROUNDS, OBJECT_ROUNDS] as const
    );
    const starts = await page.evaluate((count) => window.lab.starts(count), STARTS);
    const first = series('the first, whole: until the worker has it', 'ms', times.whole.there);
    const firstBlocked = series('the first, whole: the page blocked', 'ms', times.whole.blocked);
    const load = series('after loads of a host: until the worker has it', 'ms', times.loads.there);
    const loadBlocked = series('after loads of a host: the page blocked', 'ms', times.loads.blocked);
    const move = series('after a VM moved: until the worker has it', 'ms', times.moves.there);
    const moveBlocked = series('after a VM moved: the page blocked', 'ms', times.moves.blocked);
    const json = series('objects in JSON, until the worker has them', 'ms', times.json.there);
    const jsonBlocked = series('objects in JSON, the page blocked', 'ms', times.json.blocked);
    return {
      figures: [
        series('a plugin started, its manifest read', 'ms', starts),
        ...[first, firstBlocked, load, loadBlocked, move, moveBlocked, json, jsonBlocked]
      ],
      verdicts: [
        verdict('the first fleet in the sandbox, p50', first.p50, 'ms', { atMost: 15 }),
        verdict('the page blocked by it, p50', firstBlocked.p50, 'ms', { atMost: 2 }),
        verdict('a fleet after loads of a host, p50', load.p50, 'ms', { atMost: 15 }),
        verdict('the page blocked by it, p50', loadBlocked.p50, 'ms', { atMost: 2 }),
        verdict('a fleet after a VM moved, p50', move.p50, 'ms', { atMost: 15 }),
        verdict('the page blocked by it, p50', moveBlocked.p50, 'ms', { atMost: 2 })
      ],
      notes: [
        `${HOSTS} hosts, ${VMS} VMs; a page of memory touched for the first time: ${rounded(firstTouch())} µs`,
        `the first / JSON: ${rounded(first.p50 / json.p50)} x, blocked ${rounded(firstBlocked.p50 / jsonBlocked.p50)} x`
      ]
    };
  } finally {
    await browser.close();
    lab.stop();
  }
}
