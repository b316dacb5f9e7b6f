import { afterEach, expect, test } from 'vitest';
import { AgentLab, newCommandId } from '../../tests/support/agent-lab.ts';
import type { MemoryLink } from '../../tests/support/agent-lab.ts';
import type { Vm } from '../../src/lib/model/fleet.ts';
import type { CommandId } from '../../src/lib/model/ids.ts';
import { vcpus } from '../../src/lib/model/units.ts';
import type { SampleVm, SimulatedConfig } from '../drivers/simulated/config.ts';
import { VirtualClock } from '../drivers/simulated/clock.ts';

const RUNNING: SampleVm = { name: 'web-1', vcpus: 2, memory: 256, state: 'running', disks: [64], nics: 1 };
const OFF: SampleVm = { ...RUNNING, name: 'db-1', state: 'off' };

const labs: AgentLab[] = [];
/** Time on the host stands still: what takes any time waits for the test. */
const open = async (config: SimulatedConfig = {}): Promise<{ lab: AgentLab; clock: VirtualClock }> => {
  const clock = new VirtualClock();
  const lab = await AgentLab.open({ vms: [RUNNING, OFF], speed: 1, clock, ...config });
  labs.push(lab);
  return { lab, clock };
};
afterEach(async () => {
  await Promise.all(labs.splice(0).map((lab) => lab.close()));
});

const named = async (lab: AgentLab, name: string): Promise<Vm> => {
  const vm = (await lab.driver.list()).find((each) => each.name === name);
  if (vm === undefined) throw new Error(`there is no ${name}`);
  return vm;
};
const cancel = (link: MemoryLink, command: CommandId, id = newCommandId()) =>
  link.run('command.cancel', { command }, { id });
/** Resolves once the host says that the command runs. */
const running = (link: MemoryLink, id: CommandId) =>
  link.until(() => link.events.some(({ activities }) => activities.some(({ command }) => command === id)));
const watching = async (lab: AgentLab): Promise<MemoryLink> => {
  const link = await lab.as('operator');
  await link.run('host.watch', { keptNumber: null, loadEvery: null });
  return link;
};

test('a command that waits its turn is cancelled: it never begins, and stays cancelled when it is sent again', async () => {
  const { lab, clock } = await open();
  const link = await watching(lab);
  const vm = await named(lab, 'web-1');
  const first = newCommandId();
  const before = link.run('vm.reboot', { vm: vm.id }, { id: first });
  await running(link, first);
  const id = newCommandId();
  const args = { vm: vm.id, vcpus: vcpus(4), when: 'next-boot' } as const;
  const waiting = link.run('vm.set-vcpus', args, { id });
  const cancelled = await cancel(link, id);
  expect(cancelled).toMatchObject({ status: 'done', fault: null });
  expect(cancelled.journal).not.toBeNull();
  const refused = await waiting;
  expect(refused).toMatchObject({ status: 'refused', fault: { code: 'cancelled' } });
  expect(refused.fault?.message).toBe('cancelled by the operator');
  expect(refused.journal).not.toBeNull();
  await clock.advance(10_000);
  expect((await before).status).toBe('done');
  expect(await link.run('vm.set-vcpus', args, { id })).toMatchObject({ status: 'refused', journal: refused.journal });
  expect((await named(lab, 'web-1')).vcpusNext).toBeNull();
  const { activities } = await link.run('activity.list', { limit: 10, before: null, vm: null });
  expect(activities.map(({ op, status }) => [op, status])).toContainEqual(['vm.set-vcpus', 'refused']);
});

