// Load over time on a simulated fleet: a new tab has the past at once, the time shown is in the address, and Back goes back.
import { expect, test } from '@playwright/test';
import type { Page } from '@playwright/test';
import { startSampleFleet } from '../support/sample-fleet.ts';
import type { SampleFleet } from '../support/sample-fleet.ts';
import { Tab } from '../support/tab.ts';

let fleet: SampleFleet;
let tab: Tab;

test.beforeAll(async ({ browser }) => {
  fleet = await startSampleFleet(['--driver', 'simulated']);
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, reducedMotion: 'reduce' });
  tab = new Tab(await context.newPage());
  await tab.pair(fleet.url);
  await tab.openVm(fleet.origin, 'db-1');
});
test.afterAll(async () => {
  await fleet.stop();
});

const chart = (page: Page, name: string) => page.getByRole('slider', { name, exact: true });

/** What the CPU was, so many steps of 10 s before the newest. */
async function before(page: Page, steps: number): Promise<string> {
  const cpu = chart(page, 'CPU');
  await cpu.press('End');
  for (let step = 0; step < steps; step++) await cpu.press('ArrowLeft');
  const text = (await cpu.getAttribute('aria-valuetext')) ?? '';
  await cpu.press('Escape');
  return text;
}

test('a new tab has the past at once: what it cannot have heard itself', async () => {
  await expect(chart(tab.page, 'CPU')).toBeVisible();
  await expect.poll(() => before(tab.page, 3), { timeout: 60_000 }).toMatch(/^\d\d:\d\d:\d0, CPU \d/);
  const other = new Tab(await tab.page.context().newPage());
  await other.page.goto(tab.page.url());
  await expect(chart(other.page, 'CPU')).toBeVisible();
  // Within less than the 30 s that it would take to hear them.
  await expect.poll(() => before(other.page, 3), { timeout: 20_000 }).toMatch(/^\d\d:\d\d:\d0, CPU \d/);
  expect(other.errors).toEqual([]);
  await other.page.close();
});

test('the range is in the address, a closer look too, and Back restores what was', async () => {
  const { page } = tab;
  const vm = new URL(page.url());
  await tab.button('6\u00a0h').click();
  await expect(page).toHaveURL(`${vm.href}?range=6h`);
  await expect(tab.button('6\u00a0h')).toHaveAttribute('aria-pressed', 'true');

  const box = await chart(page, 'Memory').locator('.u-over').boundingBox();
  if (box === null) throw new Error('no chart is drawn');
  await page.mouse.move(box.x + box.width * 0.5, box.y + 40);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width * 0.75, box.y + 50, { steps: 5 });
  await page.mouse.up();
  await expect(page).toHaveURL(/range=6h&from=\d{13}&to=\d{13}$/);
  const zoomed = new URL(page.url()).searchParams;
  const hours = (Number(zoomed.get('to')) - Number(zoomed.get('from'))) / 3_600_000;
  expect(hours).toBeGreaterThan(1.4);
  expect(hours).toBeLessThan(1.6);
  await expect(page.getByText(/^\d\d-\d\d \d\d:\d\d:\d\d to \d\d-\d\d/)).toBeVisible();

  await page.reload();
  await expect(tab.button('Back to the whole')).toBeVisible();
  await page.goBack();
  await expect(page).toHaveURL(`${vm.href}?range=6h`);
  await page.goBack();
  await expect(page).toHaveURL(vm.href);
  await expect(tab.button('1\u00a0h')).toHaveAttribute('aria-pressed', 'true');
  await page.goForward();
  await expect(tab.button('6\u00a0h')).toHaveAttribute('aria-pressed', 'true');
});

test('an address that makes no sense shows the last hour', async () => {
  const { page } = tab;
  await page.goto(`${fleet.origin}/hosts/n1?range=2y&from=9&to=x`);
  await expect(tab.button('1\u00a0h')).toHaveAttribute('aria-pressed', 'true');
});

test('a host, a site and the fleet have charts too, of all hosts together', async () => {
  const { page } = tab;
  for (const path of ['/hosts/n1', '/sites/north/load', '/load']) {
    await page.goto(fleet.origin + path);
    await expect(chart(page, 'CPU')).toHaveAttribute('aria-valuetext', /CPU \d/);
    await expect(chart(page, 'Memory')).toHaveAttribute('aria-valuetext', /Memory \d/);
    await expect(page.locator('figure canvas')).toHaveCount(4);
  }
  expect(tab.errors).toEqual([]);
});
