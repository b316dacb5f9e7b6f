// Plans whose steps run, through the real stack on a simulated fleet that stands still: VMs are started and resized in their order,
// one that finds no room moves first, what a host refuses says so, and a reload in the middle goes on.
import { expect, test } from '@playwright/test';
import type { Locator } from '@playwright/test';
import type { SimProcess } from '../bench/fleet/sim-process.ts';
import { bringAxe, COLOUR_RULES, violations } from '../support/axe.ts';
import { unpairedFleet } from '../support/still-fleet.ts';
import type { Tab } from '../support/tab.ts';

let sim: SimProcess;
let tab: Tab;

test.describe.configure({ mode: 'serial' });
test.beforeAll(async ({ browser }) => {
  ({ sim, tab } = await unpairedFleet(browser));
  await tab.page.goto(`${sim.origin}/plans/new`);
  await expect(main().getByRole('heading', { name: 'A plan needs hosts' })).toBeVisible();
  await tab.pair(sim.links[0] ?? '');
});
test.afterAll(async () => {
  await sim.stop();
});

const main = (): Locator => tab.page.getByRole('main');
const heading = (name: string): Locator => main().getByRole('heading', { name, exact: true });
/** The step of a VM. */
const step = (vm: string): Locator =>
  main().getByRole('table', { name: 'Steps' }).getByRole('row').filter({ hasText: vm });

async function newPlan(kind: 'resize' | 'start'): Promise<void> {
  await tab.page.goto(`${sim.origin}/plans/new?kind=${kind}`);
  await expect(main().getByRole('radio', { checked: true }).first()).toHaveAttribute('value', kind);
  await expect(tab.button('Make the plan')).toBeDisabled();
  await tab.button('1\u00a0s').click();
}

async function resize(vm: string, vcpus: string, memory: string): Promise<void> {
  await main().getByRole('combobox', { name: 'Add a VM' }).fill(vm);
  await main()
    .getByRole('spinbutton', { name: `vCPUs of ${vm}` })
    .fill(vcpus);
  await main()
    .getByRole('textbox', { name: `Memory of ${vm}` })
    .fill(memory);
}

async function openVm(name: string): Promise<void> {
  await tab.page.goto(`${sim.origin}/vms?q=name:${name}`);
  await main().getByRole('link', { name, exact: true }).click();
  await expect(tab.page.getByRole('heading', { level: 1, name })).toBeVisible();
}

async function approve(): Promise<void> {
  await tab.button('Make the plan').click();
  await expect(heading('Steps')).toBeVisible();
  await tab.button(/^Approve /).click();
}

test('VMs that are off are started one by one, and after a reload in the middle the rest', async () => {
  const { page } = tab;
  await newPlan('start');
  for (const vm of ['queue-prod-2', 'cache-prod-2', 'mail-prod-1', 'db-prod-1']) {
    await main().getByRole('searchbox', { name: 'Find a VM' }).fill(vm);
    await main().getByRole('checkbox', { name: vm }).check();
  }
  await approve();
  await expect(tab.button('Run 4 steps that can run')).toBeVisible();
  await tab.button('Run the step of mail-prod-1').click();
  await expect(step('mail-prod-1').getByText('done', { exact: true })).toBeVisible();
  await expect(main().getByText('1 of 4 done')).toBeVisible();
  await page.reload();
  await expect(main().getByText('1 of 4 done')).toBeVisible();
  await tab.button('Continue with 3 steps').click();
  await expect(main().getByText('4 of 4 done')).toBeVisible();
  await expect(tab.task(/Start VMs · 4.VMs.*4 of 4 done/)).toBeVisible();
  await tab.button(/commands of Start VMs/).click();
  await expect(tab.task('Start db-prod-1')).toBeVisible();
  await page.goto(`${sim.origin}/plans`);
  await expect(main().getByRole('row', { name: /^Start VMs · 4.VMs done/ })).toBeVisible();
  await page.goto(`${sim.origin}/vms?q=name:db-prod-1`);
  await expect(main().getByRole('row', { name: /db-prod-1.*running/ })).toBeVisible();
});

test('a VM grows where there is room; what its host refuses fails alone, and what finds no room moves first', async () => {
  const { page } = tab;
  await newPlan('resize');
  await resize('web-dev-1', '3', '3 GiB');
  await resize('metrics-dev-1', '8', '8 MiB');
  await resize('db-prod-8', '4', '63 GiB');
  await bringAxe(page);
  expect(await violations(page, null)).toEqual([]);
  await approve();

  await expect(
    step('db-prod-8')
      .nth(1)
      .getByText(/^for step \d$/)
  ).toBeVisible();
  await tab.button('Run 4 steps that can run').click();
  await expect(step('web-dev-1').getByText('done', { exact: true })).toBeVisible();
  await expect(step('metrics-dev-1').getByText('failed', { exact: true })).toBeVisible();
  await expect(main().getByRole('alert')).toContainText('The step of metrics-dev-1 failed: ');
  await expect(main().getByText('3 of 4 done')).toBeVisible({ timeout: 90_000 });
  await expect(step('db-prod-8').getByText('done', { exact: true })).toHaveCount(2);
  await expect(tab.button('Try again: metrics-dev-1')).toBeVisible();
  for (const theme of ['light', 'dark']) {
    await page.evaluate((to) => (document.documentElement.dataset.theme = to), theme);
    expect(await violations(page, theme === 'light' ? null : COLOUR_RULES)).toEqual([]);
  }
  await openVm('web-dev-1');
  await expect(tab.page.getByRole('spinbutton', { name: 'vCPUs' })).toHaveValue('3');
});

test('a step whose VM has gone meanwhile is not run, and says why', async () => {
  const { page } = tab;
  await newPlan('start');
  for (const vm of ['mail-test-1', 'web-prod-2']) {
    await main().getByRole('searchbox', { name: 'Find a VM' }).fill(vm);
    await main().getByRole('checkbox', { name: vm }).check();
  }
  await approve();
  const plan = page.url();
  await openVm('web-prod-2');
  await tab.button('Start').click();
  await tab.state('running');
  await openVm('mail-test-1');
  await tab.button('Delete').click();
  await tab.page.getByRole('dialog').getByRole('textbox').fill('mail-test-1');
  await tab.page
    .getByRole('dialog')
    .getByRole('button', { name: /^Delete/ })
    .click();
  // A page that is left at once may not have asked its host.
  await expect(page).toHaveURL(/\/hosts\/[^/]+$/);
  await page.goto(plan);
  await expect(step('web-prod-2').getByText('done', { exact: true })).toBeVisible();
  await tab.button('Run 1 step that can run').click();
  await expect(main().getByText('The step of mail-test-1 was not run: mail-test-1 is gone')).toBeVisible();
  expect(tab.errors).toEqual([]);
});
