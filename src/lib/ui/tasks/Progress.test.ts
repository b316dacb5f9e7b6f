import { expect, test } from 'vitest';
import { render } from 'vitest-browser-svelte';
import type { Far } from '#lib/app/tasks/far.ts';
import { commandId } from '#lib/model/ids.ts';
import { bytes, bytesPerSecond, percent } from '#lib/model/units.ts';
import Progress from './Progress.svelte';

const FAR: Far = {
  command: commandId('11111111-2222-4333-8444-555555555555'),
  stage: 'moving',
  percent: percent(77),
  remaining: bytes(30 * 1024 * 1024),
  rate: bytesPerSecond(17_000_000),
  pass: 1,
  stale: false
};
const LABEL = 'Move web-1 to s1';

test('how far a move is stands with what is left and how fast that goes', async () => {
  const screen = await render(Progress, { progress: FAR, label: LABEL });
  await expect.element(screen.getByText('moving 77\u00a0%: 30 MiB to go · 17 MB/s')).toBeVisible();
});

test('of a host that cannot be heard only what it said last is told, as such', async () => {
  const screen = await render(Progress, { progress: { ...FAR, stale: true }, label: LABEL });
  await expect.element(screen.getByText('last heard: moving 77\u00a0%', { exact: true })).toBeVisible();
  await expect
    .element(screen.getByRole('progressbar'))
    .toHaveAttribute('aria-valuetext', 'last heard: moving 77\u00a0%');
  expect(screen.container.querySelector('.moving')).toBeNull();
});

test('and where it has said no share, nothing pulses', async () => {
  const screen = await render(Progress, { progress: { ...FAR, percent: null, stale: true }, label: LABEL });
  await expect.element(screen.getByText('last heard: moving', { exact: true })).toBeVisible();
  expect(screen.container.querySelector('.moving')).toBeNull();
});
