import { expect, test } from 'vitest';
import { page, userEvent } from 'vitest/browser';
import { render } from 'vitest-browser-svelte';
import SavedFilters from './SavedFilters.svelte';

const FILTERS = [
  { name: 'busy', query: 'cpu>80' },
  { name: 'north', query: 'site:north' }
];

async function show() {
  await page.viewport(1200, 700);
  const saved: string[] = [];
  const renamed: string[] = [];
  const screen = await render(SavedFilters, {
    filters: FILTERS,
    query: 'tag:db',
    onapply: () => undefined,
    onsave: (name: string) => saved.push(name),
    onrename: (from: string, to: string) => renamed.push(`${from} ${to}`),
    onremove: () => undefined
  });
  const question = screen.getByRole('alertdialog', { name: 'There is a filter “busy” already. Replace it?' });
  return { screen, saved, renamed, question, name: screen.getByRole('textbox', { name: 'Name for this filter' }) };
}

test('a free name is saved at once', async () => {
  const { saved, name, screen } = await show();
  await name.fill(' databases ');
  await userEvent.keyboard('{Enter}');
  expect(saved).toEqual(['databases']);
  await expect.element(screen.getByRole('alertdialog')).not.toBeInTheDocument();
});

test('a name that is taken is asked about, and replaced by one more key', async () => {
  const { saved, name, question } = await show();
  await name.fill('busy');
  await userEvent.keyboard('{Enter}');
  await expect.element(question.getByText('cpu>80')).toBeVisible();
  expect(saved).toEqual([]);
  await userEvent.keyboard('{Enter}');
  expect(saved).toEqual(['busy']);
  await expect.element(question).not.toBeInTheDocument();
});

test('Escape goes back to the name, which can then be another', async () => {
  const { saved, name, question } = await show();
  await name.fill('busy');
  await userEvent.keyboard('{Enter}');
  await expect.element(question).toBeVisible();
  await userEvent.keyboard('{Escape}');
  await expect.element(question).not.toBeInTheDocument();
  await expect.element(name).toHaveFocus();
  await userEvent.keyboard('busier{Enter}');
  expect(saved).toEqual(['busier']);
});

test('renaming asks too, but not about its own name', async () => {
  const { screen, renamed, question } = await show();
  await screen.getByRole('button', { name: 'Rename north' }).click();
  const to = screen.getByRole('textbox', { name: 'New name' });
  await to.fill('busy');
  await userEvent.keyboard('{Enter}');
  await expect.element(question).toBeVisible();
  expect(renamed).toEqual([]);
  await screen.getByRole('button', { name: 'Another name' }).click();
  await expect.element(to).toHaveFocus();
  await to.fill('north');
  await userEvent.keyboard('{Enter}');
  expect(renamed).toEqual(['north north']);
});
