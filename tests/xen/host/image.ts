// The files of a Xen host, built once and kept outside the clone until one of their inputs changes; with the state of a
// machine that has booted, so that a host is there in seconds.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, mkdtemp, readFile, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { aptInstall, canInstall } from '../../../scripts/setup/apt.mjs';
import { alive, holderOf, locked, startOf } from '../../../scripts/setup/lock.mjs';
import { XEN_PACKAGES, xenMissing } from '../../../scripts/setup/xen.mjs';
import { Fault } from '../../../src/lib/model/fault.ts';
import { assemble, PACKAGES, SUITE } from './assemble.ts';
import { startQemu } from './qemu.ts';
import { FILES } from './machine.ts';
import { overlay, shellQuoted } from './disks.ts';

export type XenImage = {
  readonly dir: string;
  /** The images directory: `LibvirtConfig.images` of an agent beside the host. The same path leads to the same files in dom0. */
  readonly images: string;
  /** False when it was there already. */
  readonly built: boolean;
};

/** What decides what is in the image, relative to here: files and folders. */
const SOURCES = ['assemble.ts', 'machine.ts', 'modules.ts', '../dom0', '../guest', '../../../scripts/guest'];
/** Besides the current one; 700 MB each. */
const OTHERS = 1;
const USED = 'used-by-';
const BOOT_WITHIN = 300_000;

/**
 * Makes sure that the image is there and current; installs what that takes. One process builds, others wait for it.
 * @param o.cache default `SMPS_XEN_CACHE`, else a directory of ours under the temporary one
 * @throws Fault `unsupported` where it cannot be
 */
export async function xenImage(o: { cache?: string; progress?: (line: string) => void } = {}): Promise<XenImage> {
  const say = o.progress ?? (() => undefined);
  if (canInstall() && process.arch === 'x64') await aptInstall(XEN_PACKAGES, 'a Xen host is built and emulated here');
  const reason = xenMissing();
  if (reason !== null) throw new Fault('unsupported', { what: 'a Xen host of our own', reason, instead: '' });
  const cache = o.cache ?? (await cacheDirectory());
  const dir = join(cache, await inputs());
  const image = (built: boolean): XenImage => ({ dir, images: join(dir, FILES.images), built });
  if (await isThere(dir)) return image(false);
  const waiting = (holder: { pid: number }): void => say(`Xen host: process ${holder.pid} is building one, waiting`);
  return locked(join(cache, 'lock'), waiting, async () => {
    if (await isThere(dir)) return image(false);
    const began = Date.now();
    const work = await mkdtemp(join(cache, '.building-'));
    try {
      await assemble(work, process.execPath, say);
      // Paths in the state and in the disks are those of the final place.
      await rm(dir, { recursive: true, force: true });
      await rename(work, dir);
      await boot(dir, say);
    } catch (error) {
      await rm(work, { recursive: true, force: true });
      throw error;
    }
    await forgetOthers(cache, dir);
    say(`Xen host: image ready after ${Math.round((Date.now() - began) / 1000)} s`);
    return image(true);
  });
}

