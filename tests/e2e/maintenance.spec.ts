// Maintenance and the rebalance loop through the real stack, on a simulated fleet that stands still: a host is emptied, refuses what
// would come, and gets its VMs back; an imbalance is seen, asked about, and dealt with once.
import { expect, test } from '@playwright/test';
import type { Locator } from '@playwright/test';
import { DEFAULT_SETTINGS } from '../../src/lib/plan/fleet/settings.ts';
import { DEFAULT_REBALANCE } from '../../src/lib/plan/rebalance/settings.ts';
import { DEFAULT_WEIGHTS } from '../../src/lib/plugin/weights.ts';
import type { SimProcess } from '../bench/fleet/sim-process.ts';
import { bringAxe, COLOUR_RULES, violations } from '../support/axe.ts';
import { stillFleet } from '../support/still-fleet.ts';
import type { Tab } from '../support/tab.ts';

/** A move takes some seconds, and more where the machine is busy. */
const MOVED = { timeout: 120_000 };
/** It runs two small VMs. */
const HOST = 'ams-005';

let sim: SimProcess;
let tab: Tab;

test.describe.configure({ mode: 'serial', timeout: 300_000 });
test.beforeAll(async ({ browser }) => {
  ({ sim, tab } = await stillFleet(browser));
});
test.afterAll(async () => {
  await sim.stop();
});

const main = (): Locator => tab.page.getByRole('main');
/** Of the plan that is open. */
async function allDone(): Promise<void> {
  await expect(
    main()
      .getByText(/^(\d+) of \1 done/)
      .first()
  ).toBeVisible(MOVED);
}

const openHost = async (): Promise<void> => {
  await tab.page.goto(`${sim.origin}/hosts`);
  await main()
    .getByRole('link', { name: new RegExp(`^${HOST}`) })
    .first()
    .click();
  await expect(main().getByRole('heading', { level: 1, name: HOST })).toBeVisible();
};
async function openVm(name: string): Promise<void> {
  await tab.page.goto(`${sim.origin}/vms?q=${encodeURIComponent(`name=${name}`)}`);
  await main().getByRole('link', { name, exact: true }).click();
  await expect(main().getByRole('heading', { level: 1, name })).toBeVisible();
}
async function wellMade(): Promise<void> {
  await bringAxe(tab.page);
  for (const theme of ['light', 'dark']) {
    await tab.page.evaluate((to) => (document.documentElement.dataset.theme = to), theme);
    expect(await violations(tab.page, theme === 'light' ? null : COLOUR_RULES)).toEqual([]);
  }
}

test('a host enters maintenance: what would move is told before, then it is emptied by a plan', async () => {
  const { page } = tab;
  await openHost();
  await tab.button('Enter maintenance…').click();
  const dialog = page.getByRole('dialog');
  await expect(dialog.getByText(/^\d+.moves?, .* to copy, about /)).toBeVisible(MOVED);
  await dialog.getByRole('textbox', { name: 'Reason' }).fill('new fans');
  await wellMade();
  await tab.submit('Enter maintenance');
  await expect(page).toHaveURL(/\/plans\/[0-9a-f]{16}$/, MOVED);
  await expect(main().getByRole('heading', { name: `Empty hosts · ${HOST}` })).toBeVisible();
  await allDone();
});

test('everybody sees it, and no VM comes there', async () => {
  await openHost();
  await expect(main().getByText(/^In maintenance since .*: new fans$/)).toBeVisible();
  await expect(main().getByText(/^(No VM is here|Nothing runs here)/)).toBeVisible();
  await expect(tab.button('Create VM')).toBeDisabled();
  await tab.page.goto(`${sim.origin}/hosts?q=maintenance:yes`);
  await expect(main().getByRole('link', { name: new RegExp(`^${HOST}`) })).toBeVisible();
  await expect(main().getByText('in maintenance').first()).toBeVisible();
  await tab.page.goto(`${sim.origin}/vms/new`);
  await expect(main().getByText(`${HOST} is in maintenance: no VM comes there, and none is started.`)).toBeVisible();
});

