// What no demonstration shows: an empty fleet, a crowded host, names meant to break the page, a link that flaps, a thousand
// changes a second, a browser that keeps nothing, two tabs at once, Back in the middle of a form, a reload in the middle of a
// bulk. On simulated hosts.
import { expect, test } from '@playwright/test';
import type { Browser, Dialog, Page } from '@playwright/test';
import { startSimFleet } from '../support/sim-fleet.ts';
import type { SimFleet } from '../support/sim-fleet.ts';
import { Tab } from '../support/tab.ts';

const FLEET = ['--hosts', '8', '--vms', '120', '--hostile-names', '--one-host', '2000', '--flap', '--churn', '0'];

let fleet: SimFleet;
let tab: Tab;

test.describe.configure({ mode: 'default' });

test.beforeAll(async ({ browser }) => {
  fleet = await startSimFleet(FLEET);
  tab = await freshTab(browser);
  await tab.pair(fleet.url);
});
test.afterAll(async () => {
  await fleet.stop();
});

async function freshTab(
  browser: Browser,
  before: (page: Page) => Promise<unknown> = () => Promise.resolve()
): Promise<Tab> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, reducedMotion: 'reduce' });
  const page = await context.newPage();
  await before(page);
  return new Tab(page);
}

async function fits(page: Page): Promise<void> {
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  expect(overflow, `${page.url()} is wider than its window`).toBeLessThanOrEqual(0);
}

test('a fleet without hosts says on every view what comes first', async ({ browser }) => {
  const { page, errors } = await freshTab(browser);
  for (const path of ['/', '/vms', '/hosts', '/activity', '/tasks', '/vms/new']) {
    await page.goto(fleet.origin + path);
    await expect(page.getByRole('heading', { level: 2 }).first()).toBeVisible();
    await fits(page);
  }
  await page.goto(`${fleet.origin}/activity`);
  await expect(page.getByRole('main').getByRole('link', { name: 'Add a host' }).first()).toBeVisible();
  expect(errors).toEqual([]);
  await page.context().close();
});

test('a host with 2,000 VMs shows them all and draws a screenful', async () => {
  const { page } = tab;
  await page.goto(`${fleet.origin}/hosts/crowded/vms`);
  await expect(page.getByText('2000 of 2000').or(page.getByText('2,000 of 2,000'))).toBeVisible();
  expect(await page.getByRole('main').getByRole('row').count()).toBeLessThan(80);
});

test('Back finds the row of a long table one came from', async () => {
  const { page } = tab;
  await page.goto(`${fleet.origin}/hosts/crowded/vms`);
  await expect(page.getByText(/^2,?000 of 2,?000/)).toBeVisible();
  const scroller = page.getByRole('grid').locator('..');
  await scroller.evaluate((node) => (node.scrollTop = 15_000));
  await expect.poll(() => scroller.evaluate((node) => node.scrollTop)).toBe(15_000);
  const link = page.getByRole('grid').getByRole('link').nth(12);
  // The rows of there, no longer those of the top.
  await expect(link).toBeInViewport();
  const name = (await link.textContent()) ?? '';
  await link.click();
  await expect(page.getByRole('heading', { level: 1, name, exact: true })).toBeVisible();
  await page.goBack();
  await expect.poll(() => scroller.evaluate((node) => node.scrollTop)).toBe(15_000);
  await expect(page.getByRole('grid').getByRole('link', { name, exact: true })).toBeInViewport();
  // Going there anew begins at the top.
  await page.getByRole('link', { name: 'Summary' }).click();
  await page.getByRole('main').getByRole('navigation').getByRole('link', { name: /^VMs/ }).click();
  await expect.poll(() => scroller.evaluate((node) => node.scrollTop)).toBe(0);
});

test('names that are markup, empty, enormous or turned round are text, and break no layout', async () => {
  const { page } = tab;
  for (const width of [1440, 390]) {
    await page.setViewportSize({ width, height: 900 });
    for (const path of ['/', '/vms', '/hosts', '/activity']) {
      await page.goto(fleet.origin + path);
      await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
      await expect(page.getByText(/hosts sealed$/)).toBeAttached();
      expect(await page.locator('img').count()).toBe(0);
      await fits(page);
    }
  }
  await page.setViewportSize({ width: 1440, height: 900 });
  expect(tab.errors.filter((text) => text.includes('alert'))).toEqual([]);
});

