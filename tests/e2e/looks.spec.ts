// How every page looks, held against pictures beside this file: wide and light, narrow and dark. The fleet is simulated, the same
// each time, and stands still. After a change that is meant to be seen: `npm test -- --only e2e looks --update-snapshots`.
import { expect, test } from '@playwright/test';
import type { Page } from '@playwright/test';
import { join } from 'node:path';
import { simProcess } from '../bench/fleet/sim-process.ts';
import type { SimProcess } from '../bench/fleet/sim-process.ts';
import { Tab } from '../support/tab.ts';

const LOOKS = [
  ['light', 1440],
  ['dark', 390]
] as const;
/** As the hosts' clocks, a little later. */
const NOW = Date.UTC(2050, 0, 15, 12, 5);
const STILL = ['--hosts', '4', '--sites', '2', '--vms', '24', '--seed', '7', '--churn', '0', '--still', '--port', '0'];

let sim: SimProcess;
let page: Page;
let [host, vm] = ['', ''];

test.beforeAll(async ({ browser }) => {
  sim = await simProcess(STILL);
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, reducedMotion: 'reduce' });
  page = await context.newPage();
  const tab = new Tab(page);
  await page.clock.setFixedTime(NOW);
  await tab.pair(sim.links[0] ?? '');
  await page.goto(`${sim.origin}/vms?q=state:running`);
  const first = page.getByRole('main').getByRole('link', { name: 'auth-test-1', exact: true });
  await expect(first).toBeVisible();
  vm = (await first.getAttribute('href'))?.replace(/\?.*/, '') ?? '';
  await page.goto(`${sim.origin}/hosts`);
  // By name: whichever links first is first in the table for a moment.
  const link = page.getByRole('main').getByRole('link', { name: 'ams-001', exact: true });
  await expect(link).toBeVisible();
  host = (await link.getAttribute('href'))?.replace(/\?.*/, '') ?? '';
});
test.afterAll(async () => {
  await sim.stop();
});

const PAGES: readonly (readonly [name: string, path: () => string])[] = [
  ['fleet', () => '/'],
  ['fleet-vms', () => '/vms'],
  ['fleet-hosts', () => '/hosts'],
  ['fleet-plans', () => '/plans'],
  ['fleet-activity', () => '/activity'],
  ['plan-new', () => '/plans/new'],
  ['rebalance', () => '/plans/rebalance'],
  ['site', () => '/sites/Amsterdam'],
  ['site-activity', () => '/sites/Amsterdam/activity'],
  ['host', () => host],
  ['host-map', () => `${host}/map`],
  ['host-vms', () => `${host}/vms`],
  ['host-storage', () => `${host}/storage`],
  ['host-networks', () => `${host}/networks`],
  ['host-operators', () => `${host}/operators`],
  ['host-activity', () => `${host}/activity`],
  ['vm', () => vm],
  ['vm-disks', () => `${vm}/disks`],
  ['vm-networks', () => `${vm}/networks`],
  ['vm-placement', () => `${vm}/placement`],
  ['vm-activity', () => `${vm}/activity`],
  ['vm-screen', () => `${vm}/console?console=screen`],
  ['vm-serial', () => `${vm}/console?console=serial`],
  ['create', () => `/vms/new?host=${host.replace('/hosts/', '')}`],
  ['add-host', () => '/add-host'],
  ['tasks', () => '/tasks'],
  ['settings', () => '/settings'],
  ['plugins', () => '/settings/plugins'],
  ['nowhere', () => '/no/such/page']
];

/** As by a link of the page: the tab and what it knows stay. */
async function follow(path: string): Promise<void> {
  await page.evaluate((href) => {
    const link = Object.assign(document.createElement('a'), { href });
    document.body.append(link);
    link.click();
    link.remove();
  }, path);
  await page.waitForURL(sim.origin + path);
}

for (const [name, path] of PAGES) {
  test(`the page “${name}” looks as it did`, async () => {
    await follow(path());
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
    if (name !== 'nowhere') await expect(page.getByText('4 hosts sealed', { exact: true })).toBeAttached();
    // Every host has told its load: the tree is there on narrow pages, too, if out of sight.
    if (name !== 'nowhere') await expect(page.locator('#tree')).not.toContainText('–');
    await expect(page.locator('.skeleton')).toHaveCount(0);
    if (name === 'vm') await expect(page.getByRole('img', { name: /^Open the screen/ })).toBeVisible();
    if (name === 'vm-screen') await expect(page.locator('.screen canvas[width="320"]')).toBeVisible();
    if (name === 'vm-serial') await expect(page.locator('.xterm-rows')).toContainText('simulated');
    for (const [colorScheme, width] of LOOKS) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      await page.setViewportSize({ width, height: 900 });
      await expect.soft(page).toHaveScreenshot(`${name}-${colorScheme}-${String(width)}.png`, {
        stylePath: join(import.meta.dirname, 'looks.css'),
        maxDiffPixelRatio: 0.02
      });
    }
  });
}
