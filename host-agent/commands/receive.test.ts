import { afterEach, expect, test } from 'vitest';
import { AgentLab, newCommandId, newOperator } from '../../tests/support/agent-lab.ts';
import { ROLES, roleAllows } from '../../src/lib/model/fleet.ts';
import type { Vm } from '../../src/lib/model/fleet.ts';
import type { Xml } from '../../src/lib/model/stages.ts';
import { hostId } from '../../src/lib/model/ids.ts';
import { millis, mib, vcpus } from '../../src/lib/model/units.ts';
import { ops } from '../../src/lib/protocol/schema.ts';
import type { Args, Op } from '../../src/lib/protocol/schema.ts';
import type { SampleVm, SimulatedConfig } from '../drivers/simulated/config.ts';
import { MAX_UNANSWERED } from './receive.ts';

const PIN = `sha256:${'A'.repeat(43)}`;

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
const watch = { keptNumber: null, loadEvery: null };

/** Arguments that would do for every op. */
function argsOf(vm: Vm): { [O in Op]: Args<O> } {
  const it = { vm: vm.id };
  const operator = newOperator();
  const disk = vm.disks[0]?.target ?? 'vda';
  const size = { vcpus: vcpus(1), vcpusMax: vcpus(1), memory: mib(64), memoryMax: mib(64) };
  const way = { url: 'https://127.0.0.1:1', pin: `sha256:${'A'.repeat(43)}`, token: 'A'.repeat(43) };
  const like = {
    hypervisor: 'simulated',
    accelerator: 'simulated',
    cpuModel: 'Simulated processor',
    from: PIN
  } as const;
  const none = { disks: [], nics: [], sshKeys: [] };
  const nothing = { description: null, tags: null, protected: false, autostart: null, userData: null, ...none };
  return {
    'host.watch': watch,
    'host.enroll': { label: 'Ada' },
    'activity.list': { limit: 5, before: null, vm: null },
    'load.history': { vm: vm.id, from: millis(0), to: millis(Date.now()), points: 10 },
    'operator.list': {},
    'host.set-maintenance': { on: false, reason: '' },
    'operator.invite': { role: 'viewer' },
    'operator.set-role': { key: operator, role: 'viewer' },
    'operator.revoke': { key: operator },
    'command.cancel': { command: newCommandId() },
    'vm.create': { ...nothing, name: 'n', image: 'tiny-linux', ...size, start: false },
    'vm.clone': { ...it, name: 'copy' },
    'vm.migrate': { ...it, to: hostId('other'), ...way, bandwidth: null, autoConverge: false, downtime: null },
    'migration.prepare': {
      ...{ ...it, name: 'n', ...like, memory: mib(64), running: true, autostart: null },
      ...{ disks: [], nics: [] }
    },
    'migration.release': it,
    'migration.decide': { ...it, runs: 'here' },
    'console.open': { ...it, kind: 'serial', channel: 1, takeOver: true, purpose: null },
    'vm.set-tags': { ...it, tags: ['web'] },
    'vm.set-notes': { ...it, notes: 'note' },
    'vm.set-protected': { ...it, protected: false },
    'vm.set-autostart': { ...it, autostart: true },
    'vm.start': it,
    'vm.shutdown': it,
    'vm.power-off': it,
    'vm.reboot': it,
    'vm.pause': it,
    'vm.resume': it,
    'vm.save': it,
    'vm.discard-saved': it,
    'vm.rename': { ...it, name: 'other' },
    'vm.delete': { ...it, deleteDisks: false },
    'vm.set-vcpus': { ...it, vcpus: vcpus(2), when: 'now' },
    'vm.set-memory': { ...it, memory: mib(300), when: 'now' },
    'vm.set-cpu-share': { ...it, weight: 512, cap: 150, when: 'now' },
    'vm.set-vcpu-affinity': { ...it, cpus: '0-1', when: 'now' },
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
