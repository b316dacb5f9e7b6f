// HVM guests, on the QEMU for Xen in domain 0: defined, run as a machine, changed as far as Xen does it without their help, and refused
// what cannot be. Their own words are not asked for: where the processor that Xen runs on is itself emulated, the firmware of an emulated
// machine gets nowhere in minutes, as each of its instructions in real mode meets another interrupt.
import { randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Driver, NewVm } from '../../host-agent/drivers/driver.ts';
import { libvirtDriver } from '../../host-agent/drivers/libvirt/driver.ts';
import { offerOf } from '../../host-agent/drivers/offers.ts';
import { vmId } from '../../src/lib/model/ids.ts';
import type { VmId } from '../../src/lib/model/ids.ts';
import { mib, mibToBytes, vcpus } from '../../src/lib/model/units.ts';
import { effectsOf, refusalOf, theVm } from '../conformance/expect.ts';
import { startXenHost } from './host/host.ts';
import type { XenHost } from './host/host.ts';

const SECTOR = 512;

describe('a Xen guest: hvm', () => {
  let host: XenHost;
  let driver: Driver;
  let dir = '';
  let id: VmId;
  beforeAll(async () => {
    host = await startXenHost({ name: 'hvm' });
    dir = await mkdtemp(join(tmpdir(), 'smps-xen-hvm-'));
    const image = async (name: string, about: object): Promise<string> => {
      await mkdir(join(dir, name));
      await writeFile(join(dir, name, 'image.json'), JSON.stringify({ title: name, xen: 'hvm', ...about }));
      return join(dir, name);
    };
    const disk = await image('disk', { kind: 'disk', file: 'disk.img', format: 'raw', 'capacity-mib': 1 });
    await writeFile(join(disk, 'disk.img'), Buffer.alloc(mibToBytes(mib(1))));
    const unpacked = await image('unpacked', { kind: 'kernel', kernel: 'kernel', cmdline: '' });
    await symlink(join(host.images, 'tiny/vmlinux'), join(unpacked, 'kernel'));
    const packed = await image('packed', { kind: 'kernel', kernel: 'kernel', cmdline: 'console=ttyS0' });
    // Enough of one to be told by.
    const header = Buffer.alloc(2 * SECTOR);
    header.write('HdrS', 0x202);
    await writeFile(join(packed, 'kernel'), header);
    driver = libvirtDriver({ uri: host.uri, images: dir });
  });
  afterAll(async () => {
    await driver.close();
    await host.stop();
    await rm(dir, { recursive: true });
  });

  const newVm = (name: string, image: string, start = false): NewVm => ({
    ...{
      id: vmId(randomUUID()),
      name,
      image,
      start,
      description: '',
      tags: [],
      protected: false,
      autostart: false,
      seed: null
    },
    ...{ vcpus: vcpus(1), vcpusMax: vcpus(2), memory: mib(96), memoryMax: mib(128), disks: [] },
    nics: [{ network: 'bridged' }]
  });
  /** How many QEMUs there are that are a guest's machine. Brackets: the shell that looks is none. */
  const emulators = async (): Promise<number> => Number(await host.ssh('pgrep -fc -- "[-]xen-domid" || :'));
  const said = (name: Parameters<typeof offerOf>[0]) => offerOf(name, 'xen-hvm');

  it('is made of a bzImage, with a screen and a serial line, and deleted', async () => {
    const vm = newVm('packed', 'packed');
    await effectsOf(driver.create(vm));
    expect(await theVm(driver, vm.id)).toMatchObject({ kind: 'hvm', state: 'off' });
    await effectsOf(driver.delete(vm.id, true));
  });

  it('is not made of a kernel that its machine could not boot, which is said', async () => {
    const refusal = await refusalOf(driver.create(newVm('unpacked', 'unpacked')));
    expect(refusal).toMatchObject({
      code: 'unsupported',
      message: expect.stringMatching(/only as a bzImage.*pvh or pv/) as string
    });
    expect((await driver.list()).map(({ name }) => name)).toEqual([]);
  });

  it('runs as a machine of its own, from a copy of a disk', async () => {
    const vm = newVm('machine', 'disk', true);
    ({ id } = vm);
    await effectsOf(driver.create(vm));
    expect(await theVm(driver, id)).toMatchObject({
      ...{ kind: 'hvm', state: 'running', vcpus: 1, memory: 96 },
      disks: [{ target: 'xvda', volume: expect.any(String) as string }],
      nics: [{ network: 'bridged' }]
    });
    const { consoles } = await theVm(driver, id);
    for (const kind of ['screen', 'serial'] as const) expect(consoles.includes(kind)).toBe(said(kind).works);
    expect(await emulators()).toBe(1);
  });

  it('is changed from outside while it runs, and refused what its capabilities say', async () => {
    await effectsOf(driver.setCpuShare(id, { weight: 512, cap: 50 }, 'now'));
    expect((await theVm(driver, id)).cpuShare).toEqual({ weight: 512, cap: 50 });
    await effectsOf(driver.setVcpus(id, vcpus(2), 'next-boot'));
    expect(await theVm(driver, id)).toMatchObject({ vcpus: 1, vcpusNext: 2 });
    for (const [name, change] of [
      ['disk-grow', driver.growDisk(id, 'xvda', mib(2))],
      ['rename-running', driver.rename(id, 'anders')]
    ] as const) {
      const offer = said(name);
      expect(await refusalOf(change), name).toMatchObject({
        message: expect.stringContaining(offer.works ? '' : offer.reason) as string
      });
    }
    for (const [action, state] of [
      ['pause', 'paused'],
      ['resume', 'running'],
      ['power-off', 'off']
    ] as const) {
      await effectsOf(driver.power(id, action));
      expect((await theVm(driver, id)).state).toBe(state);
    }
    expect(await emulators()).toBe(0);
  });

  it('grows its disk while it is off, and is deleted with it', async () => {
    await effectsOf(driver.growDisk(id, 'xvda', mib(2)));
    expect((await theVm(driver, id)).disks[0]?.capacity).toBe(mibToBytes(mib(2)));
    await effectsOf(driver.delete(id, true));
    expect((await driver.pools()).flatMap(({ volumes }) => volumes)).toEqual([]);
  });
});
