import { createRawSnippet } from 'svelte';
import { expect, test } from 'vitest';
import { page, userEvent } from 'vitest/browser';
import { render } from 'vitest-browser-svelte';
import type { ResolvedPathname } from '$app/types';
import { en } from '#lib/messages/en.ts';
import type { Vm } from '#lib/model/fleet.ts';
import { vcpus } from '#lib/model/units.ts';
import { aHost } from '../../../../tests/support/a-fleet.ts';
import { aVm } from '../../../../tests/support/fake-host.ts';
import { NOTHING, type Selection } from './selection.ts';
import type { Sorting } from './sort.ts';
import { vmColumns } from './vm-columns.ts';
import VmTable from './VmTable.svelte';

const HOSTILE = '<img src=x onerror="document.title=1"> \u202egnp.exe';
const THREE = [
  aVm(1, { name: 'web-10' }),
  aVm(2, { name: HOSTILE }),
  aVm(3, { name: 'web-9', vcpus: vcpus(3), state: 'off' })
];
const many = (count: number) => Array.from({ length: count }, (_, n) => aVm(n, { name: `vm-${n}` }));

async function show(vms: readonly Vm[] = THREE, sorting: Sorting | null = null) {
  await page.viewport(1400, 800); // narrow screens leave columns out
  const host = aHost('n1', vms);
  const asked: Sorting[] = [];
  const opened: string[] = [];
  const picked: string[] = [];
  let selection: Selection = NOTHING;
  const props = {
    rows: vms.map((vm) => ({ host, vm })),
    columns: vmColumns(en, true).filter(({ shown }) => shown !== 'chosen'),
    sorting,
    view: '',
    now: 0,
    vmHref: (vm: string) => `#/vms/${vm}` as ResolvedPathname,
    hostHref: (id: string) => `#/hosts/${id}` as ResolvedPathname,
    tagHref: (tag: string) => `#/?q=tag:${tag}` as ResolvedPathname,
    onsort: (wanted: Sorting) => asked.push(wanted),
    onopen: ({ vm }: { vm: Vm }) => opened.push(vm.name),
    onpick: ({ vm }: { vm: Vm }) => picked.push(vm.name),
    onselection: (next: Selection) => {
      selection = next;
      void screen.rerender({ selection });
    },
    empty: createRawSnippet(() => ({ render: () => '<p>none</p>' }))
  };
  const screen = await render(VmTable, { ...props, selection });
  const names = () => [...screen.container.querySelectorAll('a.name')].map((link) => link.textContent);
  const chosen = () => vms.filter((vm) => selection.ids.has(vm.id)).map(({ name }) => name);
  const grid = screen.getByRole('grid');
  const focus = () => (grid.element() as HTMLElement).focus();
  return { screen, asked, opened, picked, names, chosen, grid, focus };
}

test('a hostile name is only text', async () => {
  const { screen } = await show();
  expect(screen.container.querySelectorAll('img')).toHaveLength(0);
  await expect.element(screen.getByRole('link', { name: HOSTILE })).toHaveAttribute('title', HOSTILE);
  expect(document.title).not.toBe('1');
});

test('names sort as people count', async () => {
  const { names } = await show(THREE, { column: 'name', descending: false });
  expect(names().indexOf('web-9')).toBeLessThan(names().indexOf('web-10'));
});

test('a press on a column asks for its order, figures largest first, and again for the other way', async () => {
  const { screen, asked } = await show(THREE, { column: 'vcpus', descending: true });
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

test('of 20,000 rows only those in sight are drawn, and the grid says how many there are', async () => {
  const { grid, names, focus } = await show(many(20_000));
  await expect.element(grid).toHaveAttribute('aria-rowcount', '20001');
  expect(names().length).toBeLessThan(60);
  expect(names()[0]).toBe('vm-0');
  focus();
  await userEvent.keyboard('{End}');
  await expect.poll(() => names().at(-1)).toBe('vm-19999');
  expect(names().length).toBeLessThan(60);
  const active = document.getElementById(grid.element().getAttribute('aria-activedescendant') ?? '');
  expect(active?.getAttribute('aria-rowindex')).toBe('20001');
});

test('rows are chosen by their boxes, ranges with Shift, all by the box in the head', async () => {
  const { screen, chosen } = await show(many(9));
  await screen.getByRole('checkbox', { name: 'Select vm-2' }).click();
  await screen.getByRole('checkbox', { name: 'Select vm-5' }).click({ modifiers: ['Shift'] });
  expect(chosen()).toEqual(['vm-2', 'vm-3', 'vm-4', 'vm-5']);
  await screen.getByRole('checkbox', { name: 'Select vm-3' }).click();
  expect(chosen()).toEqual(['vm-2', 'vm-4', 'vm-5']);
  const all = screen.getByRole('checkbox', { name: 'Select all' });
  expect((all.element() as HTMLInputElement).indeterminate).toBe(true);
  await all.click();
  expect(chosen()).toHaveLength(9);
  await all.click();
  expect(chosen()).toEqual([]);
});

test('everything goes by keyboard: move, choose, choose a range or all, open, clear', async () => {
  const { chosen, opened, focus } = await show(many(9));
  focus();
  await userEvent.keyboard('{ArrowDown}{ArrowDown} ');
  expect(chosen()).toEqual(['vm-1']);
  await userEvent.keyboard('{Shift>}{ArrowDown}{ArrowDown}{/Shift}');
  expect(chosen()).toEqual(['vm-1', 'vm-2', 'vm-3']);
  await userEvent.keyboard('{Enter}');
  expect(opened).toEqual(['vm-3']);
  await userEvent.keyboard('{Control>}a{/Control}');
  expect(chosen()).toHaveLength(9);
  await userEvent.keyboard('{Escape}');
  expect(chosen()).toEqual([]);
});

test('a press on a row shows its details, on a link it does not, with Ctrl it chooses', async () => {
  const { screen, picked, chosen } = await show(many(3));
  await screen.getByRole('row', { name: /vm-1/ }).getByText('running').click();
  expect(picked).toEqual(['vm-1']);
  await screen.getByRole('link', { name: 'vm-2' }).click();
  expect(picked).toEqual(['vm-1']);
  await screen
    .getByRole('row', { name: /vm-0/ })
    .getByText('running')
    .click({ modifiers: ['Control'] });
  expect(chosen()).toEqual(['vm-0']);
  expect(picked).toEqual(['vm-1']);
});

test('a tag is a way to filter by it', async () => {
  const { screen } = await show([Object.assign(aVm(1), { tags: ['db'] })]);
  await expect.element(screen.getByRole('link', { name: 'db' })).toHaveAttribute('href', '#/?q=tag:db');
});

test('without rows there is what says so', async () => {
  const { screen } = await show([]);
  await expect.element(screen.getByText('none')).toBeVisible();
  expect(screen.container.querySelector('table')).toBeNull();
});
