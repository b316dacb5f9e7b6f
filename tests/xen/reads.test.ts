// What the libvirt driver reads from a real Xen host: facts, loads, events, what others change behind its back, and domains
// that libvirt does not have.
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Change, Driver } from '../../host-agent/drivers/driver.ts';
import { libvirtDriver } from '../../host-agent/drivers/libvirt/driver.ts';
import { managed } from '../../host-agent/drivers/libvirt/poll.ts';
import { Virsh } from '../../host-agent/drivers/libvirt/virsh.ts';
import { XlDomains } from '../../host-agent/drivers/libvirt/xl.ts';
import type { Vm, VmLoad } from '../../src/lib/model/fleet.ts';
import type { VmId } from '../../src/lib/model/ids.ts';
import { until } from '../conformance/expect.ts';
import { startXenHost } from './host/host.ts';
import type { XenHost } from './host/host.ts';

const run = promisify(execFile);
const GUEST = '5a1f0c1e-0000-4000-8000-000000000001' as VmId;
const ZERO = '00000000-0000-0000-0000-000000000000' as VmId;
/** What raises no event is read again every 4 s (domains.ts); this machine may be slow. */
const UNHEARD = 20_000;

let host: XenHost;
let driver: Driver;
let dir = '';

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'smps-xen-reads-'));
  host = await startXenHost({ name: 'reads', progress: (line) => console.log(line) });
  driver = libvirtDriver({ uri: host.uri, images: host.images });
  await virsh('vol-create-as', 'local', 'root.img', '16M', '--format', 'raw');
  await virsh('vol-create-as', 'local', 'more.img', '8M', '--format', 'raw');
  await write(
    'guest.xml',
    `<domain type='xen'><name>guest</name><uuid>${GUEST}</uuid>
      <memory unit='MiB'>256</memory><currentMemory unit='MiB'>128</currentMemory><vcpu current='1'>2</vcpu>
      <os><type arch='x86_64' machine='xenpv'>xen</type><kernel>${host.images}/tiny/vmlinux</kernel>
        <initrd>${host.images}/tiny/initramfs</initrd><cmdline>console=hvc0 quiet rdinit=/init</cmdline></os>
      <devices>
        <disk type='file' device='disk'><driver name='phy' type='raw'/><source file='${await volume('root.img')}'/><target dev='xvda' bus='xen'/></disk>
        <interface type='network'><mac address='00:16:3e:00:00:01'/><source network='bridged'/></interface>
        <console type='pty'/>
      </devices></domain>`
  );
  await virsh('define', join(dir, 'guest.xml'));
  await virsh('start', 'guest');
  await says(/nproc=1 .*disks=xvda/);
});
afterAll(async () => {
  await driver.close();
  await host.stop();
  await rm(dir, { recursive: true });
});

const virsh = async (...args: string[]): Promise<string> =>
  (await run('virsh', ['-q', '-c', host.uri, ...args])).stdout;
const volume = async (name: string): Promise<string> => (await virsh('vol-path', '--pool', 'local', name)).trim();
const write = (name: string, text: string): Promise<void> => writeFile(join(dir, name), text);
const says = (words: RegExp): Promise<unknown> =>
  until(
    60_000,
    () => host.guestStates('guest'),
    (all) => words.test(all.at(-1) ?? '')
  );
const shown = async (): Promise<Vm | undefined> => (await driver.list()).find(({ id }) => id === GUEST);
const shows = (what: (vm: Vm) => boolean): Promise<unknown> =>
  until(UNHEARD, shown, (vm) => vm !== undefined && what(vm));

describe('a real Xen host', () => {
  it('is described as Xen counts it, though the agent runs on another machine', async () => {
    const facts = await driver.describe();
    const [cpus, zero] = await Promise.all([host.ssh('xl info nr_cpus'), host.ssh('xl list 0')]);
    expect(facts).toMatchObject({
      hypervisor: 'xen',
      accelerator: 'xen',
      cpus: Number(cpus),
      numaCells: 1,
      scheduler: (await host.ssh('xl info xen_scheduler')).trim(),
      xlVms: 'unseen'
    });
    expect(facts.hypervisorVersion).toMatch(/^Xen 4\.\d+$/);
    const total = Number(await host.ssh('xl info total_memory'));
    expect(Math.abs(facts.memory - total)).toBeLessThanOrEqual(1);
    const [, memory, vcpus] = / 0 +(\d+) +(\d+) /.exec(zero) ?? [];
    expect(facts.domainZero).toEqual({ vcpus: Number(vcpus), memory: Number(memory) });
  });

  it('tells loads: CPU of the guest and of the host, memory Xen gave away, disk and network as far as they are counted', async () => {
    let busy: VmLoad | undefined;
    let last = (await driver.stats()).host;
    await until(
      20_000,
      async () => {
        const stats = await driver.stats();
        [busy] = stats.vms;
        last = stats.host;
        return busy?.cpu ?? 0;
      },
      (cpu) => cpu > 0
    );
    expect(busy).toMatchObject({ vm: GUEST, memoryUsed: null });
    for (const figure of [busy?.diskRead, busy?.diskWrite, busy?.netReceive, busy?.netTransmit]) {
      expect(figure).toBeGreaterThanOrEqual(0);
    }
    expect(last.cpu).toBeGreaterThan(0);
    const free = Number(await host.ssh('xl info free_memory'));
    const { memory } = await driver.describe();
    expect(Math.abs((last.memoryUsed ?? 0) - (memory - free))).toBeLessThan(16);
    // Domain 0's own disks are not seen from here.
    expect(last).toMatchObject({ diskRead: null, diskWrite: null, netReceive: null, netTransmit: null });
  });

  it('has no VM that is domain 0, and lets nothing happen to it', async () => {
    expect((await driver.list()).map(({ id }) => id)).toEqual([GUEST]);
    expect(await driver.get(ZERO)).toBeNull();
    for (const change of [driver.power(ZERO, 'power-off'), driver.delete(ZERO, true), driver.setTags(ZERO, ['x'])]) {
      expect(await change).toMatchObject({ status: 'refused', fault: { code: 'not-found' } });
    }
    expect(await virsh('domstate', 'Domain-0')).toContain('running');
  });
});

