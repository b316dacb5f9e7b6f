// axe-core in a page of a test: brought once per document, asked as often as wanted.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from '@playwright/test';
import type * as Axe from 'axe-core';

const source = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** What depends on colours alone, and so on the theme. */
export const COLOUR_RULES: readonly string[] = ['color-contrast', 'link-in-text-block'];

/** After every navigation, before `violations`. */
export const bringAxe = (page: Page): Promise<unknown> => page.evaluate(source);

/**
 * What axe finds on the page as it is now, one line a rule: its id and the elements. Empty when all is well.
 * @param rules null: all of them
 */
export async function violations(page: Page, rules: readonly string[] | null = null): Promise<string[]> {
  const found = await page.evaluate(
    async (only) => {
      const { axe } = window as unknown as { axe: typeof Axe };
      const results = await axe.run({ resultTypes: ['violations'], ...(only === null ? {} : { runOnly: only }) });
      return results.violations.map(({ id, nodes }) => ({ id, html: nodes.map((node) => node.html) }));
    },
    rules as string[] | null
  );
  return found.map(({ id, html }) => `${id}: ${html.join(' ')}`);
}
