import { afterEach, expect, test } from 'vitest';
import { AgentLab, HOST } from '../../tests/support/agent-lab.ts';
import { vcpus } from '../../src/lib/model/units.ts';
import type { SampleVm, SimulatedConfig } from '../drivers/simulated/config.ts';

const RUNNING: SampleVm = { name: 'web-1', vcpus: 2, memory: 256, state: 'running', disks: [64], nics: 1 };

const labs: AgentLab[] = [];
const open = async (config: SimulatedConfig = {}, quick = false): Promise<AgentLab> => {
  const lab = await AgentLab.open({ vms: [RUNNING], ...config }, quick);
  labs.push(lab);
  return lab;
};
afterEach(async () => {
  await Promise.all(labs.splice(0).map((lab) => lab.close()));
});
const watch = { keptNumber: null, loadEvery: null };

test('watching answers with everything there is, where the journal stands, and the hash it has at the kept number', async () => {
  const lab = await open({ vms: 7 });
  const link = await lab.as('operator');
  const vm = (await lab.driver.list()).find(({ state }) => state === 'running');
  if (vm) await link.run('vm.set-vcpus', { vm: vm.id, vcpus: vcpus(1), when: 'now' });
  const reply = await link.run('host.watch', { ...watch, keptNumber: 2 });
  expect(reply).toMatchObject({ status: 'done', role: 'operator', journal: null });
  expect(reply.inventory?.host).toMatchObject({
    id: HOST,
    name: 'Lab',
    site: 'here',
    simulated: true,
    accelerator: 'simulated'
  });
  expect(reply.inventory?.vms).toHaveLength(7);
  expect(reply.inventory?.pools[0]?.volumes).toHaveLength(7);
  expect(reply.inventory?.images.map(({ name }) => name)).toContain('tiny-linux');
  expect(reply.head).toEqual({ ...lab.core.journal.head, keptHash: await lab.core.journal.hashAt(2) });
  expect(reply.activities.map(({ op }) => op)).toEqual(['vm.set-vcpus']);
  expect((await lab.link(link.operator).run('host.watch', { ...watch, keptNumber: 4000 })).head?.keptHash).toBeNull();
});

test('news follows a watch: a change, its progress in the journal, and the loads, numbered from 1', async () => {
  const lab = await open({}, true);
  const [watcher, other] = [await lab.as('viewer'), await lab.as('operator')];
  await watcher.run('host.watch', watch);
  const vm = await lab.vm();
  await other.run('vm.set-vcpus', { vm: vm.id, vcpus: vcpus(4), when: 'now' });
  await watcher.until(() => watcher.events.some(({ vms }) => vms.some((each) => each.vcpus === 4)));
  await watcher.until(() =>
    watcher.events.some(({ activities }) => activities.some(({ status }) => status === 'done'))
  );
  await watcher.until(() => watcher.events.some(({ load }) => load !== null));
  expect(watcher.events.some(({ activities }) => activities.some(({ status }) => status === 'running'))).toBe(true);
  expect(watcher.events.map(({ seq }) => seq)).toEqual(watcher.events.map((_, index) => index + 1));
  expect(watcher.events.findLast(({ head }) => head !== null)?.head).toMatchObject(lab.core.journal.head);
  expect(other.events).toEqual([]);
});

test.each(['told by the hypervisor', 'told by nobody'])(
  'what others do behind the agent’s back shows within 2 s, %s',
  async (how) => {
    const lab = await open({ vms: [RUNNING, { ...RUNNING, name: 'web-2' }] });
    const link = await lab.as('viewer');
    await link.run('host.watch', watch);
    const [vm, gone] = [await lab.vm(0), await lab.vm(1)];
    const begun = Date.now();
    lab.driver.behind.change(
      vm.id,
      (guest) => ({ ...guest, name: '<script>\u0001' }),
      how === 'told by the hypervisor'
    );
    lab.driver.behind.remove(gone.id);
    const seen = await link.until(() =>
      link.events.flatMap(({ vms }) => vms).find(({ name }) => name.startsWith('<script>'))
    );
    expect(seen.name).toBe('<script>\ufffd');
    // And a second for a machine busy with other tests.
    expect(Date.now() - begun).toBeLessThan(3_000);
    await link.until(() => link.events.some(({ removed }) => removed.some(({ id }) => id === gone.id)));
  }
);

