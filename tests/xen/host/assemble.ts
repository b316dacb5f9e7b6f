// Makes a Xen host's files from Debian packages: hypervisor, kernel, dom0's root file system, and the images of its guests.
// Nothing is installed on this machine but the programs that do it.
import { execFile } from 'node:child_process';
import {
  chmod,
  chown,
  copyFile,
  cp,
  mkdir,
  readFile,
  readdir,
  rm,
  symlink,
  truncate,
  writeFile
} from 'node:fs/promises';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { gunzipSync, gzipSync } from 'node:zlib';
import { packCpio } from '../../../scripts/guest/cpio.ts';
import { guestRoot, scriptsIn } from '../../../scripts/guest/initramfs.ts';
import { unpackKernel } from '../../../scripts/guest/vmlinux.ts';
import { FILES } from './machine.ts';
import { KernelModules } from './modules.ts';

const run = promisify(execFile);
const MAX_OUTPUT = 64 * 1024 * 1024;

export const SUITE = 'bookworm';
const XEN = '4.17';
/** Its own dom0's files, as they are; and what its guests have beside those of scripts/guest. */
const DOM0 = join(import.meta.dirname, '../dom0');
const GUEST = join(import.meta.dirname, '../guest');

/** qemu-system-xen and what it brings is for HVM guests, and for PV guests with qcow2 disks. */
export const PACKAGES = [
  ...['busybox-static', 'kmod', 'udev', 'procps', 'iproute2', 'bridge-utils', 'openssh-server', 'socat'],
  ...[`xen-utils-${XEN}`, 'xenstore-utils', 'qemu-system-xen', 'seabios', 'ipxe-qemu'],
  ...['libvirt-daemon', 'libvirt-daemon-driver-xen', 'libvirt-clients', 'dmidecode', 'qemu-utils'],
  // For the Node that agents in dom0 run on.
  'libstdc++6'
];
const LEFT_OUT = ['doc', 'man', 'locale', 'info', 'lintian', 'bash-completion'];

const BOOT_MODULES = ['virtio_pci', 'virtio_blk', 'ext4', 'crc32c_generic'];
const DOM0_MODULES = [
  ...['virtio_net', 'virtio_console', 'virtio_rng', 'loop', 'bridge', 'tun', 'veth', 'br_netfilter'],
  ...['xen-evtchn', 'xen-gntdev', 'xen-gntalloc', 'xen-privcmd', 'xenfs', 'xen-blkback', 'xen-netback']
];
const GUEST_MODULES = ['xen-blkfront', 'xen-netfront'];

const DISK = { root: 3 * 2 ** 30, data: 8 * 2 ** 30 };

/** Fills `dir`. @param node the Node binary that agents in dom0 run on @param say gets one line a step */
export async function assemble(dir: string, node: string, say: (line: string) => void): Promise<void> {
  const root = join(dir, 'rootfs');
  say(`Xen host: installing ${PACKAGES.length} Debian packages into its dom0`);
  await bootstrap(root);
  const packages = join(root, 'smps/packages');
  const [xen, kernel] = await debs(packages);
  const unpacked = join(dir, 'unpacked');
  for (const deb of [xen, kernel]) await run('dpkg-deb', ['-x', join(packages, deb), unpacked]);
  await rm(packages, { recursive: true });
  const version = /^linux-image-([^_]+)_/.exec(kernel)?.[1] ?? '';

  say(`Xen host: unpacking Xen ${XEN} and Linux ${version}`);
  // Unpacked: Xen and an emulated CPU would take 8 s for it at each boot.
  await writeFile(join(dir, FILES.xen), gunzipSync(await readFile(join(unpacked, `boot/xen-${XEN}-amd64.gz`))));
  const bzImage = await readFile(join(unpacked, 'boot', `vmlinuz-${version}`));
  const vmlinux = unpackKernel(bzImage);
  if (vmlinux === null) throw new Error(`Linux ${version} is packed in a way that is not known`);
  await writeFile(join(dir, FILES.kernel), vmlinux);
  const modules = await KernelModules.read(unpacked, version);
  await modules.install(root, [...BOOT_MODULES, ...DOM0_MODULES]);
  const busybox = await readFile(join(root, 'bin/busybox'));
  await writeFile(join(dir, FILES.initramfs), await dom0Initramfs(busybox, modules, version, dir));
  await guestImage(join(dir, FILES.images, 'tiny'), { busybox, modules, vmlinux, version });

  say('Xen host: configuring dom0');
  await configure(dir, root, node);
  await cp(join(dir, FILES.images), join(root, 'smps/images'), { recursive: true, verbatimSymlinks: true });

  say('Xen host: making its disks');
  await makeDisk(join(dir, FILES.root), DISK.root, ['-O', '^has_journal,^metadata_csum', '-d', root]);
  await makeDisk(join(dir, FILES.data), DISK.data, []);
  await rm(root, { recursive: true });
  await rm(unpacked, { recursive: true });
}

