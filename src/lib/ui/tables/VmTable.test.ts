import { createRawSnippet } from 'svelte';
import { expect, test } from 'vitest';
import { page } from 'vitest/browser';
import { render } from 'vitest-browser-svelte';
import type { ResolvedPathname } from '$app/types';
import { vcpus } from '#lib/model/units.ts';
import { aHost } from '../../../../tests/support/a-fleet.ts';
import { aVm } from '../../../../tests/support/fake-host.ts';
import type { Sorting } from './sort.ts';
import VmTable from './VmTable.svelte';

const HOSTILE = '<img src=x onerror="document.title=1"> \u202egnp.exe';

async function show(sorting: Sorting | null = null) {
  await page.viewport(1280, 800); // narrow screens leave columns out
  const vms = [
    aVm(1, { name: 'web-10' }),
    aVm(2, { name: HOSTILE }),
    aVm(3, { name: 'web-9', vcpus: vcpus(3), state: 'off' })
  ];
  const host = aHost('n1', vms);
  const asked: Sorting[] = [];
  const screen = await render(VmTable, {
    rows: vms.map((vm) => ({ host, vm })),
    sorting,
    vmHref: (vm) => `/vms/${vm}` as ResolvedPathname,
    hostHref: (id) => `/hosts/${id}` as ResolvedPathname,
    onsort: (wanted: Sorting) => asked.push(wanted),
    empty: createRawSnippet(() => ({ render: () => '<p>none</p>' }))
  });
  const names = () => [...screen.container.querySelectorAll('td.name a')].map((link) => link.textContent.trim());
  return { screen, asked, names };
}

test('a hostile name is only text', async () => {
  const { screen } = await show();
  expect(screen.container.querySelectorAll('img')).toHaveLength(0);
  await expect.element(screen.getByRole('link', { name: HOSTILE })).toHaveAttribute('title', HOSTILE);
  expect(document.title).not.toBe('1');
});

test('names sort as people count', async () => {
  const { names } = await show({ column: 'name', descending: false });
  expect(names().indexOf('web-9')).toBeLessThan(names().indexOf('web-10'));
});

test('a press on a column asks for its order, figures largest first, and again for the other way', async () => {
  const { screen, asked } = await show({ column: 'vcpus', descending: true });
  await screen.getByRole('button', { name: 'Memory' }).click();
  await screen.getByRole('button', { name: 'vCPUs' }).click();
  expect(asked).toEqual([
    { column: 'memory', descending: true },
    { column: 'vcpus', descending: false }
  ]);
  await expect.element(screen.getByRole('columnheader', { name: 'vCPUs' })).toHaveAttribute('aria-sort', 'descending');
});

test('an absent figure is a dash', async () => {
  const { screen } = await show();
  await expect.element(screen.getByRole('img', { name: 'CPU of web-9: –' })).toBeInTheDocument();
});
