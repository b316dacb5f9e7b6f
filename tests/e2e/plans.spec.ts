// Plans through the real stack, on a simulated fleet that stands still: one is made and approved in part, schedulers are compared,
// one of them loops, and what is imagined cannot be approved.
import { expect, test } from '@playwright/test';
import type { Locator } from '@playwright/test';
import type { SimProcess } from '../bench/fleet/sim-process.ts';
import { bringAxe, COLOUR_RULES, violations } from '../support/axe.ts';
import { stillFleet } from '../support/still-fleet.ts';
import type { Tab } from '../support/tab.ts';

/** Moves everything to the first host, after a plan that moves nothing. */
const GREEDY = `export default {
  manifest: { id: 'greedy', version: '1.0.0', api: 1, title: 'Greedy', description: 'All to the first host.' },
  *propose(fleet) {
    yield { moves: [] };
    yield { moves: Array.from({ length: fleet.vms }, (_, vm) => ({ vm, host: 0 })) };
  }
};`;
const LOOPS = `export default {
  manifest: { id: 'loops', version: '1.0.0', api: 1, title: 'Loops', description: 'It never ends.' },
  propose() { for (;;) {} }
};`;

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
const heading = (name: string): Locator => main().getByRole('heading', { name, exact: true });
const checkbox = (name: string | RegExp): Locator => main().getByRole('checkbox', { name });
const steps = (): Locator => checkbox(/^Approve the step of /);

async function newPlan(): Promise<void> {
  await tab.page.goto(`${sim.origin}/plans/new`);
  await expect(main().getByText('90\u00a0VMs').or(tab.button('Make the plan'))).toBeVisible();
  await tab.button('1\u00a0s').click();
}

test('no plan is made, and no host emptied, on hosts that have not told what they have', async () => {
  const page = await tab.page.context().newPage();
  const held: (() => void)[] = [];
  let holds = true;
  await page.routeWebSocket(/\/v1\/link$/, (here) => {
    const gateway = here.connectToServer();
    gateway.onMessage((message) => {
      if (holds) held.push(() => here.send(message));
      else here.send(message);
    });
  });
  // What has no link yet can be read all the same, where it is looked at too.
  await page.goto(`${sim.origin}/hosts/ams-003`);
  await expect(page.getByRole('treeitem', { selected: true })).toContainText('ams-003');
  await bringAxe(page);
  expect(await violations(page, COLOUR_RULES)).toEqual([]);
  await page.goto(`${sim.origin}/plans/new`);
  const make = page.getByRole('button', { name: 'Make the plan' });
  await expect(page.getByText(/^Waiting for \d+ hosts that have not answered yet/)).toBeVisible();
  await expect(make).toBeDisabled();
  await page.getByText('What if', { exact: true }).click();
  const change = page.getByRole('combobox', { name: 'Add a change' });
  await expect(change).toBeVisible();
  holds = false;
  for (const tell of held.splice(0)) tell();
  await expect(make).toBeEnabled();
  await expect(page.getByText(/^Waiting for/)).toHaveCount(0);
  // What was opened by hand stays open when something else on the page changes.
  await expect(change).toBeVisible();
  await page.close();
});

test('a host is emptied: the plan is found, read, explained and approved in part, and is still so after a reload', async () => {
  const { page } = tab;
  await page.goto(`${sim.origin}/plans`);
  await expect(heading('No plan yet')).toBeVisible();
  await main().getByRole('link', { name: 'New plan' }).click();
  await page.getByRole('radio', { name: /^Empty hosts/ }).check();
  await expect(tab.button('Make the plan')).toBeDisabled();
  await checkbox(/^ams-003/).check();
  await tab.button('1\u00a0s').click();
  await tab.button('Make the plan').click();
  await expect(page).toHaveURL(/\/plans\/[0-9a-f]{16}$/);
  await expect(heading('Steps')).toBeVisible();
  await expect(heading('Empty hosts · ams-003')).toBeVisible();
  await expect(
    main().getByRole('img', { name: /^Cost and moves while Least cost works: Cost \S+, now \S+, with \d+.moves/ })
  ).toBeVisible();
  const count = await steps().count();
  expect(count).toBeGreaterThan(1);

  const why = main().getByRole('button', { name: /^Why .* goes there$/ });
  await why.first().click();
  await expect(why.first()).toHaveAttribute('aria-expanded', 'true');
  await expect(main().getByRole('table', { name: /^What each host would cost / })).toBeVisible();

  const leftOut = (await steps().first().getAttribute('aria-label')) ?? '';
  await steps().first().uncheck();
  await bringAxe(page);
  for (const theme of ['light', 'dark']) {
    await page.evaluate((to) => (document.documentElement.dataset.theme = to), theme);
    expect(await violations(page, theme === 'light' ? null : COLOUR_RULES)).toEqual([]);
  }
  const part = `Approve ${count - 1} of ${count} steps`;
  await tab.button(part).click();
  const approved = main().getByText(`Approved: ${count - 1} of ${count} steps.`);
  await expect(approved).toBeVisible();
  await expect(tab.button(`Run ${count - 1} steps that can run`)).toBeVisible();
  await page.reload();
  await expect(approved).toBeVisible();
  await expect(checkbox(leftOut)).not.toBeChecked();
  await tab.button('Take the approval back').click();
  await expect(tab.button(`Approve all ${count} steps`)).toBeVisible();
});