/** Hypervisor and kernel are downloaded in there, from the same archive, but not installed: no boot loader boots them. */
async function bootstrap(root: string): Promise<void> {
  const download = [
    'cd /smps/packages',
    `kernel=$(apt-cache depends linux-image-amd64 | sed -n 's/.*Depends: \\(linux-image-[0-9][^ ]*\\).*/\\1/p' | head -n 1)`,
    `apt-get -qq download xen-hypervisor-${XEN}-amd64 "$kernel"`
  ].join(' && ');
  const args = [
    ...['--quiet', '--variant=minbase', '--mode=root', `--include=${PACKAGES.join(',')}`],
    ...['--aptopt=Acquire::Languages "none"', '--aptopt=APT::Install-Recommends "false"'],
    ...LEFT_OUT.map((name) => `--dpkgopt=path-exclude=/usr/share/${name}/*`),
    '--customize-hook=mkdir -p "$1/smps/packages"',
    `--customize-hook=chroot "$1" sh -ec '${download.replaceAll("'", `'"'"'`)}'`,
    ...[SUITE, root, ...(await sources())]
  ];
  await run('mmdebstrap', args, { maxBuffer: MAX_OUTPUT });
}

/** Where this machine gets its packages, if it is of that suite; else mmdebstrap's own default. */
async function sources(): Promise<readonly string[]> {
  const about = await readFile('/etc/os-release', 'utf8').catch(() => '');
  if (!about.includes(`VERSION_CODENAME=${SUITE}`)) return [];
  for (const file of ['/etc/apt/sources.list.d/debian.sources', '/etc/apt/sources.list']) {
    if ((await readFile(file, 'utf8').catch(() => '')).trim() !== '') return [file];
  }
  return [];
}

async function debs(directory: string): Promise<readonly [xen: string, kernel: string]> {
  const all = await readdir(directory);
  const find = (start: string): string => {
    const found = all.find((name) => name.startsWith(start));
    if (found === undefined) throw new Error(`${start} was not downloaded`);
    return found;
  };
  return [find('xen-hypervisor-'), find('linux-image-')];
}

async function dom0Initramfs(busybox: Buffer, modules: KernelModules, version: string, dir: string): Promise<Buffer> {
  const tree = join(dir, 'initramfs-tree');
  await modules.install(tree, BOOT_MODULES);
  const files = await scriptsIn(join(tree, 'lib/modules', version));
  const parents = new Set(files.flatMap(({ path }) => parentsOf(`lib/modules/${version}/${path}`)));
  await rm(tree, { recursive: true });
  const init = await readFile(join(DOM0, 'smps/initramfs'));
  const archive = packCpio([
    ...[...parents, 'bin', 'proc', 'sys', 'dev', 'mnt'].sort().map((path) => ({ kind: 'directory', path }) as const),
    { kind: 'file', path: 'bin/busybox', data: busybox, executable: true },
    { kind: 'file', path: 'init', data: init, executable: true },
    ...files.map((file) => ({ ...file, path: `lib/modules/${version}/${file.path}` }))
  ]);
  return gzipSync(archive, { level: 1 });
}

/** `a/b/c` has the parents `a` and `a/b`. */
function parentsOf(path: string): string[] {
  const parts = path.split('/').slice(0, -1);
  return parts.map((_, index) => parts.slice(0, index + 1).join('/'));
}

