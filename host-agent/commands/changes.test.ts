import { afterEach, expect, test } from 'vitest';
import { AgentLab, newCommandId, newOperator } from '../../tests/support/agent-lab.ts';
import { Fault } from '../../src/lib/model/fault.ts';
import type { Vm } from '../../src/lib/model/fleet.ts';
import type { Revision } from '../../src/lib/model/ids.ts';
import { vcpus } from '../../src/lib/model/units.ts';
import type { SimulatedConfig } from '../drivers/simulated/config.ts';
import type { SampleVm } from '../drivers/simulated/config.ts';
import { MAX_WAITING } from './lanes.ts';

const RUNNING: SampleVm = { name: 'web-1', vcpus: 2, memory: 256, state: 'running', disks: [64], nics: 1 };

const labs: AgentLab[] = [];
const open = async (config: SimulatedConfig = {}): Promise<AgentLab> => {
  const lab = await AgentLab.open({ vms: [RUNNING], ...config });
  labs.push(lab);
  return lab;
};
afterEach(async () => {
  await Promise.all(labs.splice(0).map((lab) => lab.close()));
});

/** Counts what really reaches the hypervisor, and can hold it there. */
function counting(lab: AgentLab): { count: () => number; hold: () => () => void } {
  let count = 0;
  let gate: Promise<void> = Promise.resolve();
  const original = lab.driver.setVcpus.bind(lab.driver);
  lab.driver.setVcpus = async (...args) => {
    count++;
    await gate;
    return original(...args);
  };
  return {
    count: () => count,
    hold: () => {
      let release = (): void => undefined;
      gate = new Promise((resolve) => (release = resolve));
      return release;
    }
  };
}
const setVcpus = (vm: Vm, count: number) => ({ vm: vm.id, vcpus: vcpus(count), when: 'now' as const });

test('a command is carried out, journalled and answered with its effects and the VM as it is afterwards', async () => {
  const lab = await open();
  const link = await lab.as('operator');
  const vm = await lab.vm();
  const reply = await link.run('vm.set-vcpus', setVcpus(vm, 4));
  expect(reply).toMatchObject({ status: 'done', journal: 2, role: 'operator', fault: null });
  expect(reply.effects).toEqual([
    { resource: 'vcpus', asked: '4', seen: '4', by: 'simulated', when: 'now', note: null }
  ]);
  expect(reply.vm).toMatchObject({ vcpus: 4, seen: { vcpus: 4 } });
  expect(reply.vm?.revision).not.toBe(vm.revision);
  expect(reply.head?.number).toBe(3);
});

test('the same id again gets the recorded outcome, is not carried out again, and shows the VM as it is by then', async () => {
  const lab = await open();
  const { count } = counting(lab);
  const link = await lab.as('operator');
  const vm = await lab.vm();
  const id = newCommandId();
  const first = await link.run('vm.set-vcpus', setVcpus(vm, 4), { id });
  await link.run('vm.set-vcpus', setVcpus(vm, 3));
  const again = await lab.link(link.operator).run('vm.set-vcpus', setVcpus(vm, 4), { id, notAfter: 1 });
  expect(count()).toBe(2);
  expect(again).toMatchObject({ status: 'done', journal: first.journal, effects: first.effects });
  expect(again.vm?.vcpus).toBe(3);
});

test('a note stands in the journal and makes no other command of the same', async () => {
  const lab = await open();
  const link = await lab.as('operator');
  const vm = await lab.vm();
  const [id, note] = [newCommandId(), 'plan 0123456789abcdef, step 3: Rebalance'];
  const first = await link.run('vm.set-vcpus', setVcpus(vm, 4), { id, note });
  expect(await link.run('vm.set-vcpus', setVcpus(vm, 4), { id })).toMatchObject({ journal: first.journal });
  await link.run('vm.set-vcpus', setVcpus(vm, 3));
  const { activities } = await link.run('activity.list', { limit: 5, before: null, vm: vm.id });
  expect(activities.map(({ note }) => note)).toEqual([null, note]);
});

test('the same id while it runs joins the running command', async () => {
  const lab = await open();
  const { count, hold } = counting(lab);
  const release = hold();
  const link = await lab.as('operator');
  const other = lab.link(link.operator);
  const vm = await lab.vm();
  const id = newCommandId();
  const replies = [
    link.run('vm.set-vcpus', setVcpus(vm, 4), { id }),
    other.run('vm.set-vcpus', setVcpus(vm, 4), { id })
  ];
  release();
  const [first, second] = await Promise.all(replies);
  expect(count()).toBe(1);
  expect(second).toEqual(first);
});

