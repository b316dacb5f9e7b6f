import { expect, test } from 'vitest';
import { render } from 'vitest-browser-svelte';
import { userEvent } from 'vitest/browser';
import TagField from './TagField.svelte';

test('a tag that begins like a rule and cannot be read is told while it is typed, and no longer when it can', async () => {
  const screen = await render(TagField, { label: 'Tags', error: null, value: '' });
  const field = screen.getByLabelText('Tags', { exact: true });
  await field.fill('gold, spread:web:1');
  await expect.element(screen.getByText('“spread:web:1” looks like a rule', { exact: false })).toBeVisible();
  await field.fill('gold, spread:web:3');
  await expect.element(screen.getByText('looks like a rule', { exact: false })).not.toBeInTheDocument();
});

test('what tags do is a press of a key away, and Esc leads back', async () => {
  const screen = await render(TagField, { label: 'Tags', error: null, value: '' });
  await screen.getByLabelText('Tags', { exact: true }).click();
  await userEvent.keyboard('{Tab}{Enter}');
  await expect.element(screen.getByText('apart:db')).toBeVisible();
  await userEvent.keyboard('{Escape}');
  await expect.element(screen.getByRole('button', { name: 'Tags that place VMs' })).toHaveFocus();
  expect(screen.getByText('apart:db').query()).toBeNull();
});
