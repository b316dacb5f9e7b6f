// Plans whose moves run, through the real stack on a simulated fleet that stands still: paused, reloaded in the middle and gone on,
// seen and aborted from another tab, cancelled, undone; and what stands in the journals of it.
import { expect, test } from '@playwright/test';
import type { Locator, Page } from '@playwright/test';
import type { SimProcess } from '../bench/fleet/sim-process.ts';
import { bringAxe, COLOUR_RULES, violations } from '../support/axe.ts';
import { stillFleet } from '../support/still-fleet.ts';
import type { Tab } from '../support/tab.ts';

/** A move takes some seconds, and more where the machine is busy. */
const MOVED = { timeout: 60_000 };

let sim: SimProcess;
let tab: Tab;
let plan = '';

test.describe.configure({ mode: 'serial', timeout: 300_000 });
test.beforeAll(async ({ browser }) => {
  ({ sim, tab } = await stillFleet(browser));
});
test.afterAll(async () => {
  await sim.stop();
});

const main = (page = tab.page): Locator => page.getByRole('main');
const rows = (page = tab.page): Locator => main(page).getByRole('table', { name: 'Steps' }).locator('tbody');
const step = (number: number, page = tab.page): Locator => rows(page).nth(number - 1);
const log = (text: string | RegExp): Locator =>
  main().getByRole('table', { name: 'What happened' }).getByRole('row').filter({ hasText: text });
const button = (name: string | RegExp, page: Page = tab.page): Locator =>
  page.getByRole('button', { name, exact: typeof name === 'string' });
const bar = (number: number, page = tab.page): Locator => step(number, page).getByRole('progressbar');
const done = (number: number): Locator => step(number).getByText('done', { exact: true });

