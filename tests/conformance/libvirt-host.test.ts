// The sample's libvirt host: started, taken over, stopped, found again; real daemons and a real guest.
import { chmod, mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { libvirtDriver } from '../../host-agent/drivers/libvirt/driver.ts';
import { vmId } from '../../src/lib/model/ids.ts';
import { mib, vcpus } from '../../src/lib/model/units.ts';
import { startLibvirtHost } from '../../scripts/sample/libvirt-host.ts';
import { effectsOf, theVm, until } from './expect.ts';
import { hasLibvirt, imagesForTests } from './libvirt-subject.ts';

const isRoot = process.getuid?.() === 0;

describe.skipIf(!hasLibvirt)('a libvirt host of the sample', () => {
  let dir: string;
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'smps-'));
    await chmod(dir, 0o755);
  });
  afterEach(() => rm(dir, { recursive: true, force: true }));

  it('is found again with its VMs: those that ran run again, and a killed daemon finds its guests running', async () => {
    const images = await imagesForTests();
    // Too long for the sockets below it, as a state directory usually is.
    const state = join(dir, 'a-state-directory/that-is/nested-quite-deeply', 'h');
    const first = await startLibvirtHost({ dir: state, index: 73 });
    expect(Buffer.byteLength(/socket=(.*)$/.exec(first.uri)?.[1] ?? '')).toBeLessThanOrEqual(100);
    let driver = libvirtDriver({ uri: first.uri, images });
    const base = {
      description: '',
      tags: [],
      protected: false,
      autostart: false,
      seed: null,
      image: 'tiny',
      vcpus: vcpus(1),
      vcpusMax: vcpus(1),
      memory: mib(96),
      memoryMax: mib(96)
    };
    const [on, off] = [vmId(randomUUID()), vmId(randomUUID())];
    await effectsOf(
      driver.create({
        ...base,
        id: on,
        name: 'on',
        start: true,
        disks: [{ pool: 'local', capacity: mib(4) }],
        nics: []
      })
    );
    await effectsOf(driver.create({ ...base, id: off, name: 'off', start: false, disks: [], nics: [] }));
    const { startedAt } = await theVm(driver, on);

    process.kill(first.pid, 'SIGKILL');
    await until(
      5_000,
      () => alive(first.pid),
      (is) => !is
    );
    const second = await startLibvirtHost({ dir: state, index: 73 });
    expect(second).toMatchObject({ uri: first.uri, restarted: [] });
    expect(await theVm(driver, on)).toMatchObject({ state: 'running', startedAt });
    // Whoever starts it once more takes over what is there.
    expect((await startLibvirtHost({ dir: state, index: 73 })).pid).toBe(second.pid);
    if (isRoot) expect(await uidOf(second.pid)).not.toBe(0);

    await second.stop();
    await second.stop();
    expect(await alive(second.pid)).toBe(false);
    await driver.close();

    const third = await startLibvirtHost({ dir: state, index: 73 });
    expect(third.restarted).toEqual([on]);
    driver = libvirtDriver({ uri: third.uri, images });
    expect((await driver.list()).map((vm) => [vm.name, vm.state]).sort()).toEqual([
      ['off', 'off'],
      ['on', 'running']
    ]);
    await driver.close();
    await third.stop();
    expect(await alive(third.pid)).toBe(false);
  });

  it('ends the guests of a daemon that is dead already', async () => {
    const images = await imagesForTests();
    const host = await startLibvirtHost({ dir: join(dir, 'h'), index: 74 });
    const driver = libvirtDriver({ uri: host.uri, images });
    const id = vmId(randomUUID());
    await effectsOf(
      driver.create({
        id,
        name: 'left',
        description: '',
        tags: [],
        protected: false,
        autostart: false,
        seed: null,
        image: 'tiny',
        vcpus: vcpus(1),
        vcpusMax: vcpus(1),
        memory: mib(96),
        memoryMax: mib(96),
        start: true,
        disks: [],
        nics: []
      })
    );
    const guest = Number(await readFile(join(dir, 'h/r/libvirt/qemu/run/left.pid'), 'utf8'));
    expect(await alive(guest)).toBe(true);
    process.kill(host.pid, 'SIGKILL');
    await driver.close();
    await host.stop();
    expect(await alive(guest)).toBe(false);
  });

  it.skipIf(!isRoot)('says which directory is in the way when the user it runs as cannot reach it', async () => {
    await mkdir(join(dir, 'closed'), { mode: 0o700 });
    await expect(startLibvirtHost({ dir: join(dir, 'closed/h'), index: 75 })).rejects.toMatchObject({
      code: 'usage',
      message: expect.stringContaining(join(dir, 'closed')) as string
    });
  });
});

const stat = (pid: number): Promise<string | null> => readFile(`/proc/${pid}/stat`, 'utf8').catch(() => null);
const alive = async (pid: number): Promise<boolean> => !/\) [ZX] |^$/.test((await stat(pid)) ?? '');
const uidOf = async (pid: number): Promise<number> =>
  Number(/^Uid:\s+(\d+)/m.exec(await readFile(`/proc/${pid}/status`, 'utf8'))?.[1]);