/** The tiny guest of scripts/guest on this kernel: for PV, PVH and HVM alike. */
async function guestImage(
  dir: string,
  o: { busybox: Buffer; modules: KernelModules; vmlinux: Buffer; version: string }
): Promise<void> {
  await mkdir(dir, { recursive: true });
  await writeFile(join(dir, 'vmlinux'), o.vmlinux);
  const root = await guestRoot({
    busybox: o.busybox,
    modules: await o.modules.contents(GUEST_MODULES),
    seedModules: await o.modules.contents(['isofs'])
  });
  await writeFile(join(dir, 'initramfs'), gzipSync(packCpio([...root, ...(await scriptsIn(GUEST))]), { level: 6 }));
  const manifest = {
    kind: 'kernel',
    title: `Tiny Linux ${o.version}`,
    kernel: 'vmlinux',
    initrd: 'initramfs',
    cmdline: 'console=hvc0 quiet rdinit=/init panic=-1 mitigations=off cryptomgr.notests random.trust_cpu=on',
    agent: false,
    'min-memory-mib': 96
  };
  await writeFile(join(dir, 'image.json'), `${JSON.stringify(manifest, null, 2)}\n`);
  // The same again, for VMs that are to be PV whatever else the host can run.
  const pv = `${dir}-pv`;
  await mkdir(pv);
  for (const file of ['vmlinux', 'initramfs']) await symlink(`../${basename(dir)}/${file}`, join(pv, file));
  const paravirtual = { ...manifest, title: `${manifest.title}, PV`, xen: 'pv' };
  await writeFile(join(pv, 'image.json'), `${JSON.stringify(paravirtual, null, 2)}\n`);
}

async function configure(dir: string, root: string, node: string): Promise<void> {
  for (const path of [
    'data',
    'var/log/xen/console',
    'var/log/libvirt/libxl',
    'var/lib/libvirt/images',
    'var/lib/libvirt/libxl/save',
    'etc/libvirt/libxl',
    'etc/xen/auto'
  ]) {
    await mkdir(join(root, path), { recursive: true });
  }
  await cp(DOM0, root, { recursive: true });
  await owned(root, DOM0);
  for (const name of ['storage', 'qemu/networks']) {
    const xml = (await readdir(join(DOM0, 'etc/libvirt', name)))[0] ?? '';
    await mkdir(join(root, 'etc/libvirt', name, 'autostart'), { recursive: true });
    await symlink(`/etc/libvirt/${name}/${xml}`, join(root, 'etc/libvirt', name, 'autostart', xml));
  }
  // Xen hides SEP on AMD, and an emulated CPU has no VME: then none of libvirt's CPU models fits, and its Xen driver does not load.
  for (const model of ['qemu32', 'qemu64']) {
    const file = join(root, `usr/share/libvirt/cpu_map/x86_${model}.xml`);
    await writeFile(file, (await readFile(file, 'utf8')).replaceAll(/^.*name='sep'.*\n/gm, ''));
  }
  // Only what a Xen host needs: the QEMU driver would ask each QEMU what it can do.
  for (const driver of ['qemu', 'nwfilter', 'lxc', 'vbox']) {
    await rm(join(root, `usr/lib/x86_64-linux-gnu/libvirt/connection-driver/libvirt_driver_${driver}.so`), {
      force: true
    });
  }
  await copyFile(node, join(root, 'usr/local/bin/node'));
  await keys(dir, root);
}

/** One key lets us into dom0, and one dom0 into another. */
async function keys(dir: string, root: string): Promise<void> {
  const key = join(dir, FILES.key);
  await run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'xen-host', '-f', key]);
  const home = join(root, 'root/.ssh');
  await copyFile(`${key}.pub`, join(home, 'authorized_keys'));
  await copyFile(key, join(home, 'id_ed25519'));
  for (const [path, mode] of [
    ['root', 0o700],
    ['root/.ssh', 0o700],
    ['root/.ssh/id_ed25519', 0o600]
  ] as const) {
    await chmod(join(root, path), mode);
  }
  for (const name of await readdir(join(root, 'etc/ssh'))) {
    if (name.startsWith('ssh_host_')) await rm(join(root, 'etc/ssh', name));
  }
  await run('ssh-keygen', [
    '-q',
    '-t',
    'ed25519',
    '-N',
    '',
    '-C',
    'dom0',
    '-f',
    join(root, 'etc/ssh/ssh_host_ed25519_key')
  ]);
}

/** What was copied from a clone belongs to whoever cloned it: in dom0 it is root's. */
async function owned(root: string, from: string): Promise<void> {
  for (const entry of await readdir(from, { recursive: true })) await chown(join(root, entry), 0, 0);
}

async function makeDisk(file: string, size: number, options: readonly string[]): Promise<void> {
  await writeFile(file, '');
  await truncate(file, size);
  const args = ['-q', '-F', '-m', '0', '-E', 'lazy_itable_init=1,lazy_journal_init=1,root_owner=0:0', ...options, file];
  await run('mkfs.ext4', args, { env: { ...process.env, PATH: `${process.env.PATH ?? ''}:/usr/sbin:/sbin` } });
}
