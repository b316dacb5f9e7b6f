import { expect, test } from 'vitest';
import { render } from 'vitest-browser-svelte';
import type { StartVmJob } from '#lib/app/tasks/start-job.ts';
import type { Task } from '#lib/app/tasks/task.ts';
import type { Capability, Vm } from '#lib/model/fleet.ts';
import { vcpus } from '#lib/model/units.ts';
import { aHost } from '../../../../tests/support/a-fleet.ts';
import { aVm } from '../../../../tests/support/fake-host.ts';
import CpuShareRows from './CpuShareRows.svelte';

const RUNNING = aVm(1, { vcpusMax: vcpus(4), cpuShare: { weight: 256, cap: null }, affinity: '' });
const SHARED: Capability = { name: 'cpu-share', live: true, means: 'credit scheduler', reason: null };

/** What was started, as [operation, arguments]. */
async function show(vm: Vm, capability = SHARED, answer: Promise<Task> = Promise.resolve({} as Task)) {
  const started: unknown[] = [];
  const plain = aHost('n1', [vm]);
  const host = { ...plain, facts: plain.facts && { ...plain.facts, capabilities: [capability] } };
  const start: StartVmJob = (job, input) => {
    const { op, args } = job.command({ host, vm }, input);
    started.push([op, args]);
    return answer;
  };
  const screen = await render(CpuShareRows, { host, vm, blocked: null, start });
  return { screen, started };
}

test('weight and cap are changed each by itself, by the means of the host', async () => {
  const { screen, started } = await show(RUNNING);
  await screen.getByRole('button', { name: 'More: Weight' }).click();
  await expect.element(screen.getByText(/credit scheduler/)).toBeVisible();
  await screen.getByRole('button', { name: 'Apply now' }).click();
  await screen.getByRole('spinbutton', { name: 'Cap' }).fill('150%');
  await screen.getByRole('button', { name: 'Apply now' }).click();
  expect(started).toEqual([
    ['vm.set-cpu-share', { vm: RUNNING.id, weight: 320, cap: null, when: 'now' }],
    ['vm.set-cpu-share', { vm: RUNNING.id, weight: 256, cap: 150, when: 'now' }]
  ]);
});

test('a cap that is set while a weight is under way takes it along', async () => {
  const { screen, started } = await show(RUNNING, SHARED, new Promise<Task>(() => undefined));
  await screen.getByRole('button', { name: 'More: Weight' }).click();
  await screen.getByRole('button', { name: 'Apply now' }).click();
  await screen.getByRole('spinbutton', { name: 'Cap' }).fill('150%');
  await screen.getByRole('button', { name: 'Apply now' }).click();
  expect(started.at(-1)).toEqual(['vm.set-cpu-share', { vm: RUNNING.id, weight: 320, cap: 150, when: 'now' }]);
});

test('no cap reads “none”, and nothing typed takes a cap away', async () => {
  const { screen, started } = await show({ ...RUNNING, cpuShare: { weight: 512, cap: 50 } });
  const field = screen.getByRole('spinbutton', { name: 'Cap' });
  await expect.element(field).toHaveValue('50 %');
  await field.fill('');
  await screen.getByRole('button', { name: 'Apply now' }).click();
  expect(started).toEqual([['vm.set-cpu-share', { vm: RUNNING.id, weight: 512, cap: null, when: 'now' }]]);
});

test('what the next boot brings is shown, and a change of it keeps the rest of it', async () => {
  const { screen, started } = await show({ ...RUNNING, cpuShareNext: { weight: 128, cap: 20 } });
  await expect.element(screen.getByText('next boot: 128')).toBeVisible();
  await expect.element(screen.getByText('next boot: 20 %')).toBeVisible();
  await screen.getByRole('button', { name: 'Take back what the next boot would bring: Weight' }).click();
  expect(started).toEqual([['vm.set-cpu-share', { vm: RUNNING.id, weight: 256, cap: 20, when: 'next-boot' }]]);
});

test('a host that divides nothing says why, and still pins', async () => {
  const reason = 'not in an unprivileged session';
  const { screen, started } = await show({ ...RUNNING, cpuShare: null }, { ...SHARED, live: false, reason });
  await expect.element(screen.getByText(`No share of the CPUs: ${reason}.`)).toBeVisible();
  expect(screen.getByRole('spinbutton').elements()).toHaveLength(0);
  const field = screen.getByRole('textbox', { name: 'CPUs' });
  await field.fill('9');
  await expect.element(screen.getByText(/has CPUs 0 to 7/)).toBeVisible();
  await expect.element(screen.getByRole('button', { name: 'Apply now' })).toBeDisabled();
  await field.fill('0, 2-3');
  await screen.getByRole('button', { name: 'Apply now' }).click();
  expect(started).toEqual([['vm.set-vcpu-affinity', { vm: RUNNING.id, cpus: '0,2-3', when: 'now' }]]);
});