/** Boots it once, and keeps the state it is in then; that there is a state says that the image is whole. */
async function boot(dir: string, say: (line: string) => void): Promise<void> {
  say('Xen host: booting it once');
  const work = await mkdtemp(join(tmpdir(), 'smps-xen-'));
  try {
    const [root, data] = [join(dir, FILES.booted), join(work, 'data.qcow2')];
    await overlay(join(dir, FILES.root), 'raw', root);
    await overlay(join(dir, FILES.data), 'raw', data);
    const machine = {
      name: 'xen-build',
      image: dir,
      root,
      data,
      serial: join(work, 's'),
      waits: false,
      wire: null,
      forward: []
    };
    const log = join(dir, 'boot.log');
    const qemu = await startQemu(machine, log);
    try {
      const timer = setTimeout(() => void qemu.end(), BOOT_WITHIN);
      await qemu.said(/SMPS dom0 is up/).finally(() => clearTimeout(timer));
      const state = join(dir, FILES.state);
      await qemu.qmp.keep(`exec cat >${shellQuoted(`${state}.new`)}`);
      await qemu.end();
      await rename(`${state}.new`, state);
    } finally {
      await qemu.end();
    }
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

const isThere = async (dir: string): Promise<boolean> =>
  (await stat(join(dir, FILES.state)).catch(() => null)) !== null;

/** Kept between runs; somebody else's directory of that name is not ours to trust. */
async function cacheDirectory(): Promise<string> {
  const dir = process.env.SMPS_XEN_CACHE ?? join(tmpdir(), `smps-xen-${process.getuid?.() ?? 0}`);
  await mkdir(dir, { recursive: true, mode: 0o755 });
  const { uid } = await stat(dir);
  return uid === process.getuid?.() ? dir : mkdtemp(join(tmpdir(), 'smps-xen-'));
}

/** Removes images of other inputs, but for the latest, which another clone may use, and those that hosts run on. */
async function forgetOthers(cache: string, dir: string): Promise<void> {
  const others: { path: string; at: number }[] = [];
  for (const name of await readdir(cache)) {
    const path = join(cache, name);
    if (name.startsWith('.building-')) await rm(path, { recursive: true, force: true });
    else if (path !== dir && /^[0-9a-f]{16}$/.test(name) && !(await isUsed(path))) {
      others.push({ path, at: (await stat(path)).mtimeMs });
    }
  }
  others.sort((a, b) => b.at - a.at);
  for (const { path } of others.slice(OTHERS)) await rm(path, { recursive: true, force: true });
}

async function isUsed(dir: string): Promise<boolean> {
  const users = (await readdir(dir)).filter((file) => file.startsWith(USED));
  return users.some((file) => {
    const holder = holderOf(join(dir, file));
    return holder !== null && alive(holder);
  });
}

/** Keeps the image from being removed while this process lives. */
export async function useImage({ dir }: XenImage): Promise<void> {
  await writeFile(join(dir, `${USED}${process.pid}`), `${process.pid}\n${startOf(process.pid) ?? ''}\n`);
}

/** A hash of all that the image is made from: our sources, the versions of packages, the emulator, the Node for agents. */
async function inputs(): Promise<string> {
  const hash = createHash('sha256');
  for (const source of SOURCES) {
    const at = join(import.meta.dirname, source);
    for (const path of await filesAt(at)) hash.update(path.slice(at.length)).update(await readFile(path));
  }
  hash.update(execFileSync('qemu-system-x86_64', ['--version']));
  hash.update(candidates(await suite()));
  for await (const piece of createReadStream(process.execPath)) hash.update(piece as Buffer);
  return hash.digest('hex').slice(0, 16);
}

/** The file itself, or all files below the folder; no tests. */
async function filesAt(path: string): Promise<readonly string[]> {
  if ((await stat(path)).isFile()) return [path];
  const entries = await readdir(path, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile() && !entry.name.endsWith('.test.ts'));
  return files.map((entry) => join(entry.parentPath, entry.name)).sort();
}

const suite = async (): Promise<boolean> =>
  (await readFile('/etc/os-release', 'utf8').catch(() => '')).includes(`VERSION_CODENAME=${SUITE}`);

/** What apt would install, where this machine is of the same suite; elsewhere only the rest tells. */
function candidates(same: boolean): string {
  if (!same) return '';
  const text = execFileSync('apt-cache', ['policy', 'linux-image-amd64', 'xen-hypervisor-4.17-amd64', ...PACKAGES], {
    encoding: 'utf8',
    env: { ...process.env, LC_ALL: 'C' }
  });
  return text
    .split('\n')
    .filter((line) => /^\S|Candidate:/.test(line))
    .join('\n');
}
