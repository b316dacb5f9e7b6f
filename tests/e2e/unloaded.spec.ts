// A tab that stays open while its gateway goes away, or comes back with another version of the app: what it loads only when it is
// shown cannot be had, and that is said.
import { expect, test } from '@playwright/test';
import { startSampleFleet } from '../support/sample-fleet.ts';
import { Tab } from '../support/tab.ts';

test('a part of the app that cannot be loaded is told of, and how it can be', async ({ browser }) => {
  const fleet = await startSampleFleet(['--driver', 'simulated']);
  try {
    const context = await browser.newContext();
    const tab = new Tab(await context.newPage());
    await tab.pair(fleet.url);
    await expect(tab.page.getByText('4 hosts sealed', { exact: true })).toBeVisible();
    const scripts = '**/_app/immutable/**';
    await context.route(scripts, (route) => route.abort());
    await tab.page.keyboard.press('?');
    const told = tab.page.getByRole('status').getByText('Part of this app could not be loaded');
    await expect(told).toHaveCount(1);
    await context.unroute(scripts);
    await tab.page.reload();
    await expect(tab.page.getByText('4 hosts sealed', { exact: true })).toBeVisible();
    await tab.page.keyboard.press('?');
    await expect(tab.page.getByRole('dialog')).toBeVisible();
    await context.close();
  } finally {
    await fleet.stop();
  }
});
