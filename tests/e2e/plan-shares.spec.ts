// VMs whose tags say that they yield, through the real stack on a simulated fleet that stands still: they are capped where their hosts
// would be too busy, have their CPUs back when there is room, and what a plan gave is undone.
import { expect, test } from '@playwright/test';
import type { Locator } from '@playwright/test';
import type { SimProcess } from '../bench/fleet/sim-process.ts';
import { bringAxe, COLOUR_RULES, violations } from '../support/axe.ts';
import { stillFleet } from '../support/still-fleet.ts';
import type { Tab } from '../support/tab.ts';

const VMS = ['db-prod-8', 'web-dev-1'];

let sim: SimProcess;
let tab: Tab;

test.describe.configure({ mode: 'serial' });
test.beforeAll(async ({ browser }) => {
  ({ sim, tab } = await stillFleet(browser));
});
test.afterAll(async () => {
  await sim.stop();
});

const main = (): Locator => tab.page.getByRole('main');
const step = (vm: string): Locator =>
  main().getByRole('table', { name: 'Steps' }).getByRole('row').filter({ hasText: vm });

/** @param busier how many times as busy all VMs are, imagined; 1: as they are */
async function plan(busier: number): Promise<void> {
  const { page } = tab;
  await page.goto(`${sim.origin}/plans/new`);
  await main().getByRole('combobox', { name: 'Which VMs may move' }).selectOption('A search');
  await main().getByRole('textbox', { name: 'Search' }).fill('tag:yields');
  await expect(main().getByText('It matches 2\u00a0VMs now.')).toBeVisible();
  await tab.button('1\u00a0s').click();
  if (busier !== 1) {
    await main().getByText('What if', { exact: true }).click();
    await main().getByRole('combobox', { name: 'Add a change' }).selectOption('Busier VMs');
    await main().getByRole('textbox', { name: 'Times as busy' }).fill(String(busier));
    await tab.button('Add a change').click();
  }
  await tab.button('Make the plan').click();
  await expect(main().getByRole('heading', { name: 'Steps', exact: true })).toBeVisible({ timeout: 30_000 });
}

async function run(): Promise<void> {
  await tab.button('Approve all 2 steps').click();
  await tab.button('Run 2 steps that can run').click();
  await expect(main().getByText('2 of 2 done')).toBeVisible({ timeout: 30_000 });
}

/** The field of its page, which shows what its host has. */
async function openCap(vm: string): Promise<Locator> {
  await tab.page.goto(`${sim.origin}/vms?q=name:${vm}`);
  await main().getByRole('link', { name: vm, exact: true }).click();
  return main().getByLabel('Cap', { exact: true });
}

test('VMs that yield and may not move are capped where their hosts would be too busy', async () => {
  const { page } = tab;
  for (const name of VMS) {
    await page.goto(`${sim.origin}/vms?q=name:${name}`);
    await page.getByRole('checkbox', { name: `Select ${name}` }).check();
    await main().locator('button.btn').filter({ hasText: 'Tags' }).click();
    await page.getByRole('dialog').getByLabel('Add').fill('yields, pin');
    await tab.submit('Apply');
    await expect(page.getByRole('dialog')).toContainText('1 done');
  }
  await plan(100);
  await expect(main().getByText('2\u00a0CPU shares')).toBeVisible();
  for (const vm of VMS) await expect(step(vm).getByText(/^cap \d+\u00a0%$/)).toBeVisible();
  await bringAxe(page);
  for (const theme of ['light', 'dark']) {
    await page.evaluate((to) => (document.documentElement.dataset.theme = to), theme);
    expect(await violations(page, theme === 'light' ? null : COLOUR_RULES)).toEqual([]);
  }
  await run();
  for (const vm of VMS) await expect(await openCap(vm)).toHaveValue(/^[1-9]/);
});

test('when there is room again, a plan takes the caps back; undone, they are there again', async () => {
  const before = await (await openCap('db-prod-8')).inputValue();
  await plan(1);
  for (const vm of VMS) await expect(step(vm).getByText('no cap', { exact: true })).toBeVisible();
  await run();
  const done = tab.page.url();
  await expect(await openCap('db-prod-8')).not.toHaveValue(before);
  await tab.page.goto(done);
  await expect(main().getByText('2\u00a0VMs get their old CPU share.')).toBeVisible();
  await tab.button('Plan the way back').click();
  await expect(step('db-prod-8').getByText(/^cap \d+\u00a0%$/)).toBeVisible();
  await run();
  await expect(await openCap('db-prod-8')).toHaveValue(before);
  expect(tab.errors).toEqual([]);
});
