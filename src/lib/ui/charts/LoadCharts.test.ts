import { expect, test } from 'vitest';
import { page, userEvent } from 'vitest/browser';
import { render } from 'vitest-browser-svelte';
import type { LoadChart } from '#lib/app/load/history.ts';
import { LoadGrid } from '#lib/app/load/series.ts';
import { Fault } from '#lib/model/fault.ts';
import type { HostId } from '#lib/model/ids.ts';
import { mib, millis, percent } from '#lib/model/units.ts';
import '../app.css';
import LoadCharts from './LoadCharts.svelte';
import type { Range } from './range.ts';

const NOW = 1_800_000_000_000;
const HOUR = 3_600_000;
const UNKNOWN = { diskRead: null, diskWrite: null, netReceive: null, netTransmit: null };

/** Half an hour of CPU and memory, the last step at NOW. */
function aLoad(more: Partial<LoadChart> = {}): LoadChart {
  const grid = new LoadGrid(millis(10_000), 360);
  for (let n = 0; n <= 180; n++) {
    grid.add({ at: millis(NOW - HOUR / 2 + n * 10_000), cpu: percent(n % 50), memoryUsed: mib(256), ...UNKNOWN });
  }
  return { series: grid.series(), coming: 0, faults: new Map(), ...more };
}
const NONE: LoadChart = { series: new LoadGrid(millis(10_000), 360).series(), coming: 0, faults: new Map() };

async function show(load: LoadChart = aLoad(), range: Range = { span: '1h', zoom: null }) {
  await page.viewport(1000, 800);
  const wanted: Range[] = [];
  let again = 0;
  const screen = await render(LoadCharts, {
    load,
    hosts: 1,
    range,
    clock: NOW,
    now: { cpu: percent(42), memoryUsed: mib(300), ...UNKNOWN },
    memory: 512,
    onrange: (next: Range) => {
      wanted.push(next);
      void screen.rerender({ range: next });
    },
    onagain: () => again++
  });
  const chart = (name: string) => screen.getByRole('slider', { name, exact: true });
  const figure = (name: string) => screen.container.querySelector(`figure:has([aria-label="${name}"]) figcaption`);
  return { screen, wanted, chart, figure, again: () => again };
}

test('four charts show what is now, and “–” where a figure does not exist', async () => {
  const { screen, chart, figure } = await show();
  await expect.element(chart('CPU')).toHaveAttribute('aria-valuetext', 'now, CPU 42\u00a0%');
  await expect.element(chart('Network')).toHaveAttribute('aria-valuetext', 'now, In –, Out –');
  expect(figure('Memory')?.textContent).toContain('300\u00a0MiB');
  expect(screen.container.querySelectorAll('canvas')).toHaveLength(4);
  expect(screen.getByText('This figure is not known here.').elements()).toHaveLength(2);
});

test('charts of which nothing is known now are not called live', async () => {
  const { screen } = await show();
  await expect.element(screen.getByText('Live', { exact: true })).toBeVisible();
  await screen.rerender({ now: null });
  await expect.element(screen.getByText('No figures of now')).toBeVisible();
  expect(screen.getByText('Live', { exact: true }).elements()).toHaveLength(0);
});

test('arrow keys move one crosshair through all charts, and Esc takes it away', async () => {
  const { chart } = await show();
  (chart('CPU').element() as HTMLElement).focus();
  await userEvent.keyboard('{ArrowLeft}');
  await expect.element(chart('CPU')).toHaveAttribute('aria-valuetext', expect.stringContaining('CPU 29\u00a0%'));
  await expect.element(chart('Memory')).toHaveAttribute('aria-valuetext', expect.stringContaining('256\u00a0MiB'));
  await userEvent.keyboard('{ArrowLeft}');
  await expect.element(chart('CPU')).toHaveAttribute('aria-valuetext', expect.stringContaining('CPU 28\u00a0%'));
  await userEvent.keyboard('{Escape}');
  await expect.element(chart('CPU')).toHaveAttribute('aria-valuetext', expect.stringContaining('now'));
});