test.each(['running', 'ended'])('the same id for something else is refused while the first is %s', async (when) => {
  const lab = await open();
  const { count, hold } = counting(lab);
  const release = hold();
  const link = await lab.as('operator');
  const stranger = await lab.as('operator');
  const vm = await lab.vm();
  const id = newCommandId();
  const first = link.run('vm.set-vcpus', setVcpus(vm, 4), { id });
  if (when === 'ended') {
    release();
    await first;
  }
  const replies = [
    await lab.link(link.operator).run('vm.set-vcpus', setVcpus(vm, 3), { id }),
    await lab.link(link.operator).run('vm.set-vcpus', setVcpus(vm, 4), { id, expect: vm.revision }),
    await stranger.run('vm.set-vcpus', setVcpus(vm, 4), { id })
  ];
  release();
  await first;
  for (const reply of replies) {
    expect(reply).toMatchObject({ status: 'refused', fault: { code: 'id-reused' }, effects: [], vm: null });
  }
  expect(count()).toBe(1);
});

test('a refusal of the hypervisor and a failure are recorded as what they are', async () => {
  const broken = new Fault('hypervisor', { operation: 'set-vcpus', reason: 'internal error: no' });
  let fail = false;
  const lab = await open({
    capabilities: { 'vcpu-remove': { live: false, reason: 'this host emulates CPUs' } },
    faults: (operation, moment) => (fail && operation === 'set-vcpus' && moment === 'before' ? broken : null)
  });
  const link = await lab.as('operator');
  const vm = await lab.vm();
  const refused = await link.run('vm.set-vcpus', setVcpus(vm, 1));
  expect(refused).toMatchObject({ status: 'refused', fault: { code: 'unsupported' }, journal: 2 });
  expect(refused.fault?.message).toContain('this host emulates CPUs');
  fail = true;
  expect(await link.run('vm.set-vcpus', setVcpus(vm, 3))).toMatchObject({
    status: 'failed',
    fault: { code: 'hypervisor', message: broken.message },
    journal: 4
  });
  const activities = (await link.run('activity.list', { limit: 10, before: null, vm: vm.id })).activities;
  expect(activities.map(({ number, status, summary }) => [number, status, summary])).toEqual([
    [4, 'failed', 'Set vCPUs of web-1 to 3'],
    [2, 'refused', 'Set vCPUs of web-1 to 1']
  ]);
});

test('the start of a VM that was saved is in the journal as what it is', async () => {
  const lab = await open();
  const link = await lab.as('operator');
  const vm = await lab.vm();
  for (const op of ['vm.save', 'vm.start'] as const) {
    expect(await link.run(op, { vm: vm.id })).toMatchObject({ status: 'done' });
  }
  const { activities } = await link.run('activity.list', { limit: 10, before: null, vm: vm.id });
  expect(activities.map(({ summary }) => summary)).toEqual(['Restore web-1', 'Save web-1']);
});

test('what the hypervisor breaks off in the middle is unknown, not failed', async () => {
  const lab = await open();
  const vm = await lab.vm();
  const link = await lab.as('operator');
  lab.driver.setVcpus = () => {
    lab.driver.behind.down('connection reset');
    return Promise.reject(new Fault('hypervisor-down', { reason: 'connection reset' }));
  };
  const reply = await link.run('vm.set-vcpus', setVcpus(vm, 3));
  expect(reply).toMatchObject({ status: 'unknown', fault: { code: 'hypervisor-down' }, vm: null, journal: 2 });
  // While it is down nothing is begun.
  const next = await link.run('vm.set-vcpus', setVcpus(vm, 3));
  expect(next).toMatchObject({ status: 'failed', fault: { code: 'hypervisor-down' }, journal: null });
});

test('what was made is told with its creation, also where the host is too busy at first to say how it is', async () => {
  const lab = await open({ vms: [{ ...RUNNING, state: 'off' }] });
  const link = await lab.as('operator');
  const { id } = await lab.vm();
  const [clone, get] = [lab.driver.clone.bind(lab.driver), lab.driver.get.bind(lab.driver)];
  let busy = 0;
  lab.driver.get = (vm) =>
    busy-- > 0 ? Promise.reject(new Fault('timeout', { what: 'virsh domname', after: '15 s' })) : get(vm);
  for (const [looks, seen] of [
    [2, true],
    [9, false]
  ] as const) {
    lab.driver.clone = async (...args) => {
      const outcome = await clone(...args);
      busy = looks;
      return outcome;
    };
    const { status, vm } = await link.run('vm.clone', { vm: id, name: `web-${looks}` });
    expect({ status, name: vm?.name }).toEqual({ status: 'done', name: seen ? `web-${looks}` : undefined });
    busy = 0;
  }
});

test('a command decided on another configuration of the VM is refused, and shows the one there is', async () => {
  const lab = await open();
  const { count } = counting(lab);
  const link = await lab.as('operator');
  const vm = await lab.vm();
  expect((await link.run('vm.set-vcpus', setVcpus(vm, 3), { expect: vm.revision })).status).toBe('done');
  const stale = await link.run('vm.set-vcpus', setVcpus(vm, 4), { expect: vm.revision });
  expect(stale).toMatchObject({ status: 'refused', fault: { code: 'stale' }, journal: null, vm: { vcpus: 3 } });
  expect(count()).toBe(1);
  const fresh = stale.vm?.revision ?? ('' as Revision);
  expect((await link.run('vm.set-vcpus', setVcpus(vm, 4), { expect: fresh })).status).toBe('done');
});

