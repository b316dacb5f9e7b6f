import { expect, test } from 'vitest';
import { page, userEvent } from 'vitest/browser';
import { render } from 'vitest-browser-svelte';
import { aHost } from '../../../../tests/support/a-fleet.ts';
import { aVm } from '../../../../tests/support/fake-host.ts';
import SearchBox from './SearchBox.svelte';
import { pieces } from './underline.ts';

const HOSTS = [aHost('n1', [aVm(1, { name: 'web-1' })]), aHost('s1', [], { site: 'south coast' })];

async function show(query = '') {
  await page.viewport(1200, 700);
  let last = query;
  const entered: string[] = [];
  const screen = await render(SearchBox, {
    query,
    hits: null,
    hosts: HOSTS,
    onquery: (text: string) => {
      last = text;
      void screen.rerender({ query: text });
    },
    onenter: (text: string) => entered.push(text)
  });
  const box = screen.getByRole('combobox');
  return { screen, box, query: () => last, entered };
}

test('fields and their values are completed by keyboard', async () => {
  const { screen, box, query } = await show();
  await box.fill('si');
  await expect.element(screen.getByRole('option', { name: /^site/ })).toBeVisible();
  await userEvent.keyboard('{Tab}');
  await expect.element(box).toHaveValue('site:');
  await userEvent.keyboard('so{ArrowDown}{Enter}');
  await expect.element(box).toHaveValue('site:"south coast" ');
  expect(query()).toBe('site:"south coast" ');
  await expect.element(box).toHaveAttribute('aria-expanded', 'false');
  await expect.element(box).toHaveFocus();
});

test('Enter goes where it always went, unless a completion is chosen', async () => {
  const { box, entered } = await show();
  await box.fill('st');
  await userEvent.keyboard('{Enter}');
  expect(entered).toEqual(['st']);
});

test('Esc closes the completions, then clears, then leaves', async () => {
  const { box } = await show();
  await box.fill('sta');
  await expect.element(box).toHaveAttribute('aria-expanded', 'true');
  await userEvent.keyboard('{Escape}');
  await expect.element(box).toHaveAttribute('aria-expanded', 'false');
  await expect.element(box).toHaveValue('sta');
  await userEvent.keyboard('{Escape}');
  await expect.element(box).toHaveValue('');
  await userEvent.keyboard('{Escape}');
  await expect.element(box).not.toHaveFocus();
});

test('what cannot be read is underlined and explained, and mended by a press', async () => {
  const { screen, box, query } = await show('web sit:north');
  await expect.element(box).toHaveAttribute('aria-invalid', 'true');
  expect([...screen.container.querySelectorAll('.wrong')].map((piece) => piece.textContent)).toEqual(['sit']);
  await expect.element(box).toHaveAccessibleDescription(/no field “sit”/);
  await box.click();
  await screen.getByRole('button', { name: 'Use site' }).click();
  expect(query()).toBe('web site:north');
  await expect.element(box).toHaveAttribute('aria-invalid', 'false');
});

test('a term is not wrong while it is being written', async () => {
  const { screen, box } = await show();
  await box.fill('state:runn');
  expect(screen.container.querySelectorAll('.wrong')).toHaveLength(0);
  await userEvent.keyboard(' ');
  expect(screen.container.querySelectorAll('.wrong')).toHaveLength(1);
});

test('a text is cut at its wrong places, and is the same when put together', () => {
  const cut = pieces('abcdef', [
    { start: 1, end: 3 },
    { start: 2, end: 4 },
    { start: 5, end: 9 }
  ]);
  expect(cut.map(({ text, wrong }) => (wrong ? `[${text}]` : text)).join('')).toBe('a[bcd]e[f]');
});

test('on a telephone its help opens, though the box is small until the focus has come into the help', async () => {
  const { screen, box } = await show('web');
  await page.viewport(390, 700);
  await box.click();
  await screen.getByRole('button', { name: 'How to filter' }).click();
  const help = screen.getByRole('dialog', { name: 'How to filter' });
  await expect.poll(() => help.element().contains(document.activeElement)).toBe(true);
  await expect.element(help).toBeVisible();
});