// That no command is lost on such a link is tested where it is done: src/lib/session/host-session.test.ts.
test('a link that flaps every second is told of a few times, and then no more', async () => {
  const { page } = tab;
  await page.goto(`${fleet.origin}/hosts/flapping/vms`);
  await expect(page.getByText('comes and goes')).toBeVisible({ timeout: 120_000 });
  const told = page.locator('.toast').filter({ hasText: 'flapping' });
  expect(await told.count()).toBeLessThanOrEqual(3);
  // They go by themselves, and none comes after them, however often the link does.
  await expect(told).toHaveCount(0, { timeout: 60_000 });
  // Nor does its activity fill with it.
  await page.getByRole('main').getByRole('link', { name: 'Activity' }).click();
  await expect(page).toHaveURL(/flapping\/activity/);
  const lost = page.getByRole('row').filter({ hasText: 'Link to flapping lost' });
  await expect(lost.first()).toBeVisible();
  expect(await lost.count()).toBeLessThanOrEqual(3);
});

test('a browser that refuses its store says so, and everything else works until the tab closes', async ({
  browser
}) => {
  const other = await freshTab(browser, (page) =>
    page.addInitScript(() => {
      IDBFactory.prototype.open = () => {
        throw new DOMException('The operation is insecure.', 'SecurityError');
      };
    })
  );
  const sim = await startSimFleet(['--hosts', '1', '--vms', '2']);
  await other.pair(sim.url);
  await expect(
    other.page.getByRole('main').or(other.page.locator('#subject')).getByText(/store/i).first()
  ).toBeVisible();
  await other.page.getByRole('link', { name: /to the fleet/ }).click();
  await expect(other.page.getByText('1 host sealed')).toBeAttached();
  await other.page.context().close();
  await sim.stop();
});

test('a store that is full says so, and everything else works until the tab closes', async ({ browser }) => {
  const other = await freshTab(browser, (page) =>
    page.addInitScript(() => {
      type Put = typeof IDBObjectStore.prototype.put;
      const full = {
        apply: (put: Put, store: IDBObjectStore, args: Parameters<Put>) => {
          if (store.name === 'pairings') throw new DOMException('The quota has been exceeded.', 'QuotaExceededError');
          return put.apply(store, args);
        }
      };
      const put = Reflect.get<IDBObjectStore, 'put'>(IDBObjectStore.prototype, 'put');
      Object.defineProperty(IDBObjectStore.prototype, 'put', { value: new Proxy(put, full) });
    })
  );
  const sim = await startSimFleet(['--hosts', '1', '--vms', '2']);
  await other.pair(sim.url);
  await other.page.getByRole('link', { name: /to the fleet/ }).click();
  await expect(other.page.getByText('1 host sealed')).toBeAttached();
  await expect(other.page.getByText(/quota has been exceeded/)).toBeVisible();
  await other.page.context().close();
  await sim.stop();
});

test('a second tab has the same hosts, and sees what the first one does', async () => {
  const { page } = tab;
  const second = new Tab(await page.context().newPage());
  await second.page.goto(`${fleet.origin}/hosts/ams-001/activity`);
  await expect(second.page.getByText(/hosts sealed$/)).toBeAttached();
  await page.bringToFront();
  await page.goto(`${fleet.origin}/hosts/ams-001/vms?q=state:running`);
  // Not one of those with a name that cannot be aimed at.
  await page.getByRole('grid').getByRole('link', { name: /-\d+$/ }).first().click();
  await tab.state('running');
  await tab.button('Pause').click();
  await tab.state('paused');
  // A page nobody looks at draws nothing.
  await second.page.bringToFront();
  await expect(second.page.getByRole('grid')).toContainText('Pause ');
  expect(second.errors).toEqual([]);
  await second.page.close();
  await page.bringToFront();
});

