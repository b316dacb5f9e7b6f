// The console of a VM in the browser, as a test types on it and looks at it.
import { expect } from '@playwright/test';
import type { Locator, Page } from '@playwright/test';
import type { Tab } from './tab.ts';

/** What stands on the terminal. */
export const rows = (page: Page): Locator => page.locator('.xterm-rows');

export async function typeLine(page: Page, text: string): Promise<void> {
  await page.locator('.xterm-helper-textarea').focus();
  await page.keyboard.type(`${text}\n`);
}

/** How many colours the screen shows. */
export const colours = (page: Page): Promise<number> =>
  page.locator('.screen canvas').evaluate((canvas: HTMLCanvasElement) => {
    const drawn = canvas.width === 0 ? null : canvas.getContext('2d');
    const data = drawn?.getImageData(0, 0, canvas.width, canvas.height).data.buffer;
    return new Set(new Uint32Array(data ?? new ArrayBuffer(0))).size;
  });

/** In how many rows the bar above it stands. */
export const barRows = (page: Page): Promise<number> =>
  page.locator('.console .bar').evaluate((bar) => {
    const middles = [...bar.querySelectorAll('button, a, select, .state')].flatMap((one) => {
      const { top, height } = one.getBoundingClientRect();
      return height === 0 ? [] : [top + height / 2];
    });
    return middles.sort((one, other) => one - other).filter((at, n, all) => at - (all[n - 1] ?? -Infinity) > 8).length;
  });

/** Opened from the page of the VM; it may still be on its way. */
export async function openConsole(tab: Tab, origin: string, vm: string, kind: 'Screen' | 'Serial line'): Promise<void> {
  await tab.openVm(origin, vm);
  await tab.page.getByRole('link', { name: 'Console', exact: true }).click();
  const choice = tab.page.getByRole('navigation', { name: 'Which console' }).getByRole('link', { name: kind });
  // A VM with one console has nothing to choose.
  await expect(
    tab.page.getByRole('region', { name: new RegExp(` of ${vm}$`) }).getByText(kind, { exact: true })
  ).toBeVisible();
  if ((await choice.count()) === 0) return;
  await choice.click();
  await expect(choice).toHaveAttribute('aria-current', 'true');
}
