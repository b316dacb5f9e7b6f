import { expect, test } from 'vitest';
import { page } from 'vitest/browser';
import { render } from 'vitest-browser-svelte';
import type { ResolvedPathname } from '$app/types';
import type { Task, TaskGroup } from '#lib/app/tasks/task.ts';
import { Fault } from '#lib/model/fault.ts';
import type { CommandId, HostId } from '#lib/model/ids.ts';
import { bytes, millis, percent } from '#lib/model/units.ts';
import type { TaskAbout } from './task-about.ts';
import '../app.css';
import TaskTray from './TaskTray.svelte';

const NOW = 1_800_000_000_000;
const task = (id: number, title: string, more: Partial<Task> = {}): Task => ({
  id,
  command: String(id) as CommandId,
  op: 'vm.clone',
  title: () => title,
  host: 'n1' as HostId,
  hostName: 'n1',
  vm: null,
  status: 'done',
  startedAt: millis(NOW - 20_000),
  endedAt: millis(NOW - 18_000),
  fault: null,
  effects: [],
  journal: 7,
  because: null,
  open: true,
  by: null,
  ...more
});
const running = (id: number, title: string) => task(id, title, { status: 'running', endedAt: null, journal: null });
const NOTHING: TaskAbout = { href: null, progress: null, cancel: null, cancelling: false, canRetry: false, by: null };

async function show(
  tasks: readonly Task[],
  about: (task: Task) => Partial<TaskAbout> = () => ({}),
  open = true,
  groups: readonly TaskGroup[] = []
) {
  await page.viewport(1400, 800);
  const asked: string[] = [];
  const screen = await render(TaskTray, {
    tasks,
    groups,
    now: NOW,
    all: '/tasks' as ResolvedPathname,
    open,
    about: (each: Task) => ({ ...NOTHING, ...about(each) }),
    ontoggle: () => asked.push('fold'),
    oncancel: (each: Task) => asked.push(`cancel ${each.id}`),
    onretry: (each: Task) => asked.push(`retry ${each.id}`)
  });
  const lines = () => [...screen.container.querySelectorAll('.task')].map((line) => line.textContent);
  // What draws them is fetched.
  await expect.poll(() => lines().length).toBe(open ? tasks.length : 1);
  return { screen, asked, lines };
}

test('running tasks stand first, and a folded tray shows the first of them', async () => {
  const tasks = [task(3, 'Pause c'), running(2, 'Clone b'), task(1, 'Pause a')];
  const { lines } = await show(tasks);
  expect(lines().map((line) => /(Pause|Clone) ./.exec(line)?.[0])).toEqual(['Clone b', 'Pause c', 'Pause a']);
  const folded = await show(tasks, undefined, false);
  expect(folded.lines()).toHaveLength(1);
  expect(folded.lines()[0]).toContain('Clone b');
});

test('progress is a bar with the percent the host tells, and one without where it tells none', async () => {
  const copying = {
    command: '1' as CommandId,
    stage: 'copying',
    percent: percent(40),
    remaining: null,
    rate: null,
    pass: null,
    stale: false
  } as const;
  const { screen } = await show([running(1, 'Clone a'), running(2, 'Start b')], ({ id }) => ({
    progress: id === 1 ? copying : null
  }));
  const bar = screen.getByRole('progressbar', { name: 'Clone a' });
  await expect.element(bar).toHaveAttribute('aria-valuenow', '40');
  await expect.element(bar).toHaveAttribute('aria-valuetext', 'copying 40\u00a0%');
  await expect.element(screen.getByText(/copying 40/)).toBeVisible();
  await expect.element(screen.getByRole('progressbar', { name: 'Start b' })).not.toHaveAttribute('aria-valuenow');
});

test('Cancel is there where it can be done, and says what it means', async () => {
  const { screen, asked } = await show(
    [running(1, 'Clone a'), running(2, 'Pause b'), running(3, 'Clone c')],
    ({ id }) => ({
      cancel: id === 2 ? null : 'undo',
      cancelling: id === 3
    })
  );
  const cancel = screen.getByRole('button', { name: 'Cancel “Clone a”' });
  await expect.element(cancel).toHaveAttribute('title', expect.stringContaining('removes what it made'));
  await cancel.click();
  expect(asked).toEqual(['cancel 1']);
  await expect.element(screen.getByRole('button', { name: /Cancel “Pause/ })).not.toBeInTheDocument();
  await expect.element(screen.getByRole('button', { name: 'cancelling…' })).toBeDisabled();
});

