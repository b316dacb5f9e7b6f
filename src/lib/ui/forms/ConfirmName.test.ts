import { createRawSnippet } from 'svelte';
import { expect, test } from 'vitest';
import { userEvent } from 'vitest/browser';
import { render } from 'vitest-browser-svelte';
import ConfirmName from './ConfirmName.svelte';

const NAME = 'db-1 <b>';

async function show() {
  const calls: string[] = [];
  const screen = await render(ConfirmName, {
    title: `Delete ${NAME}?`,
    name: NAME,
    verb: 'Delete VM',
    children: createRawSnippet(() => ({ render: () => '<p>There is no way back.</p>' })),
    onconfirm: () => calls.push('confirm'),
    onclose: () => calls.push('close')
  });
  return { screen, calls };
}

test('the button stays shut until the name is typed exactly', async () => {
  const { screen, calls } = await show();
  const button = screen.getByRole('button', { name: 'Delete VM' });
  const field = screen.getByLabelText('Type the name to confirm');
  await expect.element(button).toBeDisabled();
  for (const wrong of ['db-1', 'DB-1 <b>', `${NAME} `]) {
    await field.fill(wrong);
    await expect.element(button).toBeDisabled();
  }
  await field.fill(NAME);
  await button.click();
  expect(calls).toEqual(['confirm']);
});

test('Enter with a wrong name does nothing', async () => {
  const { screen, calls } = await show();
  await screen.getByLabelText('Type the name to confirm').fill('db');
  await userEvent.keyboard('{Enter}');
  expect(calls).toEqual([]);
});

test('the field has the focus at once, and Esc closes', async () => {
  const { screen, calls } = await show();
  await expect.element(screen.getByLabelText('Type the name to confirm')).toHaveFocus();
  await userEvent.keyboard('{Escape}');
  expect(calls).toEqual(['close']);
});
