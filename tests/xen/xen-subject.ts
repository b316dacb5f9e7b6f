// A real Xen host as a subject of the conformance suite: the agent's driver beside it, over libvirt's TCP port.
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Driver } from '../../host-agent/drivers/driver.ts';
import { libvirtDriver } from '../../host-agent/drivers/libvirt/driver.ts';
import { readImage } from '../../host-agent/drivers/libvirt/images.ts';
import type { VmKind } from '../../src/lib/model/fleet.ts';
import type { VmId } from '../../src/lib/model/ids.ts';
import { until } from '../conformance/expect.ts';
import type { Subject } from '../conformance/subject.ts';
import type { XenHost } from './host/host.ts';
import { readOnConsole } from './on-console.ts';

const run = promisify(execFile);

/** A guest may take this long to boot where Xen itself is emulated, and its machine busy. */
const BOOT = 90_000;
const STATE = /GUEST-STATE nproc=(\d+) MemTotal=(\d+) disks=(\S*) nets=(\S*)/g;

/** What a guest last said of itself on its console. `memory` in KiB. */
export type Words = {
  readonly vcpus: number;
  readonly memory: number;
  readonly disks: readonly string[];
  readonly nics: readonly string[];
};

export type XenSubject = Subject & {
  /** Runs virsh on the host, as somebody else would. */
  virsh(...args: string[]): Promise<string>;
  /** The guest's own words, as soon as `enough` of them hold. */
  words(vm: VmId, enough: (words: Words) => boolean): Promise<Words>;
};

/** @param kind of the guests that are made from its image */
export async function xenSubject(host: XenHost, kind: VmKind): Promise<XenSubject> {
  const dir = await mkdtemp(join(tmpdir(), 'smps-xen-'));
  const image = `tiny-${kind}`;
  await offer(host, dir, image, kind);
  const virsh = async (...args: string[]): Promise<string> => {
    const { stdout } = await run('virsh', ['-q', '-c', host.uri, ...args], { timeout: 60_000 });
    return stdout;
  };
  const driver = libvirtDriver({ uri: host.uri, images: dir });
  const log = async (vm: VmId): Promise<string> => host.guestConsole((await virsh('domname', vm)).trim());
  /** What an earlier run, or another VM of that name, has said does not count. */
  const begin = async (name: string): Promise<void> => {
    await host.ssh(`: > '/var/log/xen/console/guest-${name}.log'`).catch(() => undefined);
  };
  const beginsAnew: Pick<Driver, 'create' | 'power'> = {
    async create(vm, control) {
      if (/^[\w.-]+$/.test(vm.name)) await begin(vm.name);
      return driver.create(vm, control);
    },
    async power(vm, action, control) {
      if (action === 'start' || action === 'reboot') {
        const name = await virsh('domname', vm).catch(() => '');
        if (name !== '') await begin(name.trim());
      }
      return driver.power(vm, action, control);
    }
  };
  const words = async (vm: VmId): Promise<Words | null> => {
    const said = [...(await log(vm)).matchAll(STATE)].at(-1);
    if (said === undefined) return null;
    const list = (text = ''): string[] => text.split(',').filter((each) => each !== '' && each !== 'lo');
    return { vcpus: Number(said[1]), memory: Number(said[2]), disks: list(said[3]), nics: list(said[4]) };
  };
  return {
    driver: { ...driver, ...beginsAnew },
    sort: `xen-${kind}`,
    virsh,
    image,
    pool: 'local',
    network: 'bridged',
    tooMuch: 2 ** 32,
    boot: BOOT,
    vcpus: 1,
    letters: 'xvd',
    screen: kind === 'hvm',
    async up(vm) {
      await until(
        BOOT,
        () => words(vm),
        (said) => said !== null
      );
    },
    async words(vm, enough) {
      const said = await until(
        BOOT,
        () => words(vm),
        (each) => each !== null && enough(each)
      );
      if (said === null) throw new Error('the guest said nothing');
      return said;
    },
    async pauseBehind(vm) {
      await virsh('suspend', vm);
    },
    async saveBehind(vm, action) {
      await virsh({ save: 'managedsave', start: 'start', 'discard-saved': 'managedsave-remove' }[action], vm);
    },
    async swapNicBehind(vm, mac, other) {
      await virsh('detach-interface', vm, 'network', '--mac', mac, '--config');
      const file = join(dir, 'nic.xml');
      await writeFile(
        file,
        `<interface type='network'><mac address='${other}'/><source network='bridged'/></interface>`
      );
      await virsh('attach-device', vm, file, '--config');
    },
    sum: (count) => [`stty raw -echo; echo ready; head -c ${count} | sha256sum; stty sane\r`, ''],
    // Xen's console ring holds 1 KiB of what is typed.
    pasted: 20_000,
    printed: 32_768,
    readInGuest: (vm, path) => readOnConsole(driver, vm, path),
    async takeDaemonAway() {
      await host.ssh(
        'kill -9 $(cat /run/libvirtd.pid); while [ -d /proc/$(cat /run/libvirtd.pid) ]; do sleep 0.1; done'
      );
      return async () => {
        await host.ssh('/usr/sbin/libvirtd -d --listen');
      };
    },
    async close() {
      await driver.close();
      await host.ssh(`rm -rf '${dir}'`);
      await rm(dir, { recursive: true, force: true });
    }
  };
}

/** The tiny guest's image again under another name, to become VMs of this kind; at the same path in dom0. */
async function offer(host: XenHost, dir: string, image: string, kind: VmKind): Promise<void> {
  const tiny = await readImage(host.images, 'tiny');
  if (tiny?.kind !== 'kernel') throw new Error('the host has no tiny guest');
  await mkdir(join(dir, image));
  for (const file of ['vmlinux', 'initramfs']) {
    await symlink(join(host.images, 'tiny', file), join(dir, image, file));
  }
  const { title, cmdline, minMemory } = tiny;
  const manifest = {
    kind: 'kernel',
    xen: kind,
    title,
    kernel: 'vmlinux',
    initrd: 'initramfs',
    cmdline,
    ...(minMemory === null ? {} : { 'min-memory-mib': minMemory })
  };
  await writeFile(join(dir, image, 'image.json'), JSON.stringify(manifest));
  await host.ssh(`mkdir -p '${dir}' && ln -s '${join(host.images, 'tiny')}' '${join(dir, image)}'`);
}
