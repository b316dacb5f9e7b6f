import { expect, test } from 'vitest';
import { page } from 'vitest/browser';
import { render } from 'vitest-browser-svelte';
import type { Activity } from '#lib/model/fleet.ts';
import { aHost } from '../../../../tests/support/a-fleet.ts';
import { aVm } from '../../../../tests/support/fake-host.ts';
import UndecidedMove from './UndecidedMove.svelte';

const VM = aVm(1, { name: 'web-1', state: 'paused' });
const HOST = aHost('n1', [VM]);
const MOVE = { summary: 'Move web-1 to s1' } as Activity;

async function show(blocked: string | null = null) {
  const decided: string[] = [];
  const ondecide = (runs: 'here' | 'there'): void => void decided.push(runs);
  const screen = await render(UndecidedMove, { host: HOST, vm: VM, move: MOVE, blocked, ondecide });
  return { screen, decided };
}

test.each([
  ['Let it continue here…', 'Let it continue', 'here', /it will then run twice/],
  ['Remove it here…', 'Remove it', 'there', /it is lost/]
] as const)('“%s” warns of what it may do, and needs the name', async (ask, verb, runs, warning) => {
  const { screen, decided } = await show();
  await expect.element(screen.getByText(/^Move web-1 to s1: whether it has left is unknown/)).toBeVisible();
  await screen.getByRole('button', { name: ask }).click();
  await expect.element(screen.getByText(warning)).toBeVisible();
  const button = screen.getByRole('button', { name: verb, exact: true });
  await expect.element(button).toBeDisabled();
  await screen.getByLabelText('Type the name to confirm').fill('web-1');
  await button.click();
  expect(decided).toEqual([runs]);
  await expect.element(page.getByRole('dialog')).not.toBeInTheDocument();
});

test('who may not decide is told why', async () => {
  const { screen } = await show('only an operator may do that');
  for (const name of ['Let it continue here…', 'Remove it here…']) {
    const button = screen.getByRole('button', { name });
    await expect.element(button).toBeDisabled();
    await expect.element(button).toHaveAttribute('title', 'only an operator may do that');
  }
});
