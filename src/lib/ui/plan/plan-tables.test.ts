import { createRawSnippet } from 'svelte';
import { expect, test } from 'vitest';
import { page } from 'vitest/browser';
import { render } from 'vitest-browser-svelte';
import { figuresOf } from '#lib/plan/made/figures.ts';
import type { Answer } from '#lib/plan/made/plan.ts';
import { plannedSteps } from '#lib/plan/made/planned-step.ts';
import type { Move } from '#lib/plugin/scheduler.ts';
import { DEFAULT_WEIGHTS } from '#lib/plugin/weights.ts';
import { someColumns } from '../../../../tests/support/some-columns.ts';
import { stepRows, type StepRow } from './step-rows.ts';
import StepTable from './StepTable.svelte';
import Tournament from './Tournament.svelte';

const HOST = { room: [8, 100, 100, 8_000], safe: [8, 100, 100, 4_000] };
const vm = (on: number) => ({ on, needs: [1, 10, 1, 3_000] });
const columns = someColumns([HOST, HOST, HOST], [vm(0), vm(0), vm(0)]);
const figures = (moves: readonly Move[]) => figuresOf(columns, DEFAULT_WEIGHTS, [], moves);
const BOTH = [
  { vm: 0, host: 1 },
  { vm: 1, host: 2 }
];
const answer = (scheduler: string, title: string): Answer => ({
  ...{ scheduler, title, state: 'done', fault: null, moves: [], shares: [], note: '', samples: [] },
  ...{ refused: 0, refusal: null, took: 20 }
});

test('steps are ticked one by one or all, and a VM is asked why it goes there', async () => {
  await page.viewport(1400, 800);
  const ticks: unknown[] = [];
  const steps = plannedSteps(columns, figures(BOTH).ordered, new Map());
  const props = {
    rows: stepRows(columns, steps, () => true),
    ticked: new Set(['id-0']),
    fixed: false,
    ontick: (keys: readonly string[], on: boolean) => ticks.push([keys, on]),
    why: createRawSnippet<[number]>((of) => ({ render: () => `<p>because of VM ${of()}</p>` }))
  };
  const standing = createRawSnippet<[StepRow]>((row) => ({
    render: () => `<p>${row().fromName} to ${row().hostName}</p>`
  }));
  const screen = await render(StepTable, props);
  const box = (name: string) => screen.getByRole('checkbox', { name });
  await expect.element(box('Approve the step of v0')).toBeChecked();
  await expect.element(box('All steps')).toBePartiallyChecked();
  await box('Approve the step of v1').click();
  await box('All steps').click();
  expect(ticks).toEqual([
    [['id-1'], true],
    [['id-0', 'id-1'], true]
  ]);
  const why = screen.getByRole('button', { name: 'Why v1 goes there' });
  await why.click();
  await expect.element(why).toHaveAttribute('aria-expanded', 'true');
  await expect.element(screen.getByText('because of VM 1')).toBeVisible();

  await screen.rerender({ ...props, rows: stepRows(columns, steps, (vm) => vm === 'id-0'), standing });
  await expect.element(box('Approve the step of v1')).toBeDisabled();
  await expect.element(screen.getByText('h0 to h1')).toBeVisible();
});

test('of several results the one that leaves least undone and costs least is marked, and a failed one cannot be chosen', async () => {
  const chosen: string[] = [];
  const results = [
    { answer: answer('lazy', 'Lazy'), figures: figures([]) },
    { answer: answer('even', 'Even'), figures: figures(BOTH) },
    { answer: answer('evil', 'Evil'), figures: null }
  ];
  const props = { columns, results, chosen: null, onchoose: (scheduler: string) => chosen.push(scheduler) };
  const screen = await render(Tournament, props);
  await expect.element(screen.getByRole('columnheader', { name: 'Even lowest cost' })).toBeVisible();
  await expect.element(screen.getByRole('row', { name: /^Moves 0 2 –$/ })).toBeVisible();
  await expect.element(screen.getByRole('button', { name: 'Choose this plan: Evil' })).toBeDisabled();
  await screen.getByRole('button', { name: 'Choose this plan: Even' }).click();
  expect(chosen).toEqual(['even']);
});