test('while nobody watches no VM is looked at, and ten watchers cost as much as one', async () => {
  const lab = await open({}, true);
  let reads = 0;
  const original = lab.driver.list.bind(lab.driver);
  lab.driver.list = () => {
    reads++;
    return original();
  };
  const links = await Promise.all(Array.from({ length: 10 }, () => lab.as('viewer')));
  for (const link of links) await link.run('host.watch', watch);
  const [first, begun] = [reads, Date.now()];
  await Promise.all(links.map((link) => link.until(() => link.events.length > 4)));
  expect(reads - first).toBeGreaterThan(0);
  expect(reads - first).toBeLessThanOrEqual((Date.now() - begun) / 20 + 1);
  for (const link of links) lab.hangUp(link);
  const left = reads;
  await new Promise((resolve) => setTimeout(resolve, 200));
  // One may have been under way.
  expect(reads - left).toBeLessThanOrEqual(1);
});

test('trouble with the hypervisor is news, and so is its end, with what changed meanwhile', async () => {
  const lab = await open();
  const link = await lab.as('viewer');
  await link.run('host.watch', watch);
  const vm = await lab.vm();
  lab.driver.behind.down('connection refused');
  await link.until(() => link.events.some(({ trouble }) => trouble?.reason.includes('connection refused')));
  const late = await lab.as('viewer');
  const reply = await late.run('host.watch', watch);
  expect(reply.inventory?.vms.map(({ id }) => id)).toEqual([vm.id]);
  await late.until(() => late.events.some(({ trouble }) => trouble?.reason.includes('connection refused')));
  lab.driver.behind.change(vm.id, (guest) => ({ ...guest, name: 'renamed' }), false);
  lab.driver.behind.down(null);
  await link.until(() => link.events.some(({ trouble }) => trouble?.reason === ''));
  await link.until(() => link.events.some(({ vms }) => vms.some(({ name }) => name === 'renamed')));
});

test('a watcher whose link is slow gets the last state of each thing, not every step', async () => {
  const lab = await open();
  const link = await lab.as('operator');
  const slow = await lab.as('viewer');
  await slow.run('host.watch', watch);
  slow.stalled = true;
  const vm = await lab.vm();
  for (let n = 0; n < 40; n++) await link.run('vm.set-vcpus', { vm: vm.id, vcpus: vcpus(1 + (n % 4)), when: 'now' });
  await link.run('vm.set-vcpus', { vm: vm.id, vcpus: vcpus(8), when: 'now' });
  expect(slow.events.length).toBeLessThan(3);
  slow.flow();
  await slow.until(() => slow.events.at(-1)?.vms.some((each) => each.vcpus === 8));
  expect(slow.events.length).toBeLessThan(5);
  const activities = slow.events.flatMap((event) => event.activities);
  expect(new Set(activities.map(({ number }) => number)).size).toBe(41);
  expect(activities.filter(({ number, status }) => status === 'running' && number > 4)).toEqual([]);
});

test('a reply that was put together before the latest news says what is so when it is sent', async () => {
  const lab = await open();
  const link = await lab.as('operator');
  await link.run('host.watch', watch);
  const vm = await lab.vm();
  const { changes } = lab.core;
  const original = changes.answer.bind(changes);
  let answers = 0;
  changes.answer = async (...args) => {
    const reply = await original(...args);
    // The first answer is ready, and before it leaves another command ends.
    if (++answers === 1) await lab.link(link.operator).run('vm.set-vcpus', { vm: vm.id, vcpus: vcpus(4), when: 'now' });
    return reply;
  };
  const reply = await link.run('vm.set-vcpus', { vm: vm.id, vcpus: vcpus(3), when: 'now' });
  expect(reply).toMatchObject({ journal: 2, effects: [{ asked: '3' }], vm: { vcpus: 4 }, head: { number: 5 } });
  expect(link.heads).toEqual(link.heads.toSorted((a, b) => a - b));
});
