import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, expect, test } from 'vitest';
import { AgentLab, newCommandId } from '../tests/support/agent-lab.ts';
import type { Vm } from '../src/lib/model/fleet.ts';
import type { CommandId } from '../src/lib/model/ids.ts';
import { mib, vcpus } from '../src/lib/model/units.ts';
import type { SimulatedConfig } from './drivers/simulated/config.ts';
import type { SampleVm } from './drivers/simulated/config.ts';

const RUNNING: SampleVm = { name: 'web-1', vcpus: 2, memory: 256, state: 'running', disks: [64], nics: 1 };

const labs: AgentLab[] = [];
const open = async (config: SimulatedConfig = {}): Promise<AgentLab> => {
  const lab = await AgentLab.open({ vms: [RUNNING], ...config });
  labs.push(lab);
  return lab;
};
const kept = (lab: AgentLab): AgentLab => {
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

test('an agent killed in the middle of a command says unknown afterwards, what it found, and does not run it again', async () => {
  const lab = await open();
  const { count, hold } = counting(lab);
  hold();
  const link = await lab.as('operator');
  const vm = await lab.vm();
  const id = newCommandId();
  void link.run('vm.set-vcpus', setVcpus(vm, 4), { id });
  while (count() === 0) await new Promise(setImmediate);

  const next = kept(await lab.afterKill());
  const reply = await next.link(link.operator).run('vm.set-vcpus', setVcpus(vm, 4), { id });
  expect(reply).toMatchObject({ status: 'unknown', fault: { code: 'interrupted' }, journal: 2, vm: { vcpus: 2 } });
  expect(reply.fault?.message).toContain('Set vCPUs of web-1 to 4');
  expect(reply.effects[0]?.seen).toContain('web-1 is running with 2 vCPUs, 256 MiB');
  expect(count()).toBe(1);
  const { activities } = await next.link(link.operator).run('activity.list', { limit: 5, before: null, vm: null });
  expect(activities[0]).toMatchObject({ command: id, status: 'unknown' });
  expect(activities[0]?.reason).toContain('found afterwards: web-1 is running with 2 vCPUs');
});

test('wherever the journal was cut off by a crash, every command sent again has happened exactly once in the end', async () => {
  const lab = await open({ vms: [RUNNING, { ...RUNNING, name: 'web-2' }] });
  const link = await lab.as('operator');
  const [a, b] = [await lab.vm(0), await lab.vm(1)];
  const commands = Array.from({ length: 8 }, (_, n) => ({
    id: newCommandId(),
    args: setVcpus(n % 2 === 0 ? a : b, 1 + ((n * 3) % 4))
  }));
  for (const { id, args } of commands) await link.run('vm.set-vcpus', args, { id });
  const journal = await readFile(join(lab.directory, 'journal.jsonl'));

  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 0, max: journal.length }), async (length) => {
      // A command can only have been carried out if its beginning was on disk.
      const before = new Set<CommandId>();
      for (const line of journal.subarray(0, length).toString().split('\n').slice(0, -1)) {
        const { kind, id } = JSON.parse(line) as { kind: string; id: CommandId };
        if (kind === 'started') before.add(id);
      }
      const crashed = await lab.crashed(journal.subarray(0, length));
      const { count } = counting(crashed);
      const again = crashed.link(link.operator);
      let carriedOut = 0;
      for (const { id, args } of commands) {
        const was = count();
        const reply = await again.run('vm.set-vcpus', args, { id });
        const times = (before.has(id) ? 1 : 0) + (count() - was);
        expect(times).toBe(1);
        expect(before.has(id) ? ['done', 'unknown'] : ['done']).toContain(reply.status);
        carriedOut += times;
      }
      expect(carriedOut).toBe(commands.length);
      await crashed.close();
    }),
    { numRuns: 40 }
  );
});

test('a creation chooses the id before it begins, so that an interrupted one can be recognised', async () => {
  const lab = await open();
  const link = await lab.as('operator');
  const chosen: string[] = [];
  lab.driver.create = (vm) => {
    chosen.push(vm.id);
    return new Promise(() => undefined);
  };
  const id = newCommandId();
  const args = {
    name: 'new-1',
    description: null,
    image: 'tiny-linux',
    vcpus: vcpus(1),
    vcpusMax: vcpus(2),
    memory: mib(128),
    memoryMax: mib(256),
    start: false,
    disks: [],
    nics: [],
    tags: null,
    protected: false,
    autostart: false,
    userData: null,
    sshKeys: []
  };
  void link.run('vm.create', args, { id });
  while (chosen.length === 0) await new Promise(setImmediate);
  const next = kept(await lab.afterKill());
  const reply = await next.link(link.operator).run('vm.create', args, { id });
  expect(reply).toMatchObject({ status: 'unknown', vm: null });
  expect(reply.effects[0]).toMatchObject({ seen: 'there is no such VM' });
  expect((await next.core.journal.find(id))?.started.vm).toBe(chosen[0]);
});
