import '../app.css';
import { expect, test } from 'vitest';
import { page } from 'vitest/browser';
import { render } from 'vitest-browser-svelte';
import { someColumns, type SomeHost } from '../../../../tests/support/some-columns.ts';
import { FleetView } from '#lib/plugin/fleet-view.ts';
import { DEFAULT_WEIGHTS } from '#lib/plugin/weights.ts';
import { explain } from '#lib/plan/review/explain.ts';
import Explanation from './Explanation.svelte';

const ROOMY = { room: [16, 8192, 1e6], safe: [16, 8192, 1e6] };
const HOSTS = [{ room: [16, 1024, 1e6] }, ROOMY, { room: [16, 8192, 1e6], safe: [16, 1024, 1e6] }];
const SITES = ['north', 'north', 'south'];

function show(hosts: readonly SomeHost[] = HOSTS) {
  const columns = someColumns(hosts, [{ on: hosts.length - 1, needs: [1, 4096], mib: 4096 }]);
  return render(Explanation, {
    explanation: explain(new FleetView(columns), DEFAULT_WEIGHTS, 0, () => null),
    vm: 'db-1',
    hosts: hosts.map((_, host) => ({ name: `n${host}`, site: SITES[host] ?? 'north' }))
  });
}
function one(container: Element, selector: string): Element {
  const found = container.querySelector(selector);
  if (found === null) throw new Error(`no ${selector}`);
  return found;
}
const order = (container: Element): string[] =>
  [...container.querySelectorAll('tbody bdi')].map((name) => name.textContent);

test('the VM’s own host comes first, then where it can be, then where it cannot with the reason and what would help', async () => {
  const { container } = await show();
  expect(order(container)).toEqual(['n2', 'n1', 'n0']);
  const [own = '', , last = ''] = [...container.querySelectorAll('tbody')].map((part) => part.textContent);
  expect(own).toMatch(/here/);
  expect(last).toMatch(/3\sGiB of memory too little \(300\s% of the host\)/);
  expect(last).toMatch(/Would help: 3\sGiB less memory/);
});

test('a press on a column sorts by it, and a second one the other way', async () => {
  const { container, ...screen } = await show();
  await screen.getByRole('button', { name: 'Host' }).click();
  expect(order(container)).toEqual(['n0', 'n1', 'n2']);
  await screen.getByRole('button', { name: 'Host' }).click();
  expect(order(container)).toEqual(['n2', 'n1', 'n0']);
  await expect.element(screen.getByRole('columnheader', { name: 'Host' })).toHaveAttribute('aria-sort', 'descending');
});

test.each([
  [390, 'none', 'flex'],
  [1400, 'table-cell', 'none']
])('%i px wide, the terms have a place and nothing is cut', async (width, cells, line) => {
  await page.viewport(width, 800);
  const { container } = await show();
  const box = one(container, '.scroll-x');
  expect(box.scrollWidth).toBeLessThanOrEqual(box.clientWidth);
  expect(getComputedStyle(one(container, 'td.term')).display).toBe(cells);
  expect(getComputedStyle(one(container, '.narrow')).display).toBe(line);
});

test('of very many hosts the first are shown, and all when asked for', async () => {
  const { container, ...screen } = await show(Array.from({ length: 200 }, () => ROOMY));
  expect(container.querySelectorAll('tbody')).toHaveLength(60);
  await screen.getByRole('button', { name: /Show all 200/ }).click();
  expect(container.querySelectorAll('tbody')).toHaveLength(200);
});