test('a clone that runs tells its progress to whoever watches, and leaves nothing when it is cancelled', async () => {
  const { lab, clock } = await open();
  const [link, other] = [await watching(lab), await watching(lab)];
  const vm = await named(lab, 'db-1');
  const volumes = (await lab.driver.pools())[0]?.volumes.length;
  const id = newCommandId();
  const cloning = link.run('vm.clone', { vm: vm.id, name: 'copy' }, { id });
  await running(other, id);
  await clock.advance(2_500);
  const told = await other.until(() => other.events.flatMap(({ progress }) => progress).at(-1));
  expect(told).toMatchObject({ command: id, stage: 'copying' });
  const late = await watching(lab);
  await late.until(() => late.events.some(({ progress }) => progress.some(({ command }) => command === id)));
  const cancelling = newCommandId();
  const done = cancel(link, id, cancelling);
  await running(link, cancelling);
  await clock.advance(10_000);
  expect(await cloning).toMatchObject({ status: 'refused', fault: { code: 'cancelled' }, vm: null });
  expect(await done).toMatchObject({ status: 'done' });
  expect((await lab.driver.list()).map(({ name }) => name).sort()).toEqual(['db-1', 'web-1']);
  expect((await lab.driver.pools())[0]?.volumes).toHaveLength(volumes ?? 0);
});

test('the wait for a guest to shut down is cancelled, and the reply says that it may yet', async () => {
  const { lab, clock } = await open();
  const link = await watching(lab);
  const vm = await named(lab, 'web-1');
  const id = newCommandId();
  const shutdown = link.run('vm.shutdown', { vm: vm.id }, { id });
  await running(link, id);
  const cancelling = newCommandId();
  const done = cancel(link, id, cancelling);
  await running(link, cancelling);
  await clock.advance(10_000);
  const reply = await shutdown;
  expect(reply).toMatchObject({ status: 'refused', fault: { code: 'cancelled' }, vm: { state: 'running' } });
  expect(reply.fault?.message).toMatch(/may still do so/);
  expect((await done).status).toBe('done');
});

test('what cannot stop half-way, has ended, or was never heard of is not cancelled', async () => {
  const { lab, clock } = await open();
  const link = await watching(lab);
  const vm = await named(lab, 'web-1');
  const id = newCommandId();
  const reboot = link.run('vm.reboot', { vm: vm.id }, { id });
  await running(link, id);
  expect(await cancel(link, id)).toMatchObject({ status: 'refused', fault: { code: 'not-cancellable' } });
  await clock.advance(10_000);
  await reboot;
  const late = await cancel(link, id);
  expect(late).toMatchObject({ status: 'refused', fault: { code: 'not-cancellable' } });
  expect(late.fault?.message).toMatch(/Reboot web-1.*done/);
  expect(await cancel(link, newCommandId())).toMatchObject({ status: 'refused', fault: { code: 'not-found' } });
});

test('only its sender, or an admin, cancels a command', async () => {
  const { lab, clock } = await open();
  const link = await watching(lab);
  const [stranger, admin] = [await lab.as('operator'), await lab.as('admin')];
  const vm = await named(lab, 'db-1');
  const id = newCommandId();
  const cloning = link.run('vm.clone', { vm: vm.id, name: 'copy' }, { id });
  await running(link, id);
  expect(await cancel(stranger, id)).toMatchObject({ status: 'refused', fault: { code: 'forbidden' } });
  const cancelling = newCommandId();
  const done = cancel(admin, id, cancelling);
  await running(link, cancelling);
  await clock.advance(10_000);
  expect((await done).status).toBe('done');
  expect((await cloning).fault?.message).toBe('cancelled by the admin');
});

test('a creation that was interrupted before there was a VM is swept, and the journal says what was removed', async () => {
  const { lab } = await open();
  const link = await lab.as('operator');
  const vm = await named(lab, 'db-1');
  const chosen: string[] = [];
  lab.driver.clone = (_, to) => {
    chosen.push(to.id);
    return new Promise(() => undefined);
  };
  lab.driver.sweep = (of) => Promise.resolve([`copy-${of.slice(0, 8)}-vda.qcow2`]);
  const id = newCommandId();
  void link.run('vm.clone', { vm: vm.id, name: 'copy' }, { id });
  while (chosen.length === 0) await new Promise(setImmediate);
  const next = await lab.afterKill();
  labs.push(next);
  const reply = await next.link(link.operator).run('vm.clone', { vm: vm.id, name: 'copy' }, { id });
  expect(reply).toMatchObject({ status: 'unknown', effects: [{ seen: 'there is no such VM' }] });
  expect(reply.effects[0]?.note).toContain(`removed what it had left: copy-${chosen[0]?.slice(0, 8) ?? ''}-vda.qcow2`);
});
