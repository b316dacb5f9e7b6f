// What VMs are made from: manifests that can be read, and files that those who run guests can reach.
import { execFile } from 'node:child_process';
import { readFile, readdir, realpath, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { Fault } from '../../src/lib/model/fault.ts';
import { readImage } from '../drivers/libvirt/images.ts';
import type { Image } from '../drivers/libvirt/images.ts';
import { fail, ok, warn } from './finding.ts';
import type { Finding } from './finding.ts';

/** A user by ids: of a process that opens files. */
export type User = { readonly name: string; readonly uid: number; readonly gids: readonly number[] };

export type ImageProbe = {
  readonly directory: string;
  /** Null: it cannot be listed. */
  readonly names: readonly string[] | null;
  /** Of each that is broken, why. */
  readonly broken: readonly { readonly name: string; readonly reason: string }[];
  /** Files that images name and that are not there. */
  readonly missing: readonly string[];
  /** Files and directories that `user` may not read, or pass. */
  readonly closed: readonly string[];
  /** Who runs guests; null: root does (Xen), or it is not known. */
  readonly user: User | null;
};

const filesOf = (image: Image): readonly string[] =>
  image.kind === 'kernel' ? [image.kernel, ...(image.initrd === null ? [] : [image.initrd])] : [image.path];

export async function probeImages(directory: string, user: User | null): Promise<ImageProbe> {
  const names = await imagesIn(directory);
  const broken: { name: string; reason: string }[] = [];
  const missing: string[] = [];
  const closed = new Set<string>();
  for (const name of names ?? []) {
    const image = await readImage(directory, name).catch((thrown: unknown) => Fault.from(thrown));
    if (image instanceof Fault) broken.push({ name, reason: image.message });
    else if (image === null) broken.push({ name, reason: 'it has no image.json' });
    else {
      for (const file of filesOf(image)) {
        const real = await realpath(file).catch(() => null);
        if (real === null) missing.push(file);
        else if (user !== null) for (const path of await closedTo(user, real)) closed.add(path);
      }
    }
  }
  return { directory, names, broken, missing, closed: [...closed], user };
}

/** Directories that are not hidden; null where they cannot be listed. */
async function imagesIn(directory: string): Promise<readonly string[] | null> {
  const names = await readdir(directory).catch(() => null);
  if (names === null) return null;
  const kept = await Promise.all(
    names.map(async (name) => {
      const info = name.startsWith('.') ? null : await stat(join(directory, name)).catch(() => null);
      return info?.isDirectory() === true ? [name] : [];
    })
  );
  return kept.flat().sort();
}

/** Which of the file and the directories above it that user may not read, or pass. */
async function closedTo(user: User, file: string): Promise<readonly string[]> {
  const closed: string[] = [];
  if (user.uid === 0) return closed;
  let need = 4;
  for (let path = file; ; path = dirname(path), need = 1) {
    const { mode, uid, gid } = await stat(path);
    const shift = uid === user.uid ? 6 : user.gids.includes(gid) ? 3 : 0;
    if (((mode >> shift) & need) === 0) closed.push(path);
    if (path === dirname(path)) return closed;
  }
}

/** Whom libvirt's system daemon runs QEMU as: qemu.conf, else what distributions build in; null where there is none. */
export async function qemuUser(root = '/'): Promise<User | null> {
  const conf = await readFile(join(root, 'etc/libvirt/qemu.conf'), 'utf8').catch(() => '');
  const named = /^\s*user\s*=\s*"\+?([^"]{1,64})"/m.exec(conf)?.[1];
  for (const name of named === undefined ? ['libvirt-qemu', 'qemu'] : [named]) {
    const uid = await idsOf('-u', name);
    if (uid?.[0] !== undefined) return { name, uid: uid[0], gids: (await idsOf('-G', name)) ?? [] };
  }
  return null;
}

async function idsOf(option: '-u' | '-G', name: string): Promise<readonly number[] | null> {
  try {
    const { stdout } = await promisify(execFile)('id', [option, '--', name], { timeout: 10_000 });
    return stdout.trim().split(' ').map(Number);
  } catch {
    return null;
  }
}

export function judgeImages(probe: ImageProbe): readonly Finding[] {
  const { directory, names, broken, missing, closed, user } = probe;
  if (names === null) {
    return [
      fail('images', `${directory} cannot be listed: no VM can be made from an image`, `install -d -m 755 ${directory}`)
    ];
  }
  const found: Finding[] = [];
  for (const { name, reason } of broken) {
    found.push(
      warn(
        'images',
        `${name} is not offered: ${reason}`,
        'mend its image.json (docs/OPERATING.md, “Images”), or move it away'
      )
    );
  }
  if (missing.length > 0) {
    found.push(
      fail('images', `not there, though an image names it: ${missing.join(', ')}`, 'put the file beside its image.json')
    );
  }
  if (closed.length > 0 && user !== null) {
    const advice = `chmod a+r the files, a+x the directories: ${closed.join(' ')}`;
    found.push(fail('images', `${user.name}, who runs the guests, may not read ${closed.join(', ')}`, advice));
  }
  if (names.length === 0) {
    found.push(
      warn(
        'images',
        `${directory} is empty: there is nothing to make VMs from`,
        'docs/OPERATING.md, “Images”, says what goes there'
      )
    );
  }
  const whole = names.length - broken.length;
  return found.length > 0 ? found : [ok('images', `${whole} in ${directory}`)];
}
