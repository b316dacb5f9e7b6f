// A scheduler finds the host of a new VM: ranked hosts, reasons of those that cannot, and one that never answers. On simulated hosts.
import { expect, test } from '@playwright/test';
import { bringAxe, violations } from '../support/axe.ts';
import { startSampleFleet } from '../support/sample-fleet.ts';
import type { SampleFleet } from '../support/sample-fleet.ts';
import { Tab } from '../support/tab.ts';

test.describe.configure({ mode: 'serial' });
test.use({ trace: 'off' });

let fleet: SampleFleet;
let tab: Tab;

test.beforeAll(async ({ browser }) => {
  fleet = await startSampleFleet(['--driver', 'simulated']);
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, reducedMotion: 'reduce' });
  tab = new Tab(await context.newPage());
  await tab.pair(fleet.url);
});
test.afterAll(async () => {
  await fleet.stop();
});
test.afterEach(() => {
  expect(tab.errors).toEqual([]);
});

const ranked = () => tab.page.getByRole('radiogroup', { name: 'Hosts by rank' });
const fact = (name: string) =>
  tab.page.getByRole('complementary').getByText(name, { exact: true }).locator('xpath=following-sibling::dd[1]');

/** One that loops as soon as it is asked for a score. */
const LOOPS = `export default {
  manifest: { id: 'loops', version: '1.0.0', api: 1, title: 'Loops', description: 'Never answers.' },
  score() { for (;;); }
};`;

test('hosts are ranked, the best is chosen, and those that cannot say why', async () => {
  const { page } = tab;
  await page.goto(`${fleet.origin}/vms/new`);
  await tab.button('Place it').click();
  await expect(page).toHaveURL(/place=auto/);
  await expect(page.getByLabel('Scheduler', { exact: true })).toHaveValue('min-cost');
  await page.getByLabel('Name').fill('placed-1');
  await page.getByLabel('Tags', { exact: true }).fill('at:north');
  await expect(ranked().getByRole('radio')).toHaveCount(2);
  await expect(ranked().getByRole('radio').first()).toBeChecked();
  await page.getByText(/2\shosts cannot have it/).click();
  await expect(page.getByText('does not suit: its tags say at:north').first()).toBeVisible();
  await tab.button('Why this host?').click();
  await expect(page.getByRole('dialog').getByRole('table')).toContainText('cannot');
  await bringAxe(page);
  expect(await violations(page, null)).toEqual([]);
  await page.keyboard.press('Escape');
});

test('another host is picked by keyboard, and the VM is made there', async () => {
  const { page } = tab;
  const [first, second] = [ranked().getByRole('radio').first(), ranked().getByRole('radio').nth(1)];
  const name = await page.getByLabel('Name').elementHandle();
  await first.focus();
  await page.keyboard.press('ArrowDown');
  await expect(second).toBeChecked();
  const host = await second.inputValue();
  await expect(page).toHaveURL(new RegExp(`host=${host}`));
  // Who types while the host changes keeps the field.
  expect(await name.evaluate((field) => field.isConnected)).toBe(true);
  await expect(fact('Host')).toContainText(`${host}, north`);
  await tab.button('Create and start').click();
  await expect(page.getByRole('heading', { level: 1, name: 'placed-1' })).toBeVisible();
  await expect(page.getByRole('main').getByRole('link', { name: host, exact: true })).toBeVisible();
});

test('its page says why it is there, and not on another host', async () => {
  const { page } = tab;
  await page.getByRole('main').getByRole('link', { name: 'Placement' }).click();
  await expect(page).toHaveURL(/\/placement$/);
  const table = page.getByRole('main').getByRole('table');
  await expect(table.locator('tbody').first()).toContainText('here');
  await expect(table).toContainText('its tags say at:north');
});

test('what no host has room for says what comes nearest', async () => {
  const { page } = tab;
  await page.goto(`${fleet.origin}/vms/new?place=spread`);
  await page.getByLabel('Memory', { exact: true }).fill('100 GiB');
  await expect(page.getByText('The scheduler finds no host for it.')).toBeVisible();
  await expect(page.getByText(/of memory too little/).first()).toBeVisible();
  await tab.button('Why not there?').click();
  await expect(page.getByRole('dialog')).toContainText('comes nearest');
  await page.keyboard.press('Escape');
});

test('of many VMs each has its host before any is made', async () => {
  const { page } = tab;
  await page.goto(`${fleet.origin}/vms/new?place=spread`);
  await page.getByLabel('Name').fill('many-{1..4}');
  const each = page.getByRole('list', { name: 'Each gets its host' }).getByRole('listitem');
  await expect.poll(() => each.count()).toBeGreaterThan(1);
  await tab.button('Create and start 4 VMs').click();
  await expect(page).toHaveURL(`${fleet.origin}/vms`);
  for (const n of [1, 2, 3, 4]) {
    await expect(page.getByRole('main').getByRole('link', { name: `many-${n}`, exact: true })).toBeVisible();
  }
});

test('who does not want to wait for a scheduler chooses by hand, and it is none the worse for it', async () => {
  const { page } = tab;
  await page.goto(`${fleet.origin}/settings/plugins`);
  await tab.button('Add a file').click();
  await page
    .getByRole('dialog')
    .locator('input[type=file]')
    .setInputFiles({ name: 'loops.js', mimeType: 'text/javascript', buffer: Buffer.from(LOOPS) });
  await tab.submit('Add');
  await expect(page.getByRole('dialog')).toHaveCount(0);
  await page.goto(`${fleet.origin}/vms/new?place=loops`);
  await page.getByLabel('Name').fill('by-hand');
  await expect(page.getByText('Waiting for Loops to rank the hosts.')).toBeVisible();
  await tab.button('Choose by hand now').click();
  await expect(tab.button('By hand')).toHaveAttribute('aria-pressed', 'true');
  await expect(page.getByRole('radiogroup', { name: 'Host' })).toBeVisible();
  await expect(page.getByRole('alert')).toHaveCount(0);
});

test('a scheduler that never ends is stopped, the form says so, and the host is chosen by hand', async () => {
  const { page } = tab;
  await page.goto(`${fleet.origin}/vms/new?place=loops`);
  // Typed so slowly that each letter makes a question of its own: it is given up at the first.
  await page.getByLabel('Name').pressSequentially('by-hand', { delay: 400 });
  await expect(page.getByRole('alert')).toContainText(/Loops did not answer within/);
  await expect(tab.button('By hand')).toHaveAttribute('aria-pressed', 'true');
  await page.getByRole('radiogroup', { name: 'Host' }).getByRole('radio', { name: /s1/ }).check();
  await expect(fact('Host')).toContainText('s1, south');
  await tab.button('Create and start').click();
  await expect(page.getByRole('heading', { level: 1, name: 'by-hand' })).toBeVisible();
  await expect(page.getByRole('main').getByRole('link', { name: 's1', exact: true })).toBeVisible();
});