test('it leaves maintenance, and what was moved away comes back', async () => {
  await openHost();
  await tab.button('Leave maintenance…').click();
  await expect(tab.page.getByRole('checkbox', { name: /^Bring back the/ })).toBeChecked();
  await wellMade();
  await tab.submit('Leave maintenance');
  await expect(tab.page).toHaveURL(/\/plans\/[0-9a-f]{16}$/, MOVED);
  await allDone();
  await openHost();
  await expect(main().getByText(/^In maintenance since/)).toHaveCount(0);
  await expect(tab.button('Enter maintenance…')).toBeVisible();
});

test('what is off goes too when that is chosen, stays off, and comes back', async () => {
  const { page } = tab;
  await openHost();
  await tab.button('Enter maintenance…').click();
  const dialog = page.getByRole('dialog');
  await expect(dialog.getByRole('listitem')).toHaveCount(2, MOVED);
  const [name = ''] = (await dialog.getByRole('listitem').first().innerText()).split(' → ');
  await dialog.getByRole('button', { name: 'Cancel' }).click();
  await openVm(name);
  await tab.button('Power off').click();
  await tab.submit('Power off');
  await tab.state('off');

  await openHost();
  await tab.button('Enter maintenance…').click();
  const offToo = dialog.getByRole('checkbox', { name: 'Also move its VM that is off' });
  await expect(offToo).not.toBeChecked();
  await expect(dialog.getByText('1 VM is off: it stays.')).toBeVisible();
  await expect(dialog.getByText(/^1.move, .* to copy, about /)).toBeVisible(MOVED);
  await expect(dialog.getByText(`${name} → `)).toHaveCount(0);
  await offToo.check();
  await expect(dialog.getByText(/^2.moves, .* to copy, about /)).toBeVisible(MOVED);
  await expect(dialog.getByText(`${name} → `)).toBeVisible();
  await expect(dialog.getByText('1 VM is off: it stays.')).toHaveCount(0);
  await wellMade();
  await page.screenshot({ path: 'test-results/pages/maintenance-off-dark-1440.png' });
  await page.setViewportSize({ width: 390, height: 900 });
  await page.screenshot({ path: 'test-results/pages/maintenance-off-dark-390.png' });
  await page.evaluate(() => (document.documentElement.dataset.theme = 'light'));
  expect(await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)).toBeLessThanOrEqual(0);
  await page.screenshot({ path: 'test-results/pages/maintenance-off-light-390.png' });
  await page.setViewportSize({ width: 1440, height: 900 });
  await tab.submit('Enter maintenance');
  await expect(page).toHaveURL(/\/plans\/[0-9a-f]{16}$/, MOVED);
  await expect(main().getByText('2 of 2 done').first()).toBeVisible(MOVED);
  await openHost();
  await expect(main().getByText('No VM is here.')).toBeVisible();
  await expect(main().getByRole('link', { name: `Empty hosts · ${HOST}` })).toBeVisible();
  await expect(main().getByText('No VM comes here during the maintenance')).toBeVisible();
  await expect(main().getByRole('link', { name: 'Create VM' })).toHaveCount(0);
  await openVm(name);
  await tab.state('off');
  await expect(main().getByRole('link', { name: HOST })).toHaveCount(0);

  await openHost();
  await tab.button('Leave maintenance…').click();
  await expect(page.getByRole('checkbox', { name: 'Bring back the 2 VMs that were moved away' })).toBeChecked();
  await tab.submit('Leave maintenance');
  await expect(page).toHaveURL(/\/plans\/[0-9a-f]{16}$/, MOVED);
  await expect(main().getByText('2 of 2 done').first()).toBeVisible(MOVED);
  await openVm(name);
  await tab.state('off');
  await expect(main().getByRole('link', { name: HOST }).first()).toBeVisible();
});