test('what the fleet has left behind says so, and cannot be approved', async () => {
  const { page } = tab;
  const [plan, count] = [page.url(), await steps().count()];
  const name =
    (await main()
      .getByRole('button', { name: /^Why .* goes there$/ })
      .first()
      .textContent()) ?? '';
  await page.goto(`${sim.origin}/vms?q=${name}`);
  await main().getByRole('link', { name, exact: true }).click();
  await tab.button('Pause').click();
  await tab.state('paused');
  await page.goto(plan);
  await expect(main().getByText(`${name} can no longer be moved`)).toBeVisible();
  await expect(main().getByText(`${count - 1} of ${count} moves are still possible.`)).toBeVisible();
  await expect(steps().first()).toBeDisabled();
  await expect(tab.button(`Approve ${count - 1} of ${count} steps`)).toBeEnabled();
  await page.goto(`${sim.origin}/plans`);
  await expect(main().getByRole('row', { name: /ams-003 ready stale/ })).toBeVisible();
});

test('a scheduler that loops is ended, said so, and the results of the others stand', async () => {
  const { page } = tab;
  await page.goto(`${sim.origin}/settings/plugins`);
  for (const [name, source, said] of [
    ['loops.js', LOOPS, 'It never ends.'],
    ['greedy.js', GREEDY, 'All to the first host.']
  ] as const) {
    await tab.button('Add a file').click();
    const file = { name, mimeType: 'text/javascript', buffer: Buffer.from(source) };
    await page.getByRole('dialog').locator('input[type=file]').setInputFiles(file);
    await tab.submit('Add');
    // The dialog, which says it too, may not have left yet.
    await expect(main().getByRole('table').getByText(said)).toBeVisible();
  }

  await newPlan();
  await main().getByText('What if', { exact: true }).click();
  await main().getByRole('combobox', { name: 'Host' }).selectOption({ label: 'ams-003 · Amsterdam' });
  await tab.button('Add a change').click();
  await expect(main().getByText('ams-003 is drained')).toBeVisible();
  for (const title of ['Loops', 'Spread', 'Greedy']) await checkbox(new RegExp(`^${title} `)).check();
  await tab.button('Compare').click();
  await expect(heading('Results')).toBeVisible({ timeout: 30_000 });

  const results = main().getByRole('table', { name: 'Results' });
  await expect(results.getByRole('row', { name: /^Cost / })).toHaveText(/^Cost ?\d[\d.]* ?– ?\d[\d.]* ?\d[\d.]*$/);
  await expect(main().getByRole('alert')).toContainText('Loops failed: the plugin Loops did not answer within 2 s');
  await expect(main().getByText(/^Greedy: 1.proposal was refused by this app: the VM may not be moved$/)).toBeVisible();
  await expect(results.getByRole('row', { name: /^Moves – \d+ 0$|^Moves \d+ – \d+ 0$/ })).toBeVisible();
  await expect(tab.button('Choose this plan: Loops')).toBeDisabled();
  await tab.button('Choose this plan: Spread').click();
  await expect(heading('Steps')).toBeVisible();
  await tab.button(/^Approve all/).click();
  await expect(main().getByText(/^Approved: /)).toBeVisible();
  await page.goto(`${sim.origin}/plans`);
  await expect(main().getByRole('row', { name: /ams-003 is drained approved Spread/ })).toBeVisible();
});

test('what is imagined is planned for, and cannot be approved', async () => {
  await newPlan();
  await main().getByText('What if', { exact: true }).click();
  await main().getByRole('combobox', { name: 'Add a change' }).selectOption('Lose a host');
  await tab.button('Add a change').click();
  await tab.button('Make the plan').click();
  await expect(heading('Steps')).toBeVisible();
  await expect(main().getByText('This is an answer to “what if”')).toBeVisible();
  await expect(tab.button(/^Approve/)).toHaveCount(0);
  expect(tab.errors).toEqual([]);
});