describe('what others do to a guest of a real Xen host', () => {
  it('raises an event when it is its lifecycle', async () => {
    const ending = new AbortController();
    const heard: Change[] = [];
    driver.watch(
      (change) => heard.push(change),
      () => undefined,
      ending.signal
    );
    // Nothing says that the listener is ready: an event does.
    await until(
      20_000,
      async () => {
        await virsh('suspend', 'guest');
        await virsh('resume', 'guest');
        return heard.length;
      },
      (events) => events > 0
    );
    heard.length = 0;
    await virsh('suspend', 'guest');
    await until(
      5_000,
      () => Promise.resolve(heard),
      (all) => all.some(({ vm }) => vm === GUEST)
    );
    expect(await driver.get(GUEST)).toMatchObject({ state: 'paused' });
    ending.abort();
    await virsh('resume', 'guest');
  });

  it('shows by itself when it is its vCPUs, memory or devices', async () => {
    await virsh('setvcpus', 'guest', '2', '--live');
    await shows((vm) => vm.vcpus === 2 && vm.vcpusNext === 1 && vm.seen?.vcpus === 2);
    await virsh('setmem', 'guest', '192M', '--live');
    await shows((vm) => vm.memory === 192 && vm.memoryNext === 128);
    await write(
      'disk.xml',
      `<disk type='file' device='disk'><driver name='phy' type='raw'/><source file='${await volume('more.img')}'/><target dev='xvdb' bus='xen'/></disk>`
    );
    await write(
      'nic.xml',
      `<interface type='network'><mac address='00:16:3e:00:00:02'/><source network='bridged'/></interface>`
    );
    for (const name of ['disk.xml', 'nic.xml']) await virsh('attach-device', 'guest', join(dir, name), '--live');
    await shows((vm) => vm.disks.length === 2 && vm.nics.length === 2);
    expect((await shown())?.disks).toMatchObject([
      { target: 'xvda', pool: 'local', volume: 'root.img', capacity: 16 * 2 ** 20, pending: null },
      { target: 'xvdb', pool: 'local', volume: 'more.img', capacity: 8 * 2 ** 20, pending: 'detach' }
    ]);
    await says(/nproc=2 .*disks=xvda,xvdb .*nets=eth0,eth1/);
  });

  it('shows by itself also past libvirt, as far as Xen counts it', async () => {
    await host.ssh('xl vcpu-set guest 1');
    // Offline, or waiting for a CPU of the host: libvirt does not tell the two apart.
    await shows((vm) => vm.vcpus === 2 && vm.seen === null);
    await host.ssh('xl mem-set guest 144');
    await shows((vm) => vm.memory === 144);
  });

  it('leaves the network absent once a part of it is not counted', async () => {
    await driver.stats();
    const rates = await until(
      20_000,
      async () => (await driver.stats()).vms[0],
      (load) => load?.diskRead !== undefined && load.diskRead !== null
    );
    expect(rates).toMatchObject({ netReceive: null, netTransmit: null });
  });
});

describe('a domain that xl made', () => {
  it('is unknown to libvirt, told apart in domain 0, and managed once it is defined and started anew', async () => {
    await host.ssh(
      'cat > /tmp/past.cfg',
      `name = "past"\ntype = "pv"\nkernel = "${host.images}/tiny/vmlinux"\nramdisk = "${host.images}/tiny/initramfs"\n` +
        'extra = "console=hvc0 quiet rdinit=/init"\nmemory = 128\nmaxmem = 192\nvcpus = 1\nmaxvcpus = 2\n'
    );
    await host.ssh('xl create -q /tmp/past.cfg');
    expect((await driver.list()).map(({ name }) => name)).toEqual(['guest']);

    const there = new Virsh(host.uri);
    const xl = (): XlDomains =>
      new XlDomains(
        () => managed(there),
        () => '',
        () => undefined,
        (args) => host.ssh(`xl ${args.join(' ')}`)
      );
    const [past, ...others] = [...(await xl().domains()).values()];
    expect(others).toEqual([]);
    expect(past).toMatchObject({
      name: 'past',
      state: 'running',
      memory: 128,
      config: { kind: 'pv', vcpus: 1, vcpusMax: 2, memoryMax: 192 * 1024 }
    });

    // The words an operator is given.
    await host.ssh('cd /tmp && virsh domxml-from-native --format xen-xl past.cfg > vm.xml; virsh define vm.xml');
    await host.ssh('xl destroy past');
    await virsh('start', 'past');
    expect((await xl().domains()).size).toBe(0);
    await until(
      UNHEARD,
      () => driver.list(),
      (vms) => vms.some(({ name, state, unmanaged }) => name === 'past' && state === 'running' && unmanaged === null)
    );
    there.close();
  });
});
