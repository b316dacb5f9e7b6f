import { afterEach, expect, test } from 'vitest';
import { AgentLab, HOST, newCommandId, newOperator } from '../tests/support/agent-lab.ts';
import { ROLES, roleAllows } from '../src/lib/model/fleet.ts';
import type { Vm } from '../src/lib/model/fleet.ts';
import type { Xml } from '../src/lib/model/stages.ts';
import { mib, vcpus } from '../src/lib/model/units.ts';
import { ops } from '../src/lib/protocol/schema.ts';
import type { Args, Op } from '../src/lib/protocol/schema.ts';
import type { SampleVm, SimulatedConfig } from './drivers/simulated/config.ts';
import { MAX_UNANSWERED } from './receive.ts';

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
const xml = (text: string): Xml => new TextEncoder().encode(text) as Xml;
const watch = { keptNumber: null };

/** Arguments that would do for every op. */
function argsOf(vm: Vm): { [O in Op]: Args<O> } {
  const it = { vm: vm.id };
  const operator = newOperator();
  const disk = vm.disks[0]?.target ?? 'vda';
  const size = { vcpus: vcpus(1), vcpusMax: vcpus(1), memory: mib(64), memoryMax: mib(64) };
  return {
    'host.watch': watch,
    'host.enroll': { label: 'Ada' },
    'activity.list': { limit: 5, before: null, vm: null },
    'operator.list': {},
    'operator.invite': { role: 'viewer' },
    'operator.set-role': { key: operator, role: 'viewer' },
    'operator.revoke': { key: operator },
    'vm.create': { name: 'n', description: null, image: 'tiny-linux', ...size, start: false, disks: [], nics: [] },
    'vm.start': it,
    'vm.shutdown': it,
    'vm.power-off': it,
    'vm.reboot': it,
    'vm.pause': it,
    'vm.resume': it,
    'vm.rename': { ...it, name: 'other' },
    'vm.delete': { ...it, deleteDisks: false },
    'vm.set-vcpus': { ...it, vcpus: vcpus(2), when: 'now' },
    'vm.set-memory': { ...it, memory: mib(300), when: 'now' },
    'vm.attach-disk': { ...it, pool: 'default', volume: null, capacity: mib(8) },
    'vm.detach-disk': { ...it, target: disk, deleteVolume: true },
    'vm.grow-disk': { ...it, target: disk, capacity: mib(100) },
    'vm.attach-nic': { ...it, network: 'lan' },
    'vm.detach-nic': { ...it, mac: vm.nics[0]?.mac ?? '52:54:00:00:00:00' },
    'volume.delete': { pool: 'default', volume: 'none' }
  };
}

for (const role of ROLES) {
  test(`a ${role} may do exactly what its role includes, of all ${Object.keys(ops).length} ops`, async () => {
    const lab = await open();
    const link = await lab.as(role);
    await lab.as('admin');
    for (const op of Object.keys(ops) as Op[]) {
      if (op === 'host.enroll') continue;
      const vm = await lab.vm();
      const reply = await link.run(op, argsOf(vm)[op]);
      const allowed = roleAllows(role, ops[op].role);
      expect(`${op}: ${reply.fault?.code === 'forbidden' ? 'forbidden' : 'allowed'}`).toBe(
        `${op}: ${allowed ? 'allowed' : 'forbidden'}`
      );
      expect(reply.role).toBe(role);
      if (!allowed) {
        expect(reply).toMatchObject({ status: 'refused', journal: null, vm: null, inventory: null, operators: [] });
        expect(await lab.vm()).toEqual({ ...vm, seen: expect.anything() as unknown });
      }
    }
  });
}

test('an expired command is refused, by this host’s clock', async () => {
  const lab = await open();
  const link = await lab.as('admin');
  for (const op of ['host.watch', 'vm.pause', 'operator.list'] as const) {
    const args = argsOf(await lab.vm())[op];
    expect((await link.run(op, args, { notAfter: lab.now() - 1 })).fault?.code).toBe('expired');
  }
  expect((await lab.vm()).state).toBe('running');
});

