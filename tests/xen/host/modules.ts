// Kernel modules out of an unpacked Debian kernel package: those asked for with all they need, in the order of loading.
import { execFile } from 'node:child_process';
import { cp, mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const SIGNED = Buffer.from('~Module signature appended~\n');
/** `struct module_signature` of the kernel's include/linux/module_signature.h; its last field is the signature's length. */
const SIGNATURE_INFO = 12;

/** modules.dep (depmod(8)): each module's path, and the paths it needs. */
export type Dependencies = ReadonlyMap<string, readonly string[]>;

export function parseDependencies(text: string): Dependencies {
  const all = new Map<string, readonly string[]>();
  for (const line of text.split('\n')) {
    const [path = '', needs = ''] = line.split(':');
    if (path !== '') all.set(path, needs.split(' ').filter(Boolean));
  }
  return all;
}

/** A module's name by its path: `kernel/drivers/xen/xen-evtchn.ko` is `xen_evtchn`. */
export const moduleName = (path: string): string =>
  basename(path)
    .replace(/\.ko.*$/, '')
    .replaceAll('-', '_');

/** Paths of `names` with all they need, each after those. What the kernel has built in has no path and is left out. */
export function closure(all: Dependencies, names: readonly string[]): readonly string[] {
  const paths = new Map([...all.keys()].map((path) => [moduleName(path), path]));
  const order = new Set<string>();
  const add = (path: string): void => {
    if (order.has(path)) return;
    // depmod(8): the last one named is the first to be loaded.
    for (const need of [...(all.get(path) ?? [])].reverse()) add(need);
    order.add(path);
  };
  for (const name of names) {
    const path = paths.get(name.replaceAll('-', '_'));
    if (path !== undefined) add(path);
  }
  return [...order];
}

/**
 * Without the signature the kernel skips the RSA check: 0.3 s a module where the CPU is emulated. It only taints, as Debian
 * does not insist on signatures without secure boot.
 */
export function unsigned(module: Buffer): Buffer {
  if (!module.subarray(-SIGNED.length).equals(SIGNED)) return module;
  const info = module.length - SIGNED.length - SIGNATURE_INFO;
  return module.subarray(0, info - module.readUInt32BE(info + SIGNATURE_INFO - 4));
}

/** The kernel's modules in the directory a package was unpacked to. */
export class KernelModules {
  readonly #root: string;
  readonly #version: string;
  readonly #all: Dependencies;

  private constructor(root: string, version: string, all: Dependencies) {
    this.#root = root;
    this.#version = version;
    this.#all = all;
  }

  static async read(root: string, version: string): Promise<KernelModules> {
    await run('depmod', ['-b', root, version], {
      env: { ...process.env, PATH: `${process.env.PATH ?? ''}:/usr/sbin:/sbin` }
    });
    const text = await readFile(join(root, 'lib/modules', version, 'modules.dep'), 'utf8');
    return new KernelModules(root, version, parseDependencies(text));
  }

  /** In the order of loading. */
  async contents(names: readonly string[]): Promise<readonly { name: string; data: Buffer }[]> {
    return Promise.all(
      closure(this.#all, names).map(async (path) => ({ name: moduleName(path), data: await this.#content(path) }))
    );
  }

  /** Puts them where modprobe finds them below `target`. */
  async install(target: string, names: readonly string[]): Promise<void> {
    const to = join(target, 'lib/modules', this.#version);
    for (const path of closure(this.#all, names)) {
      await mkdir(dirname(join(to, path)), { recursive: true });
      await writeFile(join(to, path), await this.#content(path));
    }
    const from = join(this.#root, 'lib/modules', this.#version);
    for (const list of ['modules.order', 'modules.builtin', 'modules.builtin.modinfo']) {
      if ((await stat(join(from, list)).catch(() => null)) !== null) await cp(join(from, list), join(to, list));
    }
    await run('depmod', ['-b', target, this.#version], {
      env: { ...process.env, PATH: `${process.env.PATH ?? ''}:/usr/sbin:/sbin` }
    });
  }

  async #content(path: string): Promise<Buffer> {
    return unsigned(await readFile(join(this.#root, 'lib/modules', this.#version, path)));
  }
}