test('a host is emptied by its plan; paused, nothing more begins', async () => {
  const { page } = tab;
  await page.goto(`${sim.origin}/plans/new?kind=evacuate`);
  await main()
    .getByRole('checkbox', { name: /^ams-003/ })
    .check();
  await button('1\u00a0s').click();
  await button('Make the plan').click();
  await expect(main().getByRole('heading', { name: 'Steps', exact: true })).toBeVisible(MOVED);
  await button('Approve all 5 steps').click();
  plan = page.url();

  await main().getByText('How it runs').click();
  await main().getByRole('textbox', { name: 'Moves at once' }).fill('0');
  await expect(main().getByText('A whole number from 1 to 50.')).toBeVisible();
  await main().getByRole('textbox', { name: 'Moves at once' }).fill('1');
  await button('Run 5 steps that can run').click();
  await expect(bar(1)).toBeVisible(MOVED);
  await expect(button('Plan again')).toBeDisabled();
  await expect(tab.task(/Empty hosts · ams-003.* of 5 done/)).toBeVisible();
  await expect(tab.task(/Move \S+ to ams-/)).toBeVisible();
  await button('Pause').click();
  await expect(main().getByText('Pausing: waiting for what runs…')).toBeVisible();
  await expect(done(1)).toBeVisible(MOVED);
  await expect(button('Continue with 4 steps')).toBeVisible();
  await expect(main().getByText('1 of 5 done', { exact: true })).toBeVisible();
  await expect(main().getByText('paused', { exact: true }).first()).toBeVisible();
  await expect(tab.task(/Empty hosts · ams-003\s*paused: 1 of 5 done/)).toBeVisible();
  // What is to be done with it stands above what it was made from, and its record can no longer be taken back.
  await expect(main().getByRole('heading', { level: 2 }).first()).toHaveText('Steps');
  await expect(button('Take the approval back')).toHaveCount(0);
  await expect(log('paused')).toHaveCount(1);
  await expect(log(/done.*journal #\d+/)).toHaveCount(1);
  await bringAxe(page);
  for (const theme of ['light', 'dark']) {
    await page.evaluate((to) => (document.documentElement.dataset.theme = to), theme);
    expect(await violations(page, theme === 'light' ? null : COLOUR_RULES)).toEqual([]);
  }
});

test('reloaded in the middle, a move goes on by itself and the run where it was', async () => {
  const { page } = tab;
  await button('Continue with 4 steps').click();
  await expect(bar(2)).toBeVisible(MOVED);
  await page.reload();
  await expect(step(2).getByText('running', { exact: true }).or(bar(2)).or(done(2)).first()).toBeVisible(MOVED);
  await expect(done(2)).toBeVisible(MOVED);
  await expect(log('found done')).toHaveCount(1);
  await expect(button('Continue with 3 steps')).toBeVisible();
});

test('another tab sees that it runs and how far it is, and ends it after the running step', async () => {
  const other = await tab.page.context().newPage();
  // Slow enough that it still runs when the other tab is there, however busy the machine.
  await main().getByText('How it runs').click();
  await main().getByRole('textbox', { name: 'Bandwidth of each move, MiB/s' }).fill('500');
  await button('Continue with 3 steps').click();
  await expect(bar(3)).toBeVisible(MOVED);
  await other.goto(plan);
  await expect(main(other).getByText('It runs in another tab of this browser')).toBeVisible(MOVED);
  await expect(bar(3, other)).toBeVisible(MOVED);
  await expect(button(/^(Run|Continue)/, other)).toHaveCount(0);
  await button('Abort after the running steps', other).click();
  await expect(main().getByText('Aborting: waiting for what runs…')).toBeVisible();
  await expect(done(3)).toBeVisible({ timeout: 180_000 });
  const aborted = 'It was aborted. What was not begun stays undone; you can still continue.';
  for (const page of [tab.page, other]) await expect(main(page).getByText(aborted)).toBeVisible();
  await expect(button('Continue with 2 steps', other)).toBeVisible();
  await other.close();
});

test('aborted at once, the move is cancelled: its VM stays where it was', async () => {
  const { page } = tab;
  await button('Continue with 2 steps').click();
  await expect(bar(4)).toBeVisible(MOVED);
  const name = (await step(4).getByRole('rowheader').textContent())?.trim() ?? '';
  await button('Abort now').click();
  await expect(main().getByText(`The step of ${name} was aborted: cancelled by`)).toBeVisible(MOVED);
  await expect(main().getByText('3 of 5 done', { exact: true })).toBeVisible();
  await expect(step(4).getByText('aborted', { exact: true })).toBeVisible();
  await expect(tab.task(/Empty hosts · ams-003\s*aborted: 3 of 5 done/)).toBeVisible();
  const whole = main().getByRole('progressbar', { name: 'Progress of the plan' });
  expect(Number(await whole.getAttribute('value'))).toBeLessThan(1);
  // On a telephone the buttons of the steps are not cut.
  const desk = page.viewportSize() ?? { width: 1280, height: 720 };
  await page.setViewportSize({ width: 390, height: 844 });
  const cut = (table: Element): number => table.scrollWidth - (table.parentElement?.clientWidth ?? 0);
  await expect.poll(() => main().getByRole('table', { name: 'Steps' }).evaluate(cut)).toBeLessThanOrEqual(0);
  await page.setViewportSize(desk);
  await page.goto(`${sim.origin}/vms?q=name:${name}`);
  await expect(main().getByRole('row', { name: new RegExp(`${name}.*ams-003`) })).toBeVisible();
});

test('planned again it is another plan: what has run keeps its record, and is removed only when that is meant', async () => {
  const { page } = tab;
  await page.goto(`${sim.origin}/plans`);
  await expect(main().getByRole('row', { name: /^Empty hosts · ams-003 aborted/ })).toBeVisible();
  await page.goto(plan);
  await button('Plan again').first().click();
  await expect(page).not.toHaveURL(plan);
  await expect(button('Approve all 2 steps')).toBeVisible(MOVED);
  await page.goto(`${sim.origin}/plans`);
  const remove = main().getByRole('button', { name: 'Remove the plan “Empty hosts · ams-003”' });
  await expect(remove).toHaveCount(2);
  // The new one has done nothing: it goes at once.
  await remove.first().click();
  await expect(remove).toHaveCount(1);
  await remove.click();
  await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click();
  await page.goto(plan);
  await expect(main().getByText('3 of 5 done', { exact: true })).toBeVisible();
  await expect(main().getByRole('table', { name: 'What happened' }).getByRole('row')).not.toHaveCount(0);
});

test('what was done is undone by a plan of its own, and the journals say because of which plan', async () => {
  const { page } = tab;
  await page.goto(plan);
  const name = (await step(1).getByRole('rowheader').textContent())?.trim() ?? '';
  await expect(main().getByText('3 VMs go back.')).toBeVisible();
  await button('Plan the way back').click();
  await expect(main().getByRole('heading', { level: 1, name: /^Undo · / })).toBeVisible();
  await expect(main().getByRole('link', { name: 'Empty hosts · ams-003' })).toBeVisible();
  await button('Approve all 3 steps').click();
  await button('Run 3 steps that can run').click();
  await expect(main().getByText('3 of 3 done', { exact: true })).toBeVisible({ timeout: 120_000 });
  await page.goto(`${sim.origin}/vms?q=name:${name}`);
  await expect(main().getByRole('row', { name: new RegExp(`${name}.*ams-003`) })).toBeVisible();

  await page.goto(`${sim.origin}/activity?words=${name}&op=vm.migrate`);
  await main()
    .getByRole('row', { name: new RegExp(`Move ${name} to (?!ams-003)`) })
    .click();
  await main()
    .getByRole('link', { name: /^Plan “Empty hosts · ams-003”, step 1$/ })
    .click();
  await expect(page).toHaveURL(plan);
  expect(tab.errors).toEqual([]);
});
