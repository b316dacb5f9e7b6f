// What a VM may be and have when it moves between two libvirt hosts: off, with a seed, with disks on storage that both hosts see;
// and what keeps it from moving, all of it at once.
import { execFile } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Seed } from '../../host-agent/drivers/driver.ts';
import { Talk } from '../../host-agent/drivers/talk.ts';
import type { ProgressStage } from '../../src/lib/model/fleet.ts';
import { vmId } from '../../src/lib/model/ids.ts';
import type { VmId } from '../../src/lib/model/ids.ts';
import { mib, vcpus } from '../../src/lib/model/units.ts';
import { migrationLab, watched } from '../support/migration-lab.ts';
import type { MigrationLab } from '../support/migration-lab.ts';
import { effectsOf, refusalOf, theVm, until } from './expect.ts';
import { hasLibvirt, libvirtSubject } from './libvirt-subject.ts';
import type { LibvirtSubject } from './libvirt-subject.ts';
import { stays, volumesOf } from './moves.ts';

const run = promisify(execFile);
/** Whether a directory can be shown as a file system of the kind that many hosts share. */
const hasBindfs = ['/usr/bin/bindfs', '/dev/fuse'].every((path) => existsSync(path));

describe.skipIf(!hasLibvirt || process.getuid?.() !== 0)('between two libvirt hosts', () => {
  let lab: MigrationLab<LibvirtSubject>;
  let real: string;
  let mounted: string;
  /** A file system of 64 MiB. */
  let small: string;
  beforeAll(async () => {
    [real, mounted] = [await mkdtemp(join(tmpdir(), 'smps-real-')), await mkdtemp(join(tmpdir(), 'smps-shared-'))];
    await chmod(real, 0o777);
    // Before the hosts begin, each of which has its own view of what is mounted where.
    small = await mkdtemp(join(tmpdir(), 'smps-small-'));
    await run('mount', ['-t', 'tmpfs', '-o', 'size=64m,mode=777', 'tmpfs', small]);
    if (hasBindfs) await run('bindfs', ['-o', 'subtype=glusterfs,allow_other', real, mounted]);
    lab = await migrationLab(await libvirtSubject(75), await libvirtSubject(76));
  }, 300_000);
  afterAll(async () => {
    await lab.close();
    if (hasBindfs) await run('umount', [mounted]);
    await run('umount', [small]);
    for (const directory of [mounted, real, small]) await rm(directory, { recursive: true });
  });
  /** One test leaves nothing to the next. */
  afterEach(async () => {
    for (const { driver } of [lab.source, lab.target]) {
      for (const { id, state } of await driver.list()) {
        if (state !== 'off') await driver.power(id, 'power-off');
        await driver.delete(id, true);
      }
    }
  });

  const made = async (name: string, seed: Seed | null = null, pool = lab.source.pool, disk = 16): Promise<VmId> => {
    const id = vmId(randomUUID());
    const { driver, image, network } = lab.source;
    const size = { vcpus: vcpus(1), vcpusMax: vcpus(2), memory: mib(96), memoryMax: mib(256) };
    const about = { description: 'goes places', tags: ['db'], protected: true, autostart: true, seed };
    const has = { disks: [{ pool, capacity: mib(disk) }], nics: [{ network }] };
    await effectsOf(driver.create({ id, name, image, ...size, ...about, ...has, start: false }));
    await effectsOf(driver.setProtected(id, false));
    return id;
  };
  const move = async (id: VmId, held = watched()): ReturnType<MigrationLab['move']> =>
    lab.move(id, await lab.permit(await theVm(lab.source.driver, id)), held);
  /** What libvirt would start when this host boots. */
  const startedWith = (on: LibvirtSubject): Promise<readonly string[]> => readdir(on.autostarts);
  const config = async (on: LibvirtSubject, id: VmId): Promise<string> =>
    (await on.virsh('dumpxml', '--inactive', '--security-info', id)).replace(/<(address|alias|controller)[^]*?>/g, '');

  it('a VM that is off moves without running, its disk and its whole configuration with it', async () => {
    const id = await made('sleeper');
    const [before, xml] = [await theVm(lab.source.driver, id), await config(lab.source, id)];
    const volumes = await volumesOf(lab.source);
    await effectsOf(move(id));
    expect(await lab.source.driver.get(id)).toBeNull();
    expect(await volumesOf(lab.source)).toEqual([]);
    expect(await volumesOf(lab.target)).toEqual(volumes);
    const { revision, ...is } = await theVm(lab.target.driver, id);
    expect(before).toMatchObject(is);
    expect(is.autostart).toBe(true);
    expect(await startedWith(lab.source)).toEqual([]);
    expect(revision).not.toBe('');
    expect(await config(lab.target, id)).toBe(xml);
  });

  it.each(['checking', 'copying', 'moving'] as const)(
    'a VM that is off stays off when cancelled at %s',
    async (stage) => {
      const id = await made('sleeper');
      const permit = await lab.permit(await theVm(lab.source.driver, id));
      // At its end, when no stage lasted long enough to be told.
      const outcome = await refusalOf(lab.move(id, permit, watched(stage), 1));
      if (outcome === 'done') return;
      expect(outcome).toMatchObject({ code: 'cancelled' });
      await lab.arrivals().release(id);
      await stays(lab, id, 'off');
    }
  );

  it('a VM that is paused arrives paused, and goes on when it is told to', async () => {
    const id = await made('still');
    const { driver } = lab.source;
    await effectsOf(driver.power(id, 'start'));
    await effectsOf(driver.power(id, 'pause'));
    await effectsOf(move(id));
    expect(await theVm(lab.target.driver, id)).toMatchObject({ state: 'paused', autostart: true });
    await effectsOf(lab.target.driver.power(id, 'resume'));
    expect(await theVm(lab.target.driver, id)).toMatchObject({ state: 'running' });
  });

  it('a VM with a seed takes it along', async () => {
    const seed = { userData: '#cloud-config\n{}\n', sshKeys: [] };
    const id = await made('seeded', seed);
    const content = async (on: LibvirtSubject): Promise<string> => {
      const dir = await mkdtemp(join(tmpdir(), 'smps-seed-'));
      const file = join(dir, 'seed');
      await on.virsh('vol-download', '--pool', on.pool, '--vol', `${id}-seed.iso`, '--file', file);
      return readFile(file, 'latin1').finally(() => rm(dir, { recursive: true }));
    };
    const before = await content(lab.source);
    await effectsOf(lab.source.driver.power(id, 'start'));
    await effectsOf(move(id));
    expect(await theVm(lab.target.driver, id)).toMatchObject({ state: 'running' });
    expect(await content(lab.target)).toBe(before);
    expect(await volumesOf(lab.source)).toEqual([]);
  });

  /** A pool `shared` on both hosts, in this directory. */
  async function share(directory: string): Promise<void> {
    for (const on of [lab.source, lab.target]) {
      await on.virsh('pool-define-as', 'shared', 'dir', '--target', directory);
      await on.virsh('pool-start', 'shared');
    }
  }
  async function unshare(): Promise<void> {
    for (const on of [lab.source, lab.target]) {
      await on.virsh('pool-destroy', 'shared');
      await on.virsh('pool-undefine', 'shared');
    }
  }

  describe.skipIf(!hasBindfs)('with a pool on a file system that libvirt takes for shared', () => {
    beforeAll(() => share(mounted));
    afterAll(unshare);

    it.each(['running', 'off'])('a VM that is %s leaves its disk where it is', async (state) => {
      const id = await made('sharer', null, 'shared');
      if (state === 'running') await effectsOf(lab.source.driver.power(id, 'start'));
      const files = await readdir(mounted);
      const held = watched();
      const [effect] = await effectsOf(move(id, held));
      expect(effect?.note).toMatch(/vda on shared storage/);
      expect(await lab.source.driver.get(id)).toBeNull();
      expect(await theVm(lab.target.driver, id)).toMatchObject({ state, disks: [{ pool: 'shared' }] });
      expect(await readdir(mounted)).toEqual(files);
      expect(held.told.map(([stage]) => stage)).not.toContain('copying');
    });
  });

  it('storage that both see and libvirt does not take for shared is refused in its words, and the VM stays', async () => {
    await share(real);
    try {
      const id = await made('local', null, 'shared');
      await effectsOf(lab.source.driver.power(id, 'start'));
      const files = await readdir(real);
      await expect(move(id)).rejects.toThrow(/unsafe/i);
      await lab.arrivals().release(id);
      await stays(lab, id);
      expect(await readdir(real)).toEqual(files);
    } finally {
      await unshare();
    }
  });

  it('a target whose pool is full half-way has nothing of the VM, which goes on where it was, and the reason is the space', async () => {
    const filler = join(small, 'filler');
    for (const [on, directory] of [
      [lab.source, real],
      [lab.target, small]
    ] as const) {
      await on.virsh('pool-define-as', 'small', 'dir', '--target', directory);
      await on.virsh('pool-start', 'small');
    }
    try {
      const id = await made('filled', null, 'small', 40);
      const [disk] = (await theVm(lab.source.driver, id)).disks;
      const dir = await mkdtemp(join(tmpdir(), 'smps-data-'));
      const [raw, image] = [join(dir, 'raw'), join(dir, 'image')];
      await writeFile(raw, randomBytes(40 * 1024 * 1024));
      await run('qemu-img', ['convert', '-f', 'raw', '-O', 'qcow2', raw, image]);
      await lab.source.virsh('vol-upload', '--pool', 'small', '--vol', disk?.volume ?? '', '--file', image);
      await rm(dir, { recursive: true });
      await effectsOf(lab.source.driver.power(id, 'start'));
      const filled = Promise.withResolvers<unknown>();
      const held = {
        ...watched(),
        progress: (stage: ProgressStage): void => {
          if (stage === 'copying')
            filled.resolve(run('dd', ['if=/dev/zero', `of=${filler}`, 'bs=1M']).catch(() => null));
        }
      };
      const permit = await lab.permit(await theVm(lab.source.driver, id));
      await expect(lab.move(id, permit, held, 4)).rejects.toMatchObject({
        code: 'move-no-space',
        detail: { need: '40 MiB', left: expect.stringContaining('here') as string }
      });
      await filled.promise;
      expect(await theVm(lab.source.driver, id)).toMatchObject({ state: 'running', autostart: true });
      await until(
        40_000,
        () => readdir(small),
        (left) => left.join() === 'filler'
      );
      expect(await lab.target.driver.list()).toEqual([]);
    } finally {
      await rm(filler, { force: true });
      for (const on of [lab.source, lab.target]) {
        await on.virsh('pool-destroy', 'small');
      }
    }
  });

  it('a target whose processor lacks what the guest has says so before anything begins', async () => {
    const id = await made('modern');
    await lab.permit(await theVm(lab.source.driver, id));
    const { migration } = lab.target.driver;
    const stream = migration?.connect(id, 'talk');
    if (stream === undefined) throw new Error('the target cannot take VMs');
    const talk = new Talk(stream);
    const cpu = (features: string): string =>
      `<cpu mode="custom" match="exact"><model fallback="forbid">qemu64</model>${features}</cpu>`;
    const offer = { machine: 'pc-q35-7.2', arch: 'x86_64', type: 'qemu', files: [], cdroms: [] };
    talk.say({ offer: { ...offer, cpu: cpu('<feature policy="require" name="avx512f"/>') } });
    const answer = await talk.answer((fields) => fields.flag('agreed'));
    expect(answer).toMatchObject({
      why: expect.stringMatching(/the processor here lacks what its guest has/) as string
    });
    await lab.arrivals().release(id);
  });

  it('a volume of the same name on other storage is not taken for it', async () => {
    const id = await made('twin');
    const [disk] = (await theVm(lab.source.driver, id)).disks;
    const volume = disk?.volume ?? '';
    await lab.target.virsh('vol-create-as', lab.target.pool, volume, '16MiB', '--format', 'qcow2');
    expect(await refusalOf(move(id))).toMatchObject({
      code: 'unsupported',
      message: expect.stringContaining(`it has a volume ${volume} here already`) as string
    });
    await lab.arrivals().release(id);
    expect(await volumesOf(lab.target)).toEqual([volume]);
    await lab.target.virsh('vol-delete', '--pool', lab.target.pool, volume);
    await stays(lab, id, 'off');
  });

  it('whatever speaks against it is said at once', async () => {
    const id = await made('many');
    const coming = await lab.coming(await theVm(lab.source.driver, id));
    const disks = coming.disks.map((disk) => ({ ...disk, pool: 'nowhere' }));
    const refusal = await refusalOf(lab.arrivals().prepare({ ...coming, nics: [{ network: 'none' }], disks }));
    expect(refusal).toMatchObject({ code: 'unsupported' });
    expect(refusal).toHaveProperty('message', expect.stringMatching(/no network “none”.*; .*no pool “nowhere”/));
  });
});
