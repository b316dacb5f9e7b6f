import { flushSync as flush } from 'svelte';
import { beforeEach, expect, test } from 'vitest';
import { page, userEvent } from 'vitest/browser';
import { render } from 'vitest-browser-svelte';
import type { ResolvedPathname } from '$app/types';
import '../app.css';
import type { Host } from '#lib/model/fleet.ts';
import { aHost } from '../../../../tests/support/a-fleet.ts';
import { aVm } from '../../../../tests/support/fake-host.ts';
import type { Item } from './boxes.ts';
import Topology from './Topology.svelte';

const HOSTILE = '<img src=x onerror="document.title=1"> \u202egnp.exe';
const [ONE, TWO] = [aVm(1, { name: 'web-1' }), aVm(2, { name: HOSTILE })];

beforeEach(() => page.viewport(1000, 700));

async function show(hosts: readonly Host[]) {
  const opened: Item[] = [];
  const chosen: (string | null)[] = [];
  const props = {
    hosts,
    metric: 'cpu' as const,
    selected: null,
    matches: () => true,
    toCome: [],
    select: (id: string | null) => `#select=${id ?? ''}` as ResolvedPathname,
    hostHref: (id: string) => `#host=${id}` as ResolvedPathname,
    vmHref: (id: string) => `#vm=${id}` as ResolvedPathname,
    onselect: (id: string | null) => void chosen.push(id),
    onopen: (item: Item) => void opened.push(item)
  };
  const screen = await render(Topology, props);
  const stage = screen.getByRole('application');
  const element = () => stage.element() as HTMLElement;
  element().parentElement?.style.setProperty('height', '500px');
  // Drawn at the size it has now.
  await expect.poll(() => element().querySelector('canvas')?.height).toBeGreaterThan(400);
  const link = () => element().querySelector('a')?.getAttribute('href');
  const said = () => screen.container.querySelector('[aria-live]')?.textContent ?? '';
  /** Points at the first place, row by row, whose link is `href`. */
  const pointAt = (href: string): MouseEventInit => {
    const { left, top, width, height } = element().getBoundingClientRect();
    for (let y = 5; y < height; y += 20)
      for (let x = 5; x < width; x += 20) {
        const at = { clientX: left + x, clientY: top + y, bubbles: true };
        element().dispatchEvent(new PointerEvent('pointermove', at));
        flush();
        if (link() === href) return at;
      }
    throw new Error(`nothing on the map leads to ${href}`);
  };
  return { screen, props, stage, element, link, said, pointAt, opened, chosen };
}

test('what lies under the pointer is a link that selects it, and says what it is', async () => {
  const { screen, pointAt, link, element } = await show([aHost('n1', [ONE]), aHost('n2')]);
  pointAt(`#select=${ONE.id}`);
  await expect.element(screen.getByText('web-1').first()).toBeVisible();
  await expect.element(screen.getByText('Double-click to open')).toBeVisible();
  element().dispatchEvent(new PointerEvent('pointerleave'));
  flush();
  expect(link()).toBe('#select=');
});

test('a click selects what it meets, and a double click opens what its first click met', async () => {
  const { pointAt, element, opened, chosen } = await show([aHost('n1', [ONE])]);
  const at = pointAt(`#select=${ONE.id}`);
  const surface = element().querySelector('a');
  surface?.dispatchEvent(new MouseEvent('click', { ...at, detail: 1, cancelable: true }));
  element().dispatchEvent(new PointerEvent('pointermove', { ...at, clientX: 1, clientY: 1 })); // the map has moved under it
  surface?.dispatchEvent(new MouseEvent('click', { ...at, detail: 2, cancelable: true }));
  surface?.dispatchEvent(new MouseEvent('dblclick', at));
  expect(chosen).toEqual([ONE.id]);
  expect(opened).toEqual([{ kind: 'vm', host: 'n1', vm: ONE.id }]);
});

test('one stop of Tab; from there the keyboard walks in, along and out, and says where it is', async () => {
  const { stage, said, opened, chosen } = await show([aHost('n1', [ONE, TWO]), aHost('n2')]);
  await userEvent.tab();
  await expect.element(stage).toHaveFocus();
  await expect.poll(said).toMatch(/^Site .north.*2.hosts/);
  await userEvent.keyboard('{Alt>}{ArrowDown}{/Alt}');
  await expect.poll(said).toMatch(/^Host .n1/);
  await userEvent.keyboard('{Alt>}{ArrowDown}{/Alt}');
  await expect.poll(said).toMatch(/^VM .*running/);
  await userEvent.keyboard('{Enter}');
  expect(opened).toMatchObject([{ kind: 'vm', host: 'n1' }]);
  await userEvent.keyboard('{Backspace}');
  await expect.poll(said).toMatch(/^Host .n1/);
  await userEvent.keyboard(' ');
  expect(chosen).toEqual(['n1']);
});

test('the table beside the canvas lists all hosts, and the VMs of the host where the keyboard is; a hostile name is text', async () => {
  const { screen } = await show([aHost('n1', [ONE, TWO]), aHost('n2')]);
  const table = screen.getByRole('table');
  await expect.element(table.getByRole('link', { name: 'n2' })).toBeInTheDocument();
  expect(table.getByRole('link', { name: /web-1/ }).elements()).toHaveLength(0);
  await userEvent.tab();
  await userEvent.keyboard('{Alt>}{ArrowDown}{/Alt}');
  await expect.element(table.getByRole('link', { name: 'web-1' })).toBeInTheDocument();
  await expect.element(table.getByText(HOSTILE)).toBeInTheDocument();
  expect(screen.container.querySelectorAll('img')).toHaveLength(0);
});

test('a fleet of 20,000 VMs stays a small document', async () => {
  const hosts = Array.from({ length: 1000 }, (_, at) =>
    aHost(
      `h${at}`,
      Array.from({ length: 20 }, (__, n) => aVm(at * 20 + n)),
      { site: `s${at % 3}` }
    )
  );
  const { screen } = await show(hosts);
  await expect.element(screen.getByRole('table')).toBeInTheDocument();
  expect(screen.container.querySelectorAll('*').length).toBeLessThan(2500);
});

test('a VM that has moved is announced', async () => {
  const { screen, props, said } = await show([aHost('n1', [ONE]), aHost('n2')]);
  await screen.rerender({ ...props, hosts: [aHost('n1'), aHost('n2', [ONE])] });
  await expect.poll(said).toBe('web-1 moved from n1 to n2');
});

test('zooming by keys and buttons, and back to the whole', async () => {
  const { screen } = await show([aHost('n1', [ONE])]);
  const fit = screen.getByRole('button', { name: 'Show the whole map' });
  await expect.element(fit).toBeDisabled();
  await screen.getByRole('button', { name: 'Zoom in' }).click();
  await expect.element(fit).toBeEnabled();
  await userEvent.tab({ shift: true });
  await userEvent.keyboard('0');
  await expect.element(fit).toBeDisabled();
});

test('without hosts there is an empty map, not an error', async () => {
  const { stage, said } = await show([]);
  await userEvent.tab();
  await expect.element(stage).toHaveFocus();
  await userEvent.keyboard('{ArrowDown}');
  await expect.poll(said).toBe('Nothing further on this side');
});
