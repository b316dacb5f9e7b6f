import { expect, test } from 'vitest';
import { userEvent } from 'vitest/browser';
import { render } from 'vitest-browser-svelte';
import type { ResolvedPathname } from '$app/types';
import { aHost } from '../../../../tests/support/a-fleet.ts';
import { aVm } from '../../../../tests/support/fake-host.ts';
import Tree from './Tree.svelte';
import { treeRows, type TreeRow } from './tree-rows.ts';

const HOSTS = [aHost('n1', [aVm(1, { name: '<script>alert(1)</script>' })]), aHost('n2', [], { link: 'offline' })];

async function show() {
  const folds: [string, boolean][] = [];
  const screen = await render(Tree, {
    rows: treeRows({ hosts: HOSTS, grouping: 'site', folds: new Map(), keep: null }),
    current: 'n1',
    href: (row: TreeRow) => `/x/${row.key}` as ResolvedPathname,
    onfold: (key: string, open: boolean) => folds.push([key, open]),
    ongo: () => undefined
  });
  return { screen, folds };
}

test('one row is reached by Tab, and arrow keys go on from there', async () => {
  const { screen, folds } = await show();
  await userEvent.tab();
  await expect.element(screen.getByRole('treeitem', { name: /^online n1/ })).toHaveFocus();
  await userEvent.keyboard('{ArrowDown}');
  await expect.element(screen.getByRole('treeitem', { name: /script/ })).toHaveFocus();
  await userEvent.keyboard('{ArrowLeft}');
  await expect.element(screen.getByRole('treeitem', { name: /^online n1/ })).toHaveFocus();
  await userEvent.keyboard('{ArrowLeft}');
  expect(folds).toEqual([['n1', false]]);
});

test('state is in words too, and a hostile name is only text', async () => {
  const { screen } = await show();
  await expect.element(screen.getByRole('treeitem', { name: /^no link n2/ })).toBeInTheDocument();
  await expect.element(screen.getByText('<script>alert(1)</script>')).toBeInTheDocument();
  expect(screen.container.querySelectorAll('script')).toHaveLength(0);
});
