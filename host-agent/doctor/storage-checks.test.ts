import { chmod, mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { scratch } from '../../tests/support/agent-lab.ts';
import type { Finding } from './finding.ts';
import { judgeImages, probeImages } from './image-checks.ts';
import { judgeSockets, probeSockets } from './migration-checks.ts';
import { judgeSpace, probeRoom } from './space-checks.ts';
import type { Room } from './space-checks.ts';
import { judgeNetworks, judgePools, probeNetworks, probePools } from './storage-checks.ts';

/** Nobody in particular, who owns nothing. */
const NOBODY = { name: 'nobody', uid: 65534, gids: [65534] };
let directory: string;
beforeEach(async () => {
  directory = await scratch();
  await chmod(directory, 0o755);
});
afterEach(() => rm(directory, { recursive: true }));
const said = (found: readonly Finding[]): readonly string[] => found.map(({ level, says }) => `${level} ${says}`);

describe('pools and networks', () => {
  const virsh = async (output: string, status = 0): Promise<string> => {
    const program = join(directory, 'virsh');
    await writeFile(program, `#!/bin/sh\ncat <<'END'\n${output}\nEND\nexit ${status}\n`);
    await chmod(program, 0o755);
    return program;
  };
  const POOLS = ` default   active     yes\n fast      active     no\n old.1     inactive   no`;

  test('are told where they are not active, or will not be after a reboot', async () => {
    expect(said(judgePools(await probePools('qemu:///system', await virsh(POOLS))))).toEqual([
      'warn not active: old.1',
      'warn gone after a reboot: fast'
    ]);
  });
  test('are in order when all are', async () => {
    const networks = ` Name      State    Autostart   Persistent\n------\n xenbr0    active   yes         yes`;
    expect(said(judgeNetworks(await probeNetworks('xen:///system', await virsh(networks))))).toEqual(['ok xenbr0']);
  });
  test('are missed where there are none', async () => {
    const none = await probePools('qemu:///system', await virsh(''));
    expect(said(judgePools(none))).toEqual(['warn there is no storage pool: a VM can be given no disk']);
    expect(said(judgePools(none, ['local']))).toEqual(['ok the agent makes local']);
  });
  test('are told with what they are missed for when none is active', async () => {
    const idle = await probeNetworks('xen:///system', await virsh(' lan   inactive   yes   yes'));
    expect(said(judgeNetworks(idle))).toEqual(['warn not active: lan; a VM can be given no network interface']);
  });
  test('that libvirt cannot list are a failure', async () => {
    const found = judgeNetworks(await probeNetworks('qemu:///system', await virsh('', 1)));
    expect(said(found)).toEqual(['fail libvirt cannot list its networks']);
  });
});

describe('images', () => {
  const image = async (name: string, manifest: object | string, file = 'disk.qcow2'): Promise<string> => {
    await mkdir(join(directory, name), { recursive: true });
    const text = typeof manifest === 'string' ? manifest : JSON.stringify(manifest);
    await writeFile(join(directory, name, 'image.json'), text);
    await writeFile(join(directory, name, file), '');
    return join(directory, name);
  };
  const DISK = { kind: 'disk', title: 'Debian', file: 'disk.qcow2', 'capacity-mib': 64 };
  const judged = async (user = NOBODY): Promise<readonly string[]> =>
    said(judgeImages(await probeImages(directory, user)));

  test('that can be read are counted; what is hidden or no directory is none', async () => {
    await image('debian', DISK);
    await mkdir(join(directory, '.cache'));
    await writeFile(join(directory, 'README'), '');
    expect(await judged()).toEqual([`ok 1 in ${directory}`]);
  });
  test('are missed', async () => {
    expect(await judged()).toEqual([`warn ${directory} is empty: there is nothing to make VMs from`]);
    expect(said(judgeImages(await probeImages(join(directory, 'none'), NOBODY)))).toEqual([
      `fail ${directory}/none cannot be listed: no VM can be made from an image`
    ]);
  });
  test('whose manifest is broken are named, and why', async () => {
    await image('bad', '{');
    await mkdir(join(directory, 'empty'));
    const [bad, empty] = await judged();
    expect(bad).toMatch(/^warn bad is not offered: .*image\.json/);
    expect(empty).toBe('warn empty is not offered: it has no image.json');
  });
  test('whose file is not there are a failure', async () => {
    await image('debian', { ...DISK, file: 'other.qcow2' });
    expect(await judged()).toEqual([`fail not there, though an image names it: ${directory}/debian/other.qcow2`]);
  });
  test('that who runs the guests may not read are a failure, also through a link', async () => {
    const real = await image('debian', DISK);
    await chmod(join(real, 'disk.qcow2'), 0o600);
    expect(await judged()).toEqual([`fail nobody, who runs the guests, may not read ${real}/disk.qcow2`]);
    await chmod(join(real, 'disk.qcow2'), 0o644);
    const closed = join(directory, '.elsewhere');
    await mkdir(join(closed, 'kept'), { recursive: true });
    await writeFile(join(closed, 'kept/disk'), '');
    await chmod(closed, 0o700);
    await symlink(join(closed, 'kept/disk'), join(real, 'linked'));
    await writeFile(join(real, 'image.json'), JSON.stringify({ ...DISK, file: 'linked' }));
    expect(await judged()).toEqual([`fail nobody, who runs the guests, may not read ${closed}`]);
    expect(await judged({ name: 'root', uid: 0, gids: [0] })).toEqual([`ok 1 in ${directory}`]);
  });
});

describe('the directory of migration sockets', () => {
  test('must be there, and writable for who runs the guests', async () => {
    const sockets = join(directory, 'sockets');
    expect(said(judgeSockets(await probeSockets(sockets, NOBODY)))).toEqual([
      `fail there is no directory ${sockets} for the sockets of migrations`
    ]);
    await mkdir(sockets, { mode: 0o755 });
    expect(said(judgeSockets(await probeSockets(sockets, NOBODY)))).toEqual([
      `fail nobody, who runs the guests, may not make sockets in ${sockets}`
    ]);
    await chmod(sockets, 0o1777);
    expect(said(judgeSockets(await probeSockets(sockets, NOBODY)))).toEqual([`ok sockets in ${sockets}`]);
  });
});

describe('space', () => {
  const ROOM: Room = { what: 'pool default', total: 100 * 2 ** 30, free: 50 * 2 ** 30, inodes: 0.5, writable: true };
  test.each<[Partial<Room>, string]>([
    [{}, 'ok pool default: 50 GiB free'],
    [{ free: 2 ** 30 }, 'warn pool default has 1024 MiB of 100 GiB free'],
    [{ inodes: 0.001 }, 'warn pool default has hardly any inodes left'],
    [{ writable: false }, 'fail pool default cannot be written'],
    [
      { what: 'state /s', total: 2 ** 30, free: 2 ** 20 },
      'fail state /s has 1 MiB of 1024 MiB free: without its journal the agent carries out nothing'
    ]
  ])('%j', (more, expected) => {
    expect(said(judgeSpace([{ ...ROOM, ...more }]))).toEqual([expected]);
  });
  test('is what the file system has', async () => {
    expect(await probeRoom('state', directory, true)).toMatchObject({ what: `state ${directory}`, writable: true });
    expect(await probeRoom('state', join(directory, 'none'), true)).toBeNull();
  });
});