test('what others have given stands among what runs, with its owner', async () => {
  const { screen } = await show([running(2, 'Move b'), running(1, 'Move a')], ({ id }) => ({
    by: { label: 'Ada', you: id === 1 }
  }));
  await expect.element(screen.getByText('n1 · of Ada')).toBeVisible();
  await expect.element(screen.getByText('n1 · yours, elsewhere')).toBeVisible();
  await expect.element(screen.getByText('2 running · 0 finished')).toBeVisible();
});

test('on a telephone two moves are told apart, and how far they are is said', async () => {
  const moving = {
    ...{ command: '1' as CommandId, stage: 'copying' as const, percent: percent(25) },
    ...{ remaining: bytes(48 * 2 ** 20), rate: null, pass: null, stale: false }
  } as const;
  const titles = ['Move web-frontend-1 to south-rack-2', 'Move web-frontend-2 to south-rack-1'];
  const { screen } = await show(
    titles.map((title, at) => running(at, title)),
    () => ({ progress: moving, cancel: 'undo', by: { label: 'Ada', you: false } })
  );
  await page.viewport(390, 844);
  /** Drawn, and not cut off. */
  const whole = (text: string | RegExp): void => {
    const found = screen.getByText(text).elements();
    expect(found.length).toBeGreaterThan(0);
    for (const { scrollWidth, clientWidth, scrollHeight, clientHeight } of found) {
      expect(clientWidth).toBeGreaterThan(0);
      expect(scrollWidth).toBeLessThanOrEqual(clientWidth);
      expect(scrollHeight).toBeLessThanOrEqual(clientHeight);
    }
  };
  for (const text of [...titles, /copying 25.*48.MiB to go/, 'n1 · of Ada']) whole(text);
  expect(document.documentElement.scrollWidth).toBeLessThanOrEqual(innerWidth);
});

test('a failed task says why, leads to its object and can be given again', async () => {
  const fault = new Fault('hypervisor', { operation: 'clone', reason: 'no space left' });
  const { screen, asked } = await show([task(1, 'Clone a', { status: 'failed', fault })], () => ({
    href: '#/vms/1' as ResolvedPathname,
    canRetry: true
  }));
  await expect.element(screen.getByRole('link', { name: 'Clone a' })).toHaveAttribute('href', '#/vms/1');
  await expect.element(screen.getByText(/no space left/)).toBeVisible();
  await screen.getByRole('button', { name: 'Try again: Clone a' }).click();
  expect(asked).toEqual(['retry 1']);
});

test('commands of a plan stand under it: those that run, and all when it is opened', async () => {
  const because = { group: 'p1', step: 0, note: '' };
  const group: TaskGroup = {
    ...{ id: 'p1', title: () => 'Rebalance', words: () => '1 of 3 done', share: 0.4, status: 'running', toCome: [] },
    ...{ href: '/plans/p1', startedAt: millis(NOW - 9_000), endedAt: null }
  };
  const tasks = [
    task(4, 'Pause d'),
    { ...running(3, 'Move c'), because },
    { ...task(2, 'Move b'), because },
    task(1, 'Pause a')
  ];
  const { screen, lines } = await show(tasks, undefined, true, [group]);
  const titles = () => lines().map((line) => /Rebalance|(?:Pause|Move) ./.exec(line)?.[0]);
  expect(titles()).toEqual(['Rebalance', 'Move c', 'Pause d', 'Pause a']);
  await expect.element(screen.getByRole('link', { name: 'Rebalance' })).toHaveAttribute('href', '/plans/p1');
  await screen.getByRole('button', { name: /commands of Rebalance$/ }).click();
  expect(titles()).toEqual(['Rebalance', 'Move c', 'Move b', 'Pause d', 'Pause a']);
  const folded = await show(tasks, undefined, false, [group]);
  expect(folded.lines()[0]).toContain('1 of 3 done');
});

test('a title that is markup or enormous is text, and does not widen the tray', async () => {
  const hostile = `<img src=x onerror="document.title=1"> \u202egnp.exe ${'w'.repeat(2000)}`;
  const { screen } = await show([running(1, hostile), task(2, hostile)], () => ({ cancel: 'undo' }));
  expect(screen.container.querySelectorAll('img')).toHaveLength(0);
  expect(document.documentElement.scrollWidth).toBeLessThanOrEqual(innerWidth);
});