test('a message that is no command but has an id is refused under it; the link lives on', async () => {
  const lab = await open();
  const link = await lab.as('admin');
  const id = newCommandId();
  const ns = 'xmlns="urn:smps:1"';
  for (const text of [
    `<command ${ns} id="${id}" op="vm.explode" host="lab" not-after-ms="1"><vm.explode/></command>`,
    `<command ${ns} id="${id}" op="vm.start" host="lab"><vm.start/></command>`,
    `<command ${ns} id="${id}" op="vm.set-vcpus" host="lab" not-after-ms="9999999999999"><vm.set-vcpus vm="${(await lab.vm()).id}" vcpus="-1" when="now"/></command>`,
    `<command ${ns} id="${id}" op="vm.set-vcpus" host="lab" not-after-ms="9999999999999"><vm.set-vcpus vm="${(await lab.vm()).id}" vcpus="1.5" when="now"/></command>`
  ]) {
    const reply = await link.answerTo(id, xml(text));
    expect(reply).toMatchObject({ status: 'refused', fault: { code: 'malformed' }, journal: null });
  }
  expect(link.closed).toBeNull();
  expect((await link.run('operator.list', {})).status).toBe('done');
});

test.each([
  ['no XML', 'hello'],
  ['a document type', '<!DOCTYPE a><command xmlns="urn:smps:1"/>'],
  [
    'a command without an id',
    '<command xmlns="urn:smps:1" op="operator.list" host="lab" not-after-ms="1"><operator.list/></command>'
  ],
  ['a reply', '<reply xmlns="urn:smps:1" to="00000000-0000-4000-8000-000000000000" status="done"/>']
])('%s ends the link with the fault', async (_, text) => {
  const lab = await open();
  const link = await lab.as('admin');
  link.say(xml(text));
  await link.until(() => link.closed);
  expect(link.closed?.code).toBe('malformed');
});

test('bytes that are not UTF-8, and a message beyond the limit, end the link', async () => {
  const lab = await open();
  for (const bytes of [new Uint8Array([0x3c, 0xff, 0x3e]), new Uint8Array(4 * 1024 * 1024 + 1).fill(0x20)]) {
    const link = await lab.as('admin');
    link.say(bytes as Xml);
    await link.until(() => link.closed);
    expect(['malformed', 'too-large']).toContain(link.closed?.code);
  }
});

test('a link that answers nothing is refused further commands, and ended when it goes on', async () => {
  const lab = await open();
  const link = await lab.as('admin');
  link.stalled = true;
  const replies = Array.from({ length: MAX_UNANSWERED + 1 }, () => link.run('operator.list', {}));
  expect((await replies.at(-1))?.fault?.code).toBe('busy');
  for (let n = 0; n < MAX_UNANSWERED; n++) void link.run('operator.list', {});
  await link.until(() => link.closed);
  expect(link.closed?.code).toBe('busy');
});

test('watching answers with everything there is, where the journal stands, and the hash it has at the kept number', async () => {
  const lab = await open({ vms: 7 });
  const link = await lab.as('operator');
  const vm = (await lab.driver.list()).find(({ state }) => state === 'running');
  if (vm) await link.run('vm.set-vcpus', { vm: vm.id, vcpus: vcpus(1), when: 'now' });
  const reply = await link.run('host.watch', { keptNumber: 2 });
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
  expect((await lab.link(link.operator).run('host.watch', { keptNumber: 4000 })).head?.keptHash).toBeNull();
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
    expect(Date.now() - begun).toBeLessThan(2_000);
    await link.until(() => link.events.some(({ removed }) => removed.some(({ id }) => id === gone.id)));
  }
);

