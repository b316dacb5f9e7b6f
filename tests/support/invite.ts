// Another operator of a host, with a browser of their own.
import type { Browser } from '@playwright/test';
import type { Role } from '../../src/lib/model/fleet.ts';
import { Tab } from './tab.ts';

/** @param tab an admin's @returns the tab of someone who has been invited by it and has paired */
export async function invited(tab: Tab, origin: string, host: string, role: Role, browser: Browser): Promise<Tab> {
  await tab.page.goto(`${origin}/hosts`);
  await tab.page.getByRole('main').getByRole('link', { name: host, exact: true }).click();
  await tab.page.getByRole('link', { name: 'Operators' }).click();
  await tab.button('Invite an operator').first().click();
  const dialog = tab.page.getByRole('dialog');
  await dialog.getByRole('combobox').selectOption(role);
  await dialog.getByRole('button', { name: /link/ }).click();
  const url = (await dialog.locator('.link').textContent()) ?? '';
  await tab.submit('Done');
  const other = new Tab(await (await browser.newContext()).newPage());
  await other.pair(url);
  return other;
}
