// Builds the tiny real Linux guest (kernel, busybox, QEMU guest agent) from packages of the Debian or Ubuntu it runs on,
// into an images directory of the agent. Nothing is installed. Cached by a hash of its inputs; put in place by one rename.
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, readdir, rename, rm, stat, writeFile, chmod } from 'node:fs/promises';
import { arch } from 'node:process';
import { basename, join } from 'node:path';
import { gzipSync, zstdDecompressSync } from 'node:zlib';
import { Fault } from '../../src/lib/model/fault.ts';
import { packCpio } from './cpio.ts';
import { guestRoot, scriptsIn } from './initramfs.ts';
import type { Module } from './initramfs.ts';
import { fetchPackage, kernelPackages, sharedLibraries, unpackPackage } from './packages.ts';
import { unpackKernel } from './vmlinux.ts';

export type GuestImage = {
  /** The agent's images directory: `LibvirtConfig.images`. */
  readonly images: string;
  /** The image's name in it. */
  readonly name: string;
  readonly dir: string;
  /** False when it was there already. */
  readonly built: boolean;
};

const NAME = 'tiny';
const ROOT = join(import.meta.dirname, 'root');

/** Order of loading: each module after those it needs. One that the kernel has built in is left out. */
const MODULES = [
  'virtio_ring',
  'virtio',
  'virtio_pci_modern_dev',
  'virtio_pci_legacy_dev',
  'virtio_pci',
  'virtio_blk',
  'failover',
  'net_failover',
  'virtio_net',
  'virtio_balloon',
  'virtio_mem',
  'virtio_console',
  'button',
  'evdev'
] as const;

/** Loaded by /bin/seed, and only where there is one. */
const SEED_MODULES = ['cdrom', 'isofs'] as const;

/**
 * Each of the last three was found by a failure: without `memhp_default_state` memory cannot be unplugged, without
 * `swiotlb=noforce` 64 MiB vanish, without `lpj` adding a vCPU under emulation hangs in delay calibration.
 */
const CMDLINE = [
  'console=tty0 console=ttyS0 quiet rdinit=/init panic=-1 mitigations=off nokaslr',
  'tsc=reliable no_timer_check cryptomgr.notests random.trust_cpu=on',
  'memhp_default_state=online_movable swiotlb=noforce lpj=10000000'
].join(' ');

/**
 * Makes sure that `out/tiny` is there and current. Takes about 8 s and 30 MB of downloads the first time.
 * @param o.out the agent's images directory; made if absent. Must be readable by the user QEMU runs as.
 * @param o.progress gets one short line per step.
 * @throws Fault `unsupported` where there is no apt or another processor; `unreachable` when packages cannot be fetched.
 */
export async function buildGuest(o: { out: string; progress?: (line: string) => void }): Promise<GuestImage> {
  const say = o.progress ?? (() => undefined);
  const dir = join(o.out, NAME);
  const inputs = await hashInputs();
  if (await isCurrent(dir, inputs)) return { images: o.out, name: NAME, dir, built: false };
  if (arch !== 'x64') {
    throw new Fault('unsupported', {
      what: 'building the tiny guest',
      reason: `it is made for x86-64, this machine is ${arch}`,
      instead: 'use an image of your own'
    });
  }
  await mkdir(o.out, { recursive: true });
  const cache = join(o.out, '.cache');
  const work = await mkdtemp(join(o.out, '.building-'));
  try {
    const version = await assemble(work, cache, say);
    const manifest = {
      kind: 'kernel',
      title: `Tiny Linux ${version}`,
      kernel: 'vmlinux',
      initrd: 'initramfs',
      cmdline: CMDLINE,
      agent: true,
      'min-memory-mib': 96,
      inputs
    };
    await writeFile(join(work, 'image.json'), `${JSON.stringify(manifest, null, 2)}\n`);
    await chmod(work, 0o755);
    await rm(dir, { recursive: true, force: true });
    await rename(work, dir);
  } catch (error) {
    await rm(work, { recursive: true, force: true });
    throw error;
  }
  say('guest image ready');
  return { images: o.out, name: NAME, dir, built: true };
}

