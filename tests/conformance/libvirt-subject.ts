// A libvirt host of its own for tests: an unprivileged libvirtd in a temporary directory, and the tiny guest's image.
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { libvirtDriver } from '../../host-agent/drivers/libvirt/driver.ts';
import { buildGuest } from '../../scripts/guest/build.ts';
import type { GuestImage } from '../../scripts/guest/build.ts';
import { startLibvirtHost } from '../../scripts/sample/libvirt-host.ts';
import type { LibvirtHost } from '../../scripts/sample/libvirt-host.ts';
import { CHANNEL_WINDOW } from '../../src/lib/session/byte-channel.ts';
import { readInGuest } from '../support/guest-agent.ts';
import type { Subject } from './subject.ts';

const run = promisify(execFile);

/** Whether real guests can run here; the programs are installed by `npm test` where it may. */
export const hasLibvirt = ['virsh', 'libvirtd', 'qemu-system-x86_64'].every((program) =>
  [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin'].some((dir) => existsSync(join(dir, program)))
);

export type LibvirtSubject = Subject & {
  /** Runs virsh on the host, as somebody else would. */
  readonly virsh: (...args: string[]) => Promise<string>;
  readonly uri: string;
  readonly sockets: LibvirtHost['sockets'];
  /** The images directory of this host. */
  readonly images: string;
  /** Where its libvirt keeps the memory of a saved VM of this name. */
  readonly memoryOf: (name: string) => string;
  /** The directory in which its libvirt has a link for each VM that starts with the host. */
  readonly autostarts: string;
  /** Has its libvirt begin as it does when the host boots; every VM has to be off. */
  bootAnew(): Promise<void>;
  /** Adds an image of an empty disk of that many MiB. */
  addDiskImage(name: string, size: number): Promise<void>;
};

/** @param index spreads the ports of several hosts; 60 to 99 in tests. */
export async function libvirtSubject(index: number): Promise<LibvirtSubject> {
  const guest = await tinyGuest();
  const dir = await mkdtemp(join(tmpdir(), 'smps-'));
  await chmod(dir, 0o755);
  const images = join(dir, 'images');
  await mkdir(images);
  await symlink(guest.dir, join(images, guest.name));
  let host = await startLibvirtHost({ dir: join(dir, 'h'), index });
  const { uri, sockets } = host;
  const driver = libvirtDriver({ uri, images, sockets });
  const virsh = async (...args: string[]): Promise<string> => {
    const { stdout } = await run('virsh', ['-q', '-c', uri, ...args], { timeout: 60_000 });
    return stdout;
  };
  return {
    driver,
    sort: 'emulated',
    virsh,
    uri,
    sockets,
    images,
    image: guest.name,
    pool: 'local',
    network: 'user',
    tooMuch: 2 ** 32,
    boot: 90_000,
    vcpus: 2,
    letters: 'vd',
    screen: true,
    up: null,
    memoryOf: (name) => join(dir, 'h/c/libvirt/qemu/save', `${name}.save`),
    autostarts: join(dir, 'h/c/libvirt/qemu/autostart'),
    async bootAnew() {
      process.kill(host.pid, 'SIGKILL');
      await gone(host.pid);
      // By this file a daemon knows that it has begun before since the host booted.
      await rm(join(dir, 'h/r/libvirt/qemu/run/autostarted'));
      host = await startLibvirtHost({ dir: join(dir, 'h'), index });
    },
    async addDiskImage(name, size) {
      await mkdir(join(images, name));
      await run('qemu-img', ['create', '-q', '-f', 'qcow2', join(images, name, 'disk.qcow2'), `${size}M`]);
      const manifest = { kind: 'disk', title: name, file: 'disk.qcow2', 'capacity-mib': size };
      await writeFile(join(images, name, 'image.json'), JSON.stringify(manifest));
    },
    async pauseBehind(vm) {
      await virsh('suspend', vm);
    },
    async saveBehind(vm, action) {
      await virsh({ save: 'managedsave', start: 'start', 'discard-saved': 'managedsave-remove' }[action], vm);
    },
    async swapNicBehind(vm, mac, other) {
      await virsh('detach-interface', vm, 'user', '--mac', mac, '--config');
      const file = join(dir, 'nic.xml');
      await writeFile(file, `<interface type='user'><mac address='${other}'/><model type='virtio'/></interface>`);
      await virsh('attach-device', vm, file, '--config');
    },
    sum: (count) => [`stty raw -echo; echo ready; head -c ${count} | sha256sum; stty sane\r`, ''],
    // A few seconds of an emulated UART, and less than a kernel keeps for a reader that is slow.
    pasted: 200_000,
    printed: CHANNEL_WINDOW,
    readInGuest: (vm, path) => readInGuest(virsh, vm, path),
    async takeDaemonAway() {
      process.kill(host.pid, 'SIGKILL');
      await gone(host.pid);
      return async () => {
        host = await startLibvirtHost({ dir: join(dir, 'h'), index });
      };
    },
    async close() {
      await driver.close();
      await host.stop();
      await rm(dir, { recursive: true, force: true });
    }
  };
}

/** An images directory with the tiny guest in it. */
export const imagesForTests = async (): Promise<string> => (await tinyGuest()).images;

const tinyGuest = async (): Promise<GuestImage> => buildGuest({ out: await imagesDir() });

/** Kept between runs, where the guests' user can read it. */
export async function imagesDir(): Promise<string> {
  const dir = process.env.SMPS_TEST_IMAGES ?? join(tmpdir(), `smps-images-${process.getuid?.() ?? 0}`);
  await mkdir(dir, { recursive: true, mode: 0o755 });
  // Somebody else's directory of that name is not ours to trust.
  const { uid } = await stat(dir);
  return uid === process.getuid?.() ? dir : mkdtemp(join(tmpdir(), 'smps-images-'));
}

async function gone(pid: number): Promise<void> {
  for (;;) {
    try {
      process.kill(pid, 0);
    } catch {
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
