import { expect, test } from 'vitest';
import { render } from 'vitest-browser-svelte';
import type { StartVmJob } from '#lib/app/tasks/start-job.ts';
import type { Task } from '#lib/app/tasks/task.ts';
import type { Vm } from '#lib/model/fleet.ts';
import { aHost } from '../../../../tests/support/a-fleet.ts';
import { aVm } from '../../../../tests/support/fake-host.ts';
import VmLabels from './VmLabels.svelte';

/** What was started, as [operation, arguments]. */
async function show(vm: Vm, blocked: string | null = null, answer: Promise<Task> = Promise.resolve({} as Task)) {
  const started: unknown[] = [];
  const host = aHost('n1', [vm]);
  const start: StartVmJob = (job, input) => {
    const { op, args } = job.command({ host, vm }, input);
    started.push([op, args]);
    return answer;
  };
  const screen = await render(VmLabels, { host, vm, blocked, now: 0, start });
  return { started, screen, box: screen.getByRole('checkbox', { name: 'Start with the host' }) };
}

test.each([true, false])(
  'the start with the host stands as asked until the host has answered, then as it says: %s',
  async (autostart) => {
    const vm = aVm(1, { autostart });
    const { promise, resolve } = Promise.withResolvers<Task>();
    const { started, box } = await show(vm, null, promise);
    const stands = (checked: boolean) => (checked ? expect.element(box) : expect.element(box).not).toBeChecked();
    await box.click();
    expect(started).toEqual([['vm.set-autostart', { vm: vm.id, autostart: !autostart }]]);
    await stands(!autostart);
    resolve({} as Task);
    await stands(autostart);
  }
);

test('where the hypervisor does not say there is nothing to choose', async () => {
  const { screen, box } = await show(aVm(1, { autostart: null }));
  await expect.element(screen.getByRole('checkbox', { name: 'Protected from deletion' })).toBeVisible();
  expect(box.query()).toBeNull();
});

test('who may not change it sees why', async () => {
  const { screen, box } = await show(aVm(1, { autostart: true }), 'Viewers look only');
  await expect.element(box).toBeDisabled();
  await expect.element(box).toBeChecked();
  await expect.element(screen.getByTitle('Viewers look only').last()).toBeInTheDocument();
});
