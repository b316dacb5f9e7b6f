// Debian packages as sources of files: fetched with apt-get, read with dpkg-deb, never installed.
import { execFile } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readFile, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { Fault } from '../../src/lib/model/fault.ts';
import type { Entry } from './cpio.ts';

const run = promisify(execFile);
const MAX_OUTPUT = 512 * 1024 * 1024;

/** The smallest kernel of the distribution that has virtio: its release and the packages that hold it and its modules. */
export async function kernelPackages(): Promise<{ version: string; packages: readonly string[] }> {
  for (const attempt of ['as it is', 'after an update']) {
    if (attempt === 'after an update') await update();
    for (const meta of ['linux-image-cloud-amd64', 'linux-image-virtual']) {
      const depends = await output('apt-cache', ['depends', meta]).catch(() => '');
      const image = /Depends: (linux-image-(\d\S*))/.exec(depends);
      if (!image?.[1] || !image[2]) continue;
      // Ubuntu keeps the modules in a package of their own.
      const modules = await output('apt-cache', ['show', `linux-modules-${image[2]}`]).catch(() => '');
      return { version: image[2], packages: modules ? [image[1], `linux-modules-${image[2]}`] : [image[1]] };
    }
  }
  throw cannotFetch('a kernel', 'this distribution offers neither linux-image-cloud-amd64 nor linux-image-virtual');
}

/** Path of the package's file in `cache`, downloaded unless it is there. @throws Fault `unreachable` */
export async function fetchPackage(cache: string, name: string): Promise<string> {
  await mkdir(cache, { recursive: true });
  const known = (await readdir(cache)).find((file) => file.startsWith(`${name}_`) && file.endsWith('.deb'));
  if (known !== undefined) return join(cache, known);
  // A directory of its own: an interrupted download never looks like a package.
  const work = await mkdtemp(join(cache, '.fetch-'));
  await chmod(work, 0o777);
  try {
    await run('apt-get', ['-qq', 'download', name], { cwd: work }).catch(async () => {
      await update();
      await run('apt-get', ['-qq', 'download', name], { cwd: work }).catch((error: unknown) => {
        throw cannotFetch(name, reasonOf(error));
      });
    });
    const file = (await readdir(work)).find((entry) => entry.endsWith('.deb'));
    if (file === undefined) throw cannotFetch(name, 'apt-get downloaded nothing');
    await rename(join(work, file), join(cache, file));
    return join(cache, file);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** Unpacks those files of a package whose last path segment is one of `names` below `dir`; answers their paths by name. */
export async function unpackPackage(
  deb: string,
  dir: string,
  names: readonly string[]
): Promise<ReadonlyMap<string, string>> {
  await mkdir(dir, { recursive: true });
  const script = 'deb=$1 dir=$2; shift 2; dpkg-deb --fsys-tarfile "$deb" | tar -x -C "$dir" --wildcards "$@"';
  const patterns = names.map((name) => `*/${name}`);
  // tar ends with an error when a pattern matches nothing; what is missing is the caller's to judge.
  await run('sh', ['-c', script, 'sh', deb, dir, ...patterns], { maxBuffer: MAX_OUTPUT }).catch(() => undefined);
  const found = new Map<string, string>();
  for (const entry of await readdir(dir, { recursive: true, withFileTypes: true })) {
    if (entry.isFile() && names.includes(entry.name)) found.set(entry.name, join(entry.parentPath, entry.name));
  }
  return found;
}

/** The libraries a program of this distribution needs, from this machine, where QEMU brought them. */
export async function sharedLibraries(program: Uint8Array, work: string): Promise<Entry[]> {
  const file = join(work, '.program');
  await writeFile(file, program, { mode: 0o755 });
  const text = await output('ldd', [file]).finally(() => rm(file, { force: true }));
  const missing = /^\s*(\S+) => not found/m.exec(text);
  if (missing) throw cannotFetch(`library ${missing[1] ?? ''}`, 'it is not installed on this machine');
  const paths = [...text.matchAll(/=> (\/\S+)/g)].flatMap((match) => match[1] ?? []);
  const loader = /^\s*(\/\S*ld-linux\S*)/m.exec(text)?.[1];
  const entries = await Promise.all(
    paths.map(async (path): Promise<Entry> => ({
      kind: 'file',
      path: `lib/x86_64-linux-gnu/${basename(path)}`,
      data: await readFile(path),
      executable: true
    }))
  );
  if (loader !== undefined) {
    entries.push({ kind: 'file', path: `lib64/${basename(loader)}`, data: await readFile(loader), executable: true });
  }
  return entries;
}

let updated = false;

/** Reads the package lists anew, once, where we may. */
async function update(): Promise<void> {
  if (updated || process.getuid?.() !== 0) return;
  updated = true;
  await run('apt-get', ['-qq', 'update']).catch(() => undefined);
}

async function output(program: string, args: readonly string[]): Promise<string> {
  const { stdout } = await run(program, args, {
    maxBuffer: MAX_OUTPUT,
    env: { ...process.env, LC_ALL: 'C' }
  });
  return stdout;
}

const reasonOf = (error: unknown): string => {
  const text = error instanceof Error && 'stderr' in error ? String(error.stderr) : String(error);
  return text.trim().split('\n').at(-1) ?? 'no reason given';
};

const cannotFetch = (what: string, reason: string): Fault =>
  new Fault('unreachable', { host: `the package archive (${what})`, reason });
