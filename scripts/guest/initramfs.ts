// The first root file system that all tiny guests have in common: busybox, the scripts under `root`, kernel modules.
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Entry } from './cpio.ts';

const ROOT = join(import.meta.dirname, 'root');

const APPLETS =
  'cat clear dd df dmesg echo free grep head insmod ip kill ls mkdir more mount nproc ping poweroff ps reboot setsid sh sha256sum sleep stty top udhcpc uevent uname uptime vi wc yes'.split(
    ' '
  );
const DIRECTORIES =
  'bin sbin dev proc sys tmp run root seed modules modules/seed usr usr/sbin var var/run lib lib/x86_64-linux-gnu lib64';

/** A module and the uncompressed content of its file. */
export type Module = { readonly name: string; readonly data: Uint8Array };

/**
 * What a guest's first root file system begins with.
 * @param o.modules loaded at boot, in this order; `o.seedModules` only where there is a disk with a seed
 */
export async function guestRoot(o: {
  busybox: Uint8Array;
  modules: readonly Module[];
  seedModules: readonly Module[];
}): Promise<Entry[]> {
  return [
    ...DIRECTORIES.split(' ').map((path) => ({ kind: 'directory', path }) as const),
    { kind: 'file', path: 'bin/busybox', data: o.busybox, executable: true } as const,
    ...APPLETS.map((name) => ({ kind: 'link', path: `bin/${name}`, to: 'busybox' }) as const),
    ...(await scriptsIn(ROOT)),
    ...numbered('modules', o.modules),
    ...numbered('modules/seed', o.seedModules)
  ];
}

/** Every file below `directory`, as an executable at the same path. */
export async function scriptsIn(directory: string): Promise<Entry[]> {
  const names = (await readdir(directory, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile());
  const paths = names.map((entry) => join(entry.parentPath, entry.name)).sort();
  return Promise.all(
    paths.map(async (path) => ({
      kind: 'file' as const,
      path: path.slice(directory.length + 1),
      data: await readFile(path),
      executable: true
    }))
  );
}

/** `/init` loads them in the order of their names. */
const numbered = (directory: string, modules: readonly Module[]): Entry[] =>
  modules.map(({ name, data }, index) => ({
    kind: 'file',
    path: `${directory}/${String(10 + index)}-${name}.ko`,
    data,
    executable: false
  }));