test('Back in the middle of a new VM leaves what was typed in the form', async () => {
  const { page } = tab;
  await page.goto(`${fleet.origin}/vms`);
  await page.getByRole('main').getByRole('link', { name: 'Create VM' }).first().click();
  await page.getByLabel('Name', { exact: true }).fill('half-typed');
  await page.goBack();
  await expect(page).toHaveURL(/\/vms$/);
  await page.goForward();
  await expect(page.getByLabel('Name', { exact: true })).toHaveValue('half-typed');
  await page.getByLabel('Name', { exact: true }).fill('');
});

test('a tab that has VMs to see to yet asks back before it is left, and then goes on', async () => {
  const { page } = tab;
  await page.goto(`${fleet.origin}/hosts/crowded/vms?q=${encodeURIComponent('state:running web-prod')}`);
  await page.getByRole('checkbox', { name: 'Select all' }).check();
  await page.getByRole('main').locator('button.btn').filter({ hasText: 'Pause' }).click();
  const results = page.getByRole('dialog');
  await expect(results).toContainText(/\d waiting/);
  const asked = page.waitForEvent('dialog');
  // By the page itself: who waits for a reload that is refused waits for ever.
  await page.evaluate(() => void setTimeout(() => location.reload()));
  const dialog = await asked;
  expect(dialog.type()).toBe('beforeunload');
  await dialog.dismiss();
  await expect(results).toContainText(/\d done/);
  await tab.button('Stop the rest').click();
  await expect(results).toContainText(/\d stopped/);
  const unasked: string[] = [];
  const onAsked = (late: Dialog): void => {
    unasked.push(late.type());
    void late.accept();
  };
  page.on('dialog', onAsked);
  await page.reload();
  await expect(page.getByRole('grid')).toBeVisible();
  page.off('dialog', onAsked);
  expect(unasked).toEqual([]);
});

test('a clone shows its progress, is cancelled from the tray, and both are in the tasks', async () => {
  const { page } = tab;
  await page.goto(`${fleet.origin}/hosts/crowded/vms?q=state:off`);
  await page.getByRole('grid').getByRole('link').first().click();
  await tab.state('off');
  await tab.button('Clone').click();
  await page.getByRole('dialog').getByRole('textbox').first().fill('copy-of-it');
  await tab.submit('Clone');
  const line = tab.task(/^\W*Clone .* to copy-of-it/);
  await expect(line.getByRole('progressbar')).toBeVisible();
  await line.getByRole('button', { name: /^Cancel “Clone/ }).click();
  await expect(line.getByRole('img', { name: 'refused' })).toBeVisible();
  await expect(tab.task(/^\W*Cancel “Clone/).getByRole('img', { name: 'done' })).toBeVisible();
  await page.getByRole('region', { name: 'Tasks' }).getByRole('link', { name: 'Tasks' }).click();
  await expect(page.getByRole('grid')).toContainText('copy-of-it');
  await page.getByRole('searchbox', { name: 'Filter by words' }).fill('cancel');
  await expect(page).toHaveURL(/words=cancel/);
  const saved = page.waitForEvent('download');
  await tab.button('CSV').click();
  expect((await saved).suggestedFilename()).toMatch(/^smps-tasks-.*\.csv$/);
});

test('a thousand changes a second leave the page its time', async ({ browser }) => {
  const sim = await startSimFleet(['--hosts', '4', '--vms', '400', '--churn', '1000']);
  const busy = await freshTab(browser);
  await busy.pair(sim.url);
  await busy.page.goto(`${sim.origin}/vms`);
  await expect(busy.page.getByText('4 hosts sealed', { exact: true })).toBeAttached();
  await busy.page.getByRole('grid').getByRole('button', { name: 'Name' }).click();
  await expect(busy.page).toHaveURL(/sort=/);
  await busy.page.goto(`${sim.origin}/activity`);
  await expect(busy.page.getByRole('grid')).toBeVisible();
  await busy.page.getByRole('searchbox', { name: 'Filter by words' }).fill('appeared');
  await expect(busy.page).toHaveURL(/words=appeared/);
  expect(await busy.page.locator('.toast').count()).toBeLessThanOrEqual(4);
  expect(busy.errors).toEqual([]);
  await busy.page.context().close();
  await sim.stop();
});
