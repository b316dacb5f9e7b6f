// Every page in both themes and two widths, on a simulated fleet (it says so): nothing axe finds, nothing wider than the
// window, no uncaught error. The screenshots stay in test-results/pages for people to look at.
import { expect, test } from '@playwright/test';
import { bringAxe, COLOUR_RULES, violations } from '../support/axe.ts';
import { startSampleFleet } from '../support/sample-fleet.ts';
import type { SampleFleet } from '../support/sample-fleet.ts';
import { Tab } from '../support/tab.ts';

const WIDTHS = [1440, 390] as const;
const THEMES = ['light', 'dark'] as const;

let fleet: SampleFleet;
let tab: Tab;
let vm = '';

// Each half of the pages with a fleet of its own, at the same time.
test.describe.configure({ mode: 'parallel' });
// The screenshots and what axe says tell enough; recording every step takes a quarter of the time.
test.use({ trace: 'off' });

test.beforeAll(async ({ browser }) => {
  fleet = await startSampleFleet(['--driver', 'simulated']);
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, reducedMotion: 'reduce' });
  tab = new Tab(await context.newPage());
  await tab.pair(fleet.url);
  await tab.openVm(fleet.origin, 'db-1');
  vm = new URL(tab.page.url()).pathname;
});
test.afterAll(async () => {
  await fleet.stop();
});

const PAGES: readonly (readonly [name: string, path: () => string, shows: string | RegExp])[] = [
  ['fleet', () => '/', 'Fleet'],
  ['fleet-vms', () => '/vms', 'Fleet'],
  ['fleet-hosts', () => '/hosts', 'Fleet'],
  ['fleet-plans', () => '/plans', 'Fleet'],
  ['fleet-load', () => '/load', 'Fleet'],
  ['fleet-activity', () => '/activity', 'Fleet'],
  ['site', () => '/sites/north', 'north'],
  ['site-load', () => '/sites/north/load', 'north'],
  ['host', () => '/hosts/n1', 'n1'],
  ['host-map', () => '/hosts/n1/map', 'n1'],
  ['host-vms', () => '/hosts/n1/vms', 'n1'],
  ['host-storage', () => '/hosts/n1/storage', 'n1'],
  ['host-networks', () => '/hosts/n1/networks', 'n1'],
  ['host-operators', () => '/hosts/n1/operators', 'n1'],
  ['host-activity', () => '/hosts/n1/activity', 'n1'],
  ['vm', () => vm, 'db-1'],
  ['vm-disks', () => `${vm}/disks`, 'db-1'],
  ['vm-networks', () => `${vm}/networks`, 'db-1'],
  ['vm-placement', () => `${vm}/placement`, 'db-1'],
  ['vm-screen', () => `${vm}/console?console=screen`, 'db-1'],
  ['vm-serial', () => `${vm}/console?console=serial`, 'db-1'],
  ['vm-console-alone', () => `${vm}/console/full`, 'db-1'],
  ['vm-activity', () => `${vm}/activity`, 'db-1'],
  ['create', () => '/vms/new?host=n1', 'Create a VM'],
  ['create-placed', () => '/vms/new?place=spread', 'Create a VM'],
  ['plan-new', () => '/plans/new', 'New plan'],
  ['add-host', () => '/add-host', 'Add a host'],
  ['tasks', () => '/tasks', /Tasks/],
  ['settings', () => '/settings', /Settings/],
  ['settings-plugins', () => '/settings/plugins', 'Plugins'],
  ['nowhere', () => '/no/such/page', /.+/]
];

for (const [name, path, shows] of PAGES) {
  test(`the page “${name}” is accessible and fits, light and dark, wide and narrow`, async () => {
    const { page } = tab;
    for (const width of WIDTHS) {
      await page.setViewportSize({ width, height: 900 });
      await page.emulateMedia({ colorScheme: 'light' });
      await page.goto(fleet.origin + path());
      await expect(page.getByRole('heading', { level: 1, name: shows })).toBeVisible();
      if (/^vm-(?:screen|serial|console)/.test(name)) await expect(page.getByText(/^Open, sealed to/)).toBeAttached();
      else if (name !== 'nowhere') await expect(page.getByText('4 hosts sealed', { exact: true })).toBeAttached();
      // Colours on their way from one theme to the other are nobody's.
      await page.addStyleTag({ content: '* { transition: none !important; }' });
      await bringAxe(page);
      for (const theme of THEMES) {
        await page.emulateMedia({ colorScheme: theme });
        await page.screenshot({ path: `test-results/pages/${name}-${theme}-${String(width)}.png` });
        expect.soft(await violations(page, theme === 'light' ? null : COLOUR_RULES)).toEqual([]);
      }
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
      expect(overflow, `${name} is wider than ${String(width)} px`).toBeLessThanOrEqual(0);
    }
    expect(tab.errors.filter((text) => !(name === 'nowhere' && text.includes('404')))).toEqual([]);
  });
}

test('two VMs get a tag together, and the filter finds them by it', async () => {
  const { page } = tab;
  await page.setViewportSize({ width: 1440, height: 900 });
  await page.goto(`${fleet.origin}/vms`);
  for (const name of ['db-1', 'mail']) await page.getByRole('checkbox', { name: `Select ${name}` }).check();
  // The column of that name has a button too, in its heading.
  await page.getByRole('main').locator('button.btn').filter({ hasText: 'Tags' }).click();
  await page.getByRole('dialog').getByLabel('Add').fill('gold, 2026');
  await tab.submit('Apply');
  await expect(page.getByRole('dialog')).toContainText('2 done');
  await page.goto(`${fleet.origin}/vms?q=${encodeURIComponent('tag:gold tag:2026')}`);
  await expect(page.getByRole('main').getByRole('link', { name: 'db-1', exact: true })).toBeVisible();
  await expect(page.getByRole('main').getByRole('link', { name: 'mail', exact: true })).toBeVisible();
  await expect(page.getByRole('main').getByRole('link', { name: 'web-1', exact: true })).toHaveCount(0);
});

test('a language chosen in Settings is spoken at once, by every page, and kept', async () => {
  const { page } = tab;
  await page.goto(`${fleet.origin}/settings`);
  await tab.button('简体中文').click();
  await expect(page.getByRole('heading', { level: 1, name: '设置与密钥' })).toBeVisible();
  await expect(page).toHaveTitle('设置与密钥 · SMPS-VMM');
  await page.setViewportSize({ width: 390, height: 900 });
  for (const [name, path] of PAGES) {
    await page.goto(fleet.origin + path());
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
    await expect(page.locator('html')).toHaveAttribute('lang', 'zh-CN');
    await page.screenshot({ path: `test-results/pages/${name}-zh-390.png` });
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    expect(overflow, `${name} in Chinese is wider than 390 px`).toBeLessThanOrEqual(0);
  }
  await page.goto(`${fleet.origin}/settings`);
  await tab.button('English').click();
  await expect(page).toHaveTitle('Settings and keys · SMPS-VMM');
});
