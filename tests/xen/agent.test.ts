// The agent in the domain 0 of a real Xen host, as it is installed: an operator outside makes a guest there, gives it what it
// asks for while it runs, and the guest says so itself.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hostId } from '../../src/lib/model/ids.ts';
import type { VmId } from '../../src/lib/model/ids.ts';
import { mib, vcpus } from '../../src/lib/model/units.ts';
import type { Args, Op } from '../../src/lib/protocol/schema.ts';
import { until } from '../conformance/expect.ts';
import { AGENT_PORT, Dom0Agent } from './dom0-agent.ts';
import { startXenHost } from './host/host.ts';
import type { XenHost } from './host/host.ts';
import { linked } from './linked.ts';

const ID = hostId('dom0');
const BOOT = 90_000;

describe('the agent in domain 0', () => {
  let host: XenHost;
  let link: Awaited<ReturnType<typeof linked>>;
  beforeAll(async () => {
    host = await startXenHost({ name: 'dom0', forward: [AGENT_PORT], progress: (line) => console.log(line) });
    const agent = await Dom0Agent.install(host, ID);
    await agent.start();
    link = await linked(host, agent, ID);
  });
  afterAll(async () => {
    await link.close();
    await host.stop();
  });

  const ran = async <O extends Op>(op: O, args: Args<O>): Promise<string> => {
    const { status, fault, effects } = await link.client.run(ID, op, args);
    expect(status, fault?.message ?? '').toBe('done');
    return effects[0]?.asked.split(' ', 1)[0] ?? '';
  };
  const said = (words: RegExp): Promise<unknown> =>
    until(
      BOOT,
      () => host.guestStates('inside'),
      (all) => words.test(all.at(-1) ?? '')
    );
  const memory = async (): Promise<number> =>
    Number(/MemTotal=(\d+)/.exec((await host.guestStates('inside')).at(-1) ?? '')?.[1]);

  it('knows its host as Xen', () => {
    const at = link.client.fleet.hosts.get(ID);
    expect(at?.facts).toMatchObject({ hypervisor: 'xen', accelerator: 'xen' });
    expect(at?.pools.map(({ name }) => name)).toEqual(['local']);
    expect(at?.networks.map(({ name }) => name)).toEqual(['bridged']);
    expect(at?.images.map(({ name }) => name)).toEqual(['tiny', 'tiny-pv']);
  });

  it('makes a guest, gives it a vCPU, memory, a disk and an interface while it runs, takes them back, and deletes it', async () => {
    await ran('vm.create', {
      name: 'inside',
      description: '',
      tags: null,
      protected: false,
      autostart: false,
      image: 'tiny-pv',
      vcpus: vcpus(1),
      vcpusMax: vcpus(2),
      memory: mib(128),
      memoryMax: mib(256),
      start: true,
      disks: [],
      nics: [],
      userData: null,
      sshKeys: []
    });
    await said(/^nproc=1 .* disks= nets=lo$/);
    const vm = [...(link.client.fleet.hosts.get(ID)?.vms.values() ?? [])].find(({ name }) => name === 'inside')
      ?.id as VmId;
    const small = await memory();
    await ran('vm.set-vcpus', { vm, vcpus: vcpus(2), when: 'now' });
    await said(/^nproc=2 /);
    await ran('vm.set-memory', { vm, memory: mib(192), when: 'now' });
    await until(BOOT, memory, (now) => now === small + 64 * 1024);
    const disk = await ran('vm.attach-disk', { vm, pool: 'local', volume: null, capacity: mib(16) });
    await said(/disks=xvda /);
    const mac = await ran('vm.attach-nic', { vm, network: 'bridged' });
    await said(/nets=eth0,lo$/);

    await ran('vm.detach-nic', { vm, mac });
    await said(/nets=lo$/);
    await ran('vm.detach-disk', { vm, target: disk, deleteVolume: true });
    await said(/disks= /);
    await ran('vm.set-memory', { vm, memory: mib(128), when: 'now' });
    await until(BOOT, memory, (now) => now === small);
    await ran('vm.set-vcpus', { vm, vcpus: vcpus(1), when: 'now' });
    await said(/^nproc=1 /);
    await ran('vm.power-off', { vm });
    await ran('vm.delete', { vm, deleteDisks: true });
    expect(await host.ssh('virsh -q list --all --name')).not.toContain('inside');
  });
});