test('while nobody watches nothing is read, and ten watchers cost as much as one', async () => {
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

test('a link made with a pairing code may enrol and nothing else, and then what the code’s role may', async () => {
  const lab = await open();
  const { id } = await lab.core.codes.create('operator');
  const link = lab.link(newOperator(), id);
  for (const op of ['host.watch', 'vm.pause', 'operator.list'] as const) {
    expect((await link.run(op, argsOf(await lab.vm())[op])).fault?.code).toBe('unknown-operator');
  }
  const reply = await link.run('host.enroll', { label: 'Zoe\u0308' });
  expect(reply).toMatchObject({ status: 'done', role: 'operator', journal: 2 });
  expect(lab.core.operators.get(link.operator)).toMatchObject({ label: 'Zoë', role: 'operator' });
  expect(lab.logged.find(({ event }) => event === 'enrolled')?.fields).toMatchObject({ checkNumber: '1234 5678' });
  expect((await link.run('vm.pause', { vm: (await lab.vm()).id })).status).toBe('done');
  expect((await link.run('host.enroll', { label: 'Again' })).fault?.code).toBe('pairing-refused');
});

test('a pairing code enrols once: of two links made with it the second is refused', async () => {
  const lab = await open();
  const { id } = await lab.core.codes.create('admin');
  const links = [lab.link(newOperator(), id), lab.link(newOperator(), id)];
  const replies = await Promise.all(links.map((link) => link.run('host.enroll', { label: 'Ada' })));
  expect(replies.map(({ status }) => status).sort()).toEqual(['done', 'refused']);
  expect(replies.find(({ status }) => status === 'refused')?.fault?.code).toBe('pairing-refused');
  expect(lab.core.operators.list()).toHaveLength(1);
});

test('an enrolment whose answer was lost is told again to the operator, on an ordinary link', async () => {
  const lab = await open();
  const { id: code } = await lab.core.codes.create('viewer');
  const operator = newOperator();
  const id = newCommandId();
  await lab.link(operator, code).run('host.enroll', { label: 'Ada' }, { id });
  const reply = await lab.link(operator).run('host.enroll', { label: 'Ada' }, { id });
  expect(reply).toMatchObject({ status: 'done', role: 'viewer', journal: 2 });
});

test('an invitation is a ticket that enrols with its role, told again under the same id, and is in no file but its own', async () => {
  const lab = await open();
  const admin = await lab.as('admin');
  const id = newCommandId();
  const { ticket, status } = await admin.run('operator.invite', { role: 'viewer' }, { id });
  expect(status).toBe('done');
  const [host, , code] = ticket?.text.split('.') ?? [];
  expect(host).toBe('lab');
  expect((await lab.link(admin.operator).run('operator.invite', { role: 'viewer' }, { id })).ticket).toEqual(ticket);
  expect(await lab.text('journal.jsonl')).not.toContain(code);
  expect(JSON.stringify(lab.logged)).not.toContain(code);
});

test('revoking an operator ends that operator’s links at once, silent ones too, and nobody else’s', async () => {
  const lab = await open();
  const admin = await lab.as('admin');
  const operator = await lab.as('operator');
  const silent = lab.link(operator.operator);
  const bystander = await lab.as('viewer');
  await operator.run('host.watch', watch);
  const reply = await admin.run('operator.revoke', { key: operator.operator });
  expect(reply.status).toBe('done');
  expect([operator.closed?.code, silent.closed?.code]).toEqual(['unknown-operator', 'unknown-operator']);
  expect([bystander.closed, admin.closed]).toEqual([null, null]);
  expect(lab.core.operators.get(operator.operator)).toBeNull();
});

test('an admin who revokes himself still gets the answer, and is gone after it', async () => {
  const lab = await open();
  await lab.as('admin');
  const admin = await lab.as('admin');
  expect((await admin.run('operator.revoke', { key: admin.operator })).status).toBe('done');
  await admin.until(() => admin.closed);
  expect(admin.closed?.code).toBe('unknown-operator');
});

test('the last admin can neither be revoked nor made less', async () => {
  const lab = await open();
  const admin = await lab.as('admin');
  await lab.as('operator');
  const key = admin.operator;
  expect((await admin.run('operator.revoke', { key })).fault?.code).toBe('last-admin');
  expect((await admin.run('operator.set-role', { key, role: 'operator' })).fault?.code).toBe('last-admin');
  expect(lab.core.operators.get(key)?.role).toBe('admin');
});

test('a role counts as it stands at the moment of the command', async () => {
  const lab = await open();
  const admin = await lab.as('admin');
  const operator = await lab.as('viewer');
  const pause = { vm: (await lab.vm()).id };
  expect((await operator.run('vm.pause', pause)).fault?.code).toBe('forbidden');
  const listed = await admin.run('operator.set-role', { key: operator.operator, role: 'operator' });
  expect(listed.status).toBe('done');
  expect((await operator.run('vm.pause', pause)).status).toBe('done');
  const { operators } = await admin.run('operator.list', {});
  expect(operators.find(({ key }) => key === operator.operator)?.role).toBe('operator');
});

test('an agent that is stopping begins nothing any more, and lets what runs end', async () => {
  const lab = await open();
  const link = await lab.as('operator');
  const vm = await lab.vm();
  let release = (): void => undefined;
  const gate = new Promise<void>((resolve) => (release = resolve));
  const original = lab.driver.power.bind(lab.driver);
  lab.driver.power = async (...args) => {
    await gate;
    return original(...args);
  };
  const running = link.run('vm.pause', { vm: vm.id });
  const waiting = link.run('vm.resume', { vm: vm.id });
  while ((await lab.core.journal.activities({ limit: 1, before: null, vm: null })).length === 0)
    await new Promise(setImmediate);
  const stopped = lab.core.stop(5_000);
  expect((await link.run('vm.pause', { vm: vm.id })).fault?.code).toBe('busy');
  release();
  expect((await running).status).toBe('done');
  expect((await waiting).fault?.code).toBe('busy');
  await stopped;
});
