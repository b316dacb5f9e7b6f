// The operator's hands in the browser: what the end-to-end tests do, in words of the screen.
import { expect } from '@playwright/test';
import type { Locator, Page } from '@playwright/test';

export class Tab {
  readonly page: Page;
  /** Uncaught errors and console errors since the start; a healthy tab has none. */
  readonly errors: string[] = [];

  constructor(page: Page) {
    this.page = page;
    page.on('pageerror', (error) => this.errors.push(error.message));
    page.on('console', (message) => {
      if (message.type() === 'error') this.errors.push(message.text());
    });
  }

  button(name: string | RegExp): Locator {
    return this.page.getByRole('button', { name, exact: typeof name === 'string' });
  }

  /** The task line that names `title`, newest first, in the tray. */
  task(title: string | RegExp): Locator {
    return this.page.getByRole('region', { name: 'Tasks' }).locator('.task').filter({ hasText: title }).first();
  }

  /** Opens the pairing link and pairs with every host in it. @returns check numbers by host */
  async pair(url: string): Promise<string[]> {
    await this.page.goto(url);
    await this.button(/^Pair/).click();
    await expect(this.page.getByRole('link', { name: /to the fleet/ })).toBeVisible();
    return this.page.getByText(/^\d{4} \d{4}$/).allTextContents();
  }

  async openVm(origin: string, name: string): Promise<void> {
    await this.page.goto(`${origin}/vms`);
    await this.page.getByRole('main').getByRole('link', { name, exact: true }).click();
    await expect(this.page.getByRole('heading', { level: 1, name })).toBeVisible();
  }

  /** The row of a hotplug resource: stepper and what the guest sees. */
  row(label: string): Locator {
    return this.page.locator('.row').filter({ has: this.page.getByRole('spinbutton', { name: label }) });
  }

  /** The list entry of a disk or interface that holds `text`. */
  item(text: string | RegExp): Locator {
    return this.page.getByRole('main').getByRole('listitem').filter({ hasText: text });
  }

  async submit(name: string): Promise<void> {
    await this.page.getByRole('dialog').getByRole('button', { name, exact: true }).click();
  }

  async state(word: string): Promise<void> {
    await expect(
      this.page
        .getByRole('main')
        .getByText(new RegExp(`^${word}\\b`))
        .first()
    ).toBeVisible({
      timeout: 60_000
    });
  }
}
