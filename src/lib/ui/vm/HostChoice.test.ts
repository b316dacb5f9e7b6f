import '../app.css';
import { expect, test } from 'vitest';
import { page } from 'vitest/browser';
import { render } from 'vitest-browser-svelte';
import { aHost } from '../../../../tests/support/a-fleet.ts';
import HostChoice from './HostChoice.svelte';

test.each([390, 1400])('of many hosts, each has the room it takes, %i px wide', async (width) => {
  await page.viewport(width, 800);
  const hosts = Array.from({ length: 60 }, (_, n) => aHost(`node-${n}`));
  const { container } = await render(HostChoice, { hosts, chosen: null, onchoose: () => undefined });
  container.classList.add('stack'); // as on its page
  const rows = [...container.querySelectorAll('label')];
  expect(rows).toHaveLength(60);
  for (const row of rows) {
    const parts = [...row.children].map((part) => part.getBoundingClientRect());
    const { top, bottom } = row.getBoundingClientRect();
    expect(Math.min(...parts.map((part) => part.top))).toBeGreaterThanOrEqual(top);
    expect(Math.max(...parts.map((part) => part.bottom))).toBeLessThanOrEqual(bottom);
  }
});