async function assemble(work: string, cache: string, say: (line: string) => void): Promise<string> {
  say('guest image: downloading kernel, busybox and guest agent packages');
  const kernel = await kernelPackages();
  const debs: string[] = [];
  for (const name of [...kernel.packages, 'busybox-static', 'qemu-guest-agent']) {
    debs.push(await fetchPackage(cache, name));
  }

  say(`guest image: unpacking kernel ${kernel.version}`);
  const unpacked = join(work, '.unpacked');
  const names = [
    `vmlinuz-${kernel.version}`,
    'busybox',
    'qemu-ga',
    ...[...MODULES, ...SEED_MODULES].flatMap(moduleFiles)
  ];
  const files = new Map<string, string>();
  for (const deb of debs) for (const [name, path] of await unpackPackage(deb, unpacked, names)) files.set(name, path);
  const read = async (name: string): Promise<Buffer> => {
    const path = files.get(name);
    if (path === undefined) throw new Fault('internal', { reason: `guest image: no package has the file ${name}` });
    return readFile(path);
  };
  const bzImage = await read(`vmlinuz-${kernel.version}`);
  await writeFile(join(work, 'vmlinux'), unpackKernel(bzImage) ?? bzImage);

  say('guest image: packing its first root file system');
  const modules = async (names: readonly string[]): Promise<Module[]> => {
    const found: Module[] = [];
    for (const module of names) {
      const name = moduleFiles(module).find((file) => files.has(file));
      if (name === undefined) continue;
      const packed = await read(name);
      found.push({ name: module, data: name.endsWith('.zst') ? zstdDecompressSync(packed) : packed });
    }
    return found;
  };
  const qemuGa = await read('qemu-ga');
  const entries = [
    ...(await guestRoot({
      busybox: await read('busybox'),
      modules: await modules(MODULES),
      seedModules: await modules(SEED_MODULES)
    })),
    { kind: 'file', path: 'usr/sbin/qemu-ga', data: qemuGa, executable: true } as const,
    ...(await sharedLibraries(qemuGa, work))
  ];
  await rm(unpacked, { recursive: true });
  await writeFile(join(work, 'initramfs'), gzipSync(packCpio(entries), { level: 6 }));
  return kernel.version;
}

const moduleFiles = (module: string): string[] => [`${module}.ko`, `${module}.ko.zst`];

/** What the image is made from, but for the versions of packages: a new kernel alone is no reason to build again. */
async function hashInputs(): Promise<string> {
  const hash = createHash('sha256');
  const own = (await readdir(import.meta.dirname)).filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'));
  for (const name of own.sort()) hash.update(name).update(await readFile(join(import.meta.dirname, name)));
  for (const entry of await scriptsIn(ROOT)) hash.update(entry.path).update(entry.kind === 'file' ? entry.data : '');
  hash.update(await readFile('/etc/os-release').catch(() => ''));
  return hash.digest('hex').slice(0, 32);
}

async function isCurrent(dir: string, inputs: string): Promise<boolean> {
  try {
    const manifest: unknown = JSON.parse(await readFile(join(dir, 'image.json'), 'utf8'));
    await Promise.all([stat(join(dir, 'vmlinux')), stat(join(dir, 'initramfs'))]);
    return typeof manifest === 'object' && manifest !== null && 'inputs' in manifest && manifest.inputs === inputs;
  } catch {
    return false;
  }
}

if (import.meta.main) {
  const out = process.argv[2];
  if (out === undefined) {
    console.error(`usage: node ${basename(import.meta.filename)} IMAGES-DIRECTORY`);
    process.exit(2);
  }
  const image = await buildGuest({ out, progress: (line) => console.log(line) });
  console.log(`${image.dir} ${image.built ? 'built' : 'is current'}`);
}
