import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { AgentLab } from '../tests/support/agent-lab.ts';
import type { MemoryLink } from '../tests/support/agent-lab.ts';
import { mib, vcpus } from '../src/lib/model/units.ts';
import type { Reply } from '../src/lib/protocol/schema.ts';
import type { SampleVm } from './drivers/simulated/config.ts';

const PIN = `sha256:${'A'.repeat(43)}`;

const OFF: SampleVm = { name: 'web-1', vcpus: 1, memory: 64, state: 'off', disks: [8], nics: 0 };

const labs: AgentLab[] = [];
const kept = (lab: AgentLab): AgentLab => {
  labs.push(lab);
  return lab;
};
const open = async (): Promise<AgentLab> =>
  kept(await AgentLab.open({ vms: [OFF, { ...OFF, name: 'db-1', state: 'running' }] }));
afterEach(async () => {
  await Promise.all(labs.splice(0).map((lab) => lab.close()));
});

const set = (link: MemoryLink, on: boolean, reason = ''): Promise<Reply> =>
  link.run('host.set-maintenance', { on, reason });
const stateOf = async (link: MemoryLink): Promise<unknown> =>
  (await link.run('host.watch', { keptNumber: null, loadEvery: null })).inventory?.host.maintenance;
const named = async (lab: AgentLab, name: string) => {
  const vm = (await lab.driver.list()).find((each) => each.name === name);
  if (vm === undefined) throw new Error(`there is no ${name}`);
  return { vm: vm.id };
};
const newVm = {
  ...{
    name: 'new',
    description: null,
    tags: null,
    protected: false,
    autostart: false,
    image: 'tiny-linux',
    start: false,
    userData: null
  },
  ...{ vcpus: vcpus(1), vcpusMax: vcpus(1), memory: mib(64), memoryMax: mib(64), disks: [], nics: [], sshKeys: [] }
} as const;
const like = { hypervisor: 'simulated', accelerator: 'simulated', cpuModel: 'Simulated processor', from: PIN } as const;

test('whoever watches is told of maintenance, with who and why, and the journal has it', async () => {
  const lab = await open();
  const [watcher, operator] = [await lab.as('viewer'), await lab.as('operator')];
  expect(await stateOf(watcher)).toBeNull();
  expect(await set(operator, true, ' new fans ')).toMatchObject({ status: 'done', journal: 2 });
  const told = await watcher.until(() => watcher.events.find(({ host }) => host?.maintenance !== undefined)?.host);
  expect(told.maintenance).toMatchObject({ by: 'the operator', reason: 'new fans' });
  await set(operator, false);
  await watcher.until(() => watcher.events.some(({ host }) => host?.maintenance === null));
  const activities = await watcher.run('activity.list', { limit: 10, before: null, vm: null });
  expect(activities.activities.map(({ summary }) => summary)).toEqual([
    'Leave maintenance',
    'Enter maintenance: new fans'
  ]);
});

test('a host in maintenance lets no VM come or start, says who and why, and writes nothing of it down', async () => {
  const lab = await open();
  const link = await lab.as('operator');
  await set(link, true, 'new fans');
  const off = await named(lab, 'web-1');
  const refusals = [
    await link.run('vm.create', newVm),
    await link.run('vm.clone', { ...off, name: 'copy' }),
    await link.run('vm.start', off),
    await link.run('migration.prepare', {
      ...off,
      name: 'n',
      ...like,
      memory: mib(64),
      running: true,
      autostart: null,
      disks: [],
      nics: []
    })
  ];
  for (const { status, fault, journal } of refusals) {
    expect({ status, code: fault?.code, journal }).toEqual({ status: 'refused', code: 'unsupported', journal: null });
    expect(fault?.message).toMatch(
      /in maintenance since .*, by the operator \(new fans\); choose another host, or end/
    );
  }
  expect(await lab.driver.list()).toHaveLength(2);
  await set(link, false);
  expect(await link.run('vm.start', off)).toMatchObject({ status: 'done' });
  expect(await link.run('vm.create', newVm)).toMatchObject({ status: 'done' });
});

test('what runs in maintenance goes on, and can be looked after', async () => {
  const lab = await open();
  const link = await lab.as('operator');
  await set(link, true);
  const running = await named(lab, 'db-1');
  for (const op of ['vm.pause', 'vm.resume', 'vm.reboot', 'vm.power-off'] as const) {
    expect(await link.run(op, running)).toMatchObject({ status: 'done' });
  }
  expect(await link.run('vm.set-tags', { ...running, tags: ['a'] })).toMatchObject({ status: 'done' });
  expect(await link.run('vm.delete', { ...running, deleteDisks: true })).toMatchObject({ status: 'done' });
});

test('said again, it has another reason and author, but began when it began', async () => {
  const lab = await open();
  const [operator, admin] = [await lab.as('operator'), await lab.as('admin')];
  await set(operator, true, 'new fans');
  const first = (await stateOf(operator)) as { since: number };
  lab.skew = 60_000;
  await set(admin, true, 'and new disks');
  expect(await stateOf(operator)).toEqual({ since: first.since, by: 'the admin', reason: 'and new disks' });
  expect(await set(admin, false)).toMatchObject({ status: 'done' });
  expect(await set(admin, false)).toMatchObject({ status: 'done' });
});

test('a viewer can neither begin nor end it', async () => {
  const lab = await open();
  const [viewer, operator] = [await lab.as('viewer'), await lab.as('operator')];
  expect(await set(viewer, true)).toMatchObject({ status: 'refused', fault: { code: 'forbidden' } });
  await set(operator, true);
  expect(await set(viewer, false)).toMatchObject({ status: 'refused', fault: { code: 'forbidden' } });
  expect(await stateOf(viewer)).not.toBeNull();
});

test('an agent that was killed in maintenance is in maintenance when it is back, and one that had left it is not', async () => {
  const lab = await open();
  const operator = await lab.as('operator');
  await set(operator, true, 'new fans');
  const before = await stateOf(operator);
  const back = kept(await lab.afterKill());
  const link = await back.as('operator');
  expect(await stateOf(link)).toEqual(before);
  expect(await link.run('vm.start', await named(back, 'web-1'))).toMatchObject({ status: 'refused' });
  await set(link, false);
  const again = kept(await back.afterKill());
  expect(await stateOf(await again.as('operator'))).toBeNull();
});

test('an agent does not start on a maintenance.json it cannot read: a host must not take VMs by mistake', async () => {
  const lab = await open();
  await writeFile(join(lab.directory, 'maintenance.json'), '{"version":1}');
  await expect(lab.afterKill()).rejects.toMatchObject({ code: 'corrupt-state' });
});