test('a later maintenance brings back nothing that an earlier one moved', async () => {
  const { page } = tab;
  const dialog = page.getByRole('dialog');
  await openHost();
  await tab.button('Enter maintenance…').click();
  await expect(dialog.getByText(/^2.moves, .* to copy, about |^1.move, .* to copy, about /)).toBeVisible(MOVED);
  await tab.submit('Enter maintenance');
  await expect(page).toHaveURL(/\/plans\/[0-9a-f]{16}$/, MOVED);
  await allDone();
  await openHost();
  await tab.button('Leave maintenance…').click();
  await dialog.getByRole('checkbox', { name: /^Bring back the/ }).uncheck();
  await tab.submit('Leave maintenance');
  await expect(main().getByText(/^In maintenance since/)).toHaveCount(0);

  await tab.button('Enter maintenance…').click();
  await tab.submit('Enter maintenance');
  await expect(main().getByText(/^In maintenance since/)).toBeVisible();
  await tab.button('Leave maintenance…').click();
  await expect(dialog.getByText(/^This browser knows of no VM that was moved away from/)).toBeVisible();
  await tab.submit('Leave maintenance');
  await expect(main().getByText(/^In maintenance since/)).toHaveCount(0);
});

/** The page of the loop, which is quick and content with little, where load is weighed so. */
async function openLoop(
  weights: Partial<typeof DEFAULT_WEIGHTS>,
  safety: Partial<typeof DEFAULT_SETTINGS.safety>
): Promise<void> {
  const planning = {
    weights: { ...DEFAULT_WEIGHTS, balance: 0, ...weights },
    settings: { ...DEFAULT_SETTINGS, safety: { ...DEFAULT_SETTINGS.safety, ...safety } }
  };
  const limits = { every: 1_000, rounds: 2, least: 1, factor: 1, coolDown: 3_000, movesPerHour: 1_000 };
  await tab.page.evaluate(
    ([kept, loop]) => {
      localStorage.setItem('smps-planning', kept);
      localStorage.setItem('smps-rebalance', loop);
    },
    [JSON.stringify(planning), JSON.stringify({ ...DEFAULT_REBALANCE, ...limits })] as const
  );
  await tab.page.goto(`${sim.origin}/plans/rebalance`);
}

test('an imbalance that holds is proposed, runs when it is approved, and is not proposed again', async () => {
  const { page } = tab;
  // Every tenth of a host's CPUs counts as full, and weighs ten times as much as usual.
  await openLoop({ cpu: 1_000 }, { cpu: 0.1 });
  await page.getByRole('radio', { name: /^Ask/ }).check();
  await expect(main().getByText('This tab does it.')).toBeVisible(MOVED);
  await expect(main().getByText(/^A plan with \d+.moves? waits for you/)).toBeVisible(MOVED);
  await wellMade();
  await tab.button('Approve and run').click();
  await expect(page).toHaveURL(/\/plans\/[0-9a-f]{16}$/);
  await allDone();
  // Without a reload: the tab that leads goes on.
  await main().getByRole('link', { name: 'Plans' }).first().click();
  await main().getByRole('link', { name: 'Rebalancing' }).click();
  const decisions = main().getByRole('table', { name: 'Decisions' });
  await expect(decisions.getByText('Settled').or(decisions.getByText('Balanced')).first()).toBeVisible(MOVED);
  await expect(decisions.getByText('Proposed')).toHaveCount(1);

  await page.goto(`${sim.origin}/activity?kind=browser`);
  await expect(
    main()
      .getByText(/^Rebalancing: Proposed/)
      .first()
  ).toBeVisible(MOVED);
});

test('one that may act runs its plan itself, unasked', async () => {
  const { page } = tab;
  // Memory counts from a tenth on now, and nothing else does: what was well is not.
  await openLoop({ cpu: 0, memory: 1_000 }, { memory: 0.1 });
  await page.getByRole('radio', { name: /^Act/ }).check();
  const ran = main().getByRole('table', { name: 'Decisions' }).getByRole('row').filter({ hasText: 'Ran a plan' });
  await expect(ran.first()).toBeVisible(MOVED);
  await expect(tab.button('Approve and run')).toHaveCount(0);
  await ran.first().getByRole('link').first().click();
  await expect(page).toHaveURL(/\/plans\/[0-9a-f]{16}$/);
  await allDone();
  await page.goto(`${sim.origin}/activity?kind=browser`);
  await expect(
    main()
      .getByText(/^Rebalancing: Ran a plan/)
      .first()
  ).toBeVisible(MOVED);
  expect(tab.errors).toEqual([]);
});
