import { expect, test } from 'vitest';
import { render } from 'vitest-browser-svelte';
import type { StartVmJob } from '#lib/app/tasks/start-job.ts';
import type { Task } from '#lib/app/tasks/task.ts';
import type { Vm } from '#lib/model/fleet.ts';
import { mib, millis, vcpus } from '#lib/model/units.ts';
import { aHost } from '../../../../tests/support/a-fleet.ts';
import { aVm } from '../../../../tests/support/fake-host.ts';
import Hotplug from './Hotplug.svelte';

const RUNNING = aVm(1, {
  vcpus: vcpus(2),
  vcpusMax: vcpus(4),
  memory: mib(4096),
  memoryMax: mib(8192),
  seen: { by: 'guest-agent', at: millis(0), vcpus: vcpus(2), memory: mib(1024) }
});

/** What was started, as [operation, arguments]. */
async function show(vm: Vm, blocked: string | null = null, answer: Promise<Task> = Promise.resolve({} as Task)) {
  const started: unknown[] = [];
  const host = aHost('n1', [vm]);
  const start: StartVmJob = (job, input) => {
    const { op, args } = job.command({ host, vm }, input);
    started.push([op, args]);
    return answer;
  };
  const screen = await render(Hotplug, { host, vm, blocked, start });
  return { screen, started };
}

test('the steppers show what is asked, and beside it what the guest sees', async () => {
  const { screen } = await show(RUNNING);
  await expect.element(screen.getByRole('spinbutton', { name: 'vCPUs' })).toHaveValue('2');
  await expect.element(screen.getByText(/guest sees 2/)).toBeVisible();
  await expect.element(screen.getByRole('spinbutton', { name: 'Memory' })).toHaveValue('4 GiB');
  await expect.element(screen.getByText(/1\sGiB of 4\sGiB/)).toBeVisible();
});

test('a step is only a wish until it is applied', async () => {
  const { screen, started } = await show(RUNNING);
  await screen.getByRole('button', { name: 'More: vCPUs' }).click();
  await expect.element(screen.getByRole('spinbutton', { name: 'vCPUs' })).toHaveValue('3');
  expect(started).toEqual([]);
  await screen.getByRole('button', { name: 'Apply now' }).click();
  expect(started).toEqual([['vm.set-vcpus', { vm: RUNNING.id, vcpus: 3, when: 'now' }]]);
});

test('what is under way stands in the field until the host has answered, and the next step counts from there', async () => {
  const { promise, resolve } = Promise.withResolvers<Task>();
  const { screen, started } = await show(RUNNING, null, promise);
  const field = screen.getByRole('spinbutton', { name: 'vCPUs' });
  for (let step = 0; step < 2; step++) {
    await screen.getByRole('button', { name: 'More: vCPUs' }).click();
    await screen.getByRole('button', { name: 'Apply now' }).click();
  }
  await expect.element(field).toHaveValue('4');
  expect(started).toEqual([3, 4].map((count) => ['vm.set-vcpus', { vm: RUNNING.id, vcpus: count, when: 'now' }]));
  resolve({} as Task);
  await expect.element(field).toHaveValue('2');
});

test('what this host cannot do live is offered for the next boot only, with the reason', async () => {
  const { screen, started } = await show(RUNNING);
  await screen.getByRole('button', { name: 'Less: vCPUs' }).click();
  await expect.element(screen.getByText(/a running guest cannot give them back/)).toBeVisible();
  expect(screen.getByRole('button', { name: 'Apply now' }).elements()).toHaveLength(0);
  await screen.getByRole('button', { name: 'At next boot' }).click();
  expect(started).toEqual([['vm.set-vcpus', { vm: RUNNING.id, vcpus: 1, when: 'next-boot' }]]);
});

test('memory is typed with a unit; what is out of range cannot be applied and says so', async () => {
  const { screen, started } = await show(RUNNING);
  const field = screen.getByRole('spinbutton', { name: 'Memory' });
  await field.fill('9 GiB');
  await expect.element(screen.getByText(/Between 16\sMiB and 8\sGiB/)).toBeVisible();
  expect(screen.getByRole('button', { name: 'Apply now' }).elements()).toHaveLength(0);
  await field.fill('1.5g');
  await screen.getByRole('button', { name: 'Apply now' }).click();
  expect(started).toEqual([['vm.set-memory', { vm: RUNNING.id, memory: 1536, when: 'now' }]]);
});

test('what the next boot brings is shown beside what is now', async () => {
  const { screen } = await show({ ...RUNNING, vcpusNext: vcpus(4) });
  await expect.element(screen.getByText('next boot: 4')).toBeVisible();
});

test('without a link nothing can be stepped', async () => {
  const { screen } = await show(RUNNING, 'there is no link to host n1');
  await expect.element(screen.getByRole('button', { name: 'More: vCPUs' })).toBeDisabled();
  await expect.element(screen.getByRole('spinbutton', { name: 'Memory' })).toBeDisabled();
});