test('a command that had to wait is judged by what is so when its turn comes', async () => {
  const lab = await open();
  const { count, hold } = counting(lab);
  const release = hold();
  const link = await lab.as('operator');
  const vm = await lab.vm();
  const first = link.run('vm.set-vcpus', setVcpus(vm, 4));
  const stale = link.run('vm.set-vcpus', setVcpus(vm, 3), {
    expect: vm.revision,
    notAfter: lab.now() + 600_000
  });
  const late = link.run('vm.set-vcpus', setVcpus(vm, 3), { notAfter: lab.now() + 50_000 });
  while (count() === 0) await new Promise(setImmediate);
  lab.skew = 60_000;
  release();
  expect((await first).status).toBe('done');
  expect((await stale).fault?.code).toBe('stale');
  expect((await late).fault?.code).toBe('expired');
  expect(count()).toBe(1);
});

test('a waiting command of an operator who is revoked meanwhile is refused', async () => {
  const lab = await open();
  const { count, hold } = counting(lab);
  const release = hold();
  await lab.as('admin');
  const link = await lab.as('operator');
  const vm = await lab.vm();
  const first = link.run('vm.set-vcpus', setVcpus(vm, 4));
  const second = link.run('vm.set-vcpus', setVcpus(vm, 3));
  await lab.core.operators.revoke(link.operator);
  release();
  expect((await first).status).toBe('done');
  expect((await second).fault?.code).toBe('unknown-operator');
  expect(count()).toBe(1);
});

test('commands about one VM run one after another, those about others side by side', async () => {
  const lab = await open({ vms: [RUNNING, { ...RUNNING, name: 'web-2' }] });
  let [now, most] = [0, 0];
  const order: string[] = [];
  let release = (): void => undefined;
  const gate = new Promise<void>((resolve) => (release = resolve));
  const original = lab.driver.setVcpus.bind(lab.driver);
  lab.driver.setVcpus = async (vm, ...rest) => {
    most = Math.max(most, ++now);
    order.push(`${vm} ${rest[0]}`);
    await gate;
    const outcome = await original(vm, ...rest);
    now--;
    return outcome;
  };
  const link = await lab.as('operator');
  const [a, b] = [await lab.vm(0), await lab.vm(1)];
  const all = [4, 3, 5].flatMap((count) => [a, b].map((vm) => link.run('vm.set-vcpus', setVcpus(vm, count))));
  while (now < 2) await new Promise(setImmediate);
  release();
  const replies = await Promise.all(all);
  expect(replies.map(({ status }) => status)).toEqual(Array(6).fill('done'));
  expect(most).toBe(2);
  expect(order.filter((line) => line.startsWith(a.id))).toEqual([4, 3, 5].map((count) => `${a.id} ${count}`));
});

test('too many commands waiting for one VM are refused as busy, and nothing of them is journalled', async () => {
  const lab = await open();
  const { hold } = counting(lab);
  const release = hold();
  const links = await Promise.all([lab.as('operator'), lab.as('operator')]);
  const vm = await lab.vm();
  const [link] = links;
  const waiting = Array.from({ length: MAX_WAITING }, (_, n) => link.run('vm.set-vcpus', setVcpus(vm, 1 + (n % 4))));
  const refused = await links[1].run('vm.set-vcpus', setVcpus(vm, 2));
  expect(refused).toMatchObject({ status: 'refused', fault: { code: 'busy' }, journal: null });
  release();
  expect((await Promise.all(waiting)).map(({ status }) => status)).toEqual(Array(MAX_WAITING).fill('done'));
});

test('an outcome that cannot be written down is not told as done', async () => {
  const lab = await open();
  const link = await lab.as('operator');
  const vm = await lab.vm();
  lab.core.journal.finish = () => Promise.reject(new Fault('no-space', { where: 'x', need: 'y', free: 'z' }));
  const id = newCommandId();
  expect((await link.run('vm.set-vcpus', setVcpus(vm, 4), { id })).status).toBe('unknown');
  expect(await link.run('vm.set-vcpus', setVcpus(vm, 4), { id })).toMatchObject({
    status: 'unknown',
    fault: { code: 'interrupted' }
  });
});

test('a command for another host, about an unknown VM, or expecting a revision of no VM is refused', async () => {
  const lab = await open();
  const link = await lab.as('operator');
  const nobody = newOperator();
  const unknown = { ...setVcpus(await lab.vm(), 2), vm: newCommandId() as unknown as Vm['id'] };
  expect((await link.run('vm.set-vcpus', unknown)).fault?.code).toBe('not-found');
  const args = { pool: 'default', volume: 'v' };
  expect((await link.run('volume.delete', args, { expect: '0'.repeat(16) as Revision })).fault?.code).toBe(
    'bad-argument'
  );
  expect((await lab.link(nobody).run('volume.delete', args)).fault?.code).toBe('unknown-operator');
});