test('the pointer moves the same crosshair, and drawing across looks closer', async () => {
  const { screen, wanted, chart } = await show();
  const over = screen.container.querySelector('.u-over');
  if (over === null) throw new Error('nothing is drawn');
  const { left, top, width } = over.getBoundingClientRect();
  const mouse = (type: string, share: number) =>
    over.dispatchEvent(
      new MouseEvent(type, {
        bubbles: true,
        clientX: left + width * share,
        clientY: top + 20,
        // uPlot takes only movements that are one.
        movementX: 1
      })
    );
  mouse('mouseenter', 0.75);
  mouse('mousemove', 0.75);
  await expect.element(chart('Memory')).toHaveAttribute('aria-valuetext', expect.stringContaining('256\u00a0MiB'));
  mouse('mousedown', 0.5);
  mouse('mousemove', 0.75);
  document.dispatchEvent(
    new MouseEvent('mouseup', { bubbles: true, clientX: left + width * 0.75, clientY: top + 20, movementX: 1 })
  );
  await expect.poll(() => wanted.length).toBe(1);
  const { span, zoom } = wanted[0] ?? {};
  expect(span).toBe('1h');
  expect(Math.abs((zoom?.from ?? 0) - (NOW - HOUR / 2))).toBeLessThan(20_000);
  expect(Math.abs((zoom?.to ?? 0) - (NOW - HOUR / 4))).toBeLessThan(20_000);
  await expect.element(screen.getByText('mean').first()).toBeVisible();
  await screen.getByRole('button', { name: 'Back to the whole' }).click();
  expect(wanted.at(-1)).toEqual({ span: '1h', zoom: null });
});

test('a range is chosen by a button, which says which one it is', async () => {
  const { screen, wanted } = await show();
  const six = screen.getByRole('button', { name: '6\u00a0h' });
  await expect.element(six).toHaveAttribute('aria-pressed', 'false');
  await six.click();
  expect(wanted).toEqual([{ span: '6h', zoom: null }]);
  await expect.element(six).toHaveAttribute('aria-pressed', 'true');
});

test('while the host is asked there is a skeleton; a past of which nothing is known is said to be so', async () => {
  const { screen } = await show({ ...NONE, coming: 1 }, { span: '1h', zoom: { from: NOW - 120_000, to: NOW } });
  await expect.element(screen.getByRole('status', { name: /^Asking/ }).first()).toBeVisible();
  await screen.rerender({ load: NONE });
  await expect.element(screen.getByText(/^Nothing is known of this time/)).toBeVisible();
});

test('a host that refuses says why, and can be asked again; one that is too old is told apart', async () => {
  const host = 'n1' as HostId;
  const refused = new Fault('not-found', { kind: 'VM', id: 'x' });
  const { screen, again } = await show(aLoad({ faults: new Map([[host, refused]]) }));
  await expect.element(screen.getByText(/there is no VM/)).toBeVisible();
  await screen.getByRole('button', { name: 'Try again' }).click();
  expect(again()).toBe(1);
  const older = new Fault('malformed', { where: 'command@op', reason: 'it is no known op' });
  await screen.rerender({ load: aLoad({ faults: new Map([[host, older]]) }) });
  await expect.element(screen.getByText(/older than load history/)).toBeVisible();
});

test('screen readers get each line’s last, least, greatest and mean', async () => {
  const { screen } = await show();
  const rows = [...screen.container.querySelectorAll('table tr')].map((row) =>
    [...row.children].map((cell) => cell.textContent)
  );
  expect(rows).toContainEqual(['Memory', ...Array<string>(4).fill('256\u00a0MiB')]);
  expect(rows).toContainEqual(['In', '–', '–', '–', '–']);
});
