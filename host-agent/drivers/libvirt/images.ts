// What VMs can be made from: a directory that the host's administrator fills, one subdirectory with an `image.json` for each.
// Only names leave the agent; paths never do. A published image is not changed in place: disks may be backed by it.
import { readFile, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Fault } from '../../../src/lib/model/fault.ts';
import { VM_KINDS } from '../../../src/lib/model/fleet.ts';
import type { Image as OfferedImage, VmKind } from '../../../src/lib/model/fleet.ts';
import { bytes } from '../../../src/lib/model/units.ts';
import type { Bytes } from '../../../src/lib/model/units.ts';
import { refuse } from './refusal.ts';

type Common = {
  readonly name: string;
  readonly title: string;
  /** MiB a guest made from it needs to boot; null when unknown. */
  readonly minMemory: number | null;
  /** True when a QEMU guest agent runs in it. */
  readonly agent: boolean;
  /** What a VM made from it on Xen is to be; null: the best that the host offers (xen-kinds.ts). */
  readonly xen: VmKind | null;
};
export type Image = Common &
  (
    | { readonly kind: 'kernel'; readonly kernel: string; readonly initrd: string | null; readonly cmdline: string }
    | { readonly kind: 'disk'; readonly path: string; readonly format: string; readonly size: Bytes }
    | { readonly kind: 'iso'; readonly path: string }
  );

const NAME = /^(?!\.)[A-Za-z0-9._+-]{1,128}$/;
const FILE = /^(?!\.)[A-Za-z0-9._+-]{1,255}$/;
const MAX_MANIFEST = 64 * 1024;

/** All images that can be read, by name. One that is broken is left out: the others still serve. */
export async function readImages(dir: string): Promise<readonly Image[]> {
  const names = await readdir(dir).catch(() => []);
  const images = await Promise.all(
    names.filter((name) => NAME.test(name)).map((name) => readImage(dir, name).catch(() => null))
  );
  return images.filter((image) => image !== null).sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** The image, or null when there is none of that name. @throws Fault `corrupt-state` when its manifest is broken. */
export async function readImage(dir: string, name: string): Promise<Image | null> {
  if (!NAME.test(name)) return null;
  const file = join(dir, name, 'image.json');
  const info = await stat(file).catch(() => null);
  if (info === null) return null;
  const broken = (reason: string): Fault => new Fault('corrupt-state', { file, reason });
  if (info.size > MAX_MANIFEST) throw broken('it is larger than 64 KiB');
  let manifest: unknown;
  try {
    manifest = JSON.parse(await readFile(file, 'utf8'));
  } catch (error) {
    throw broken(error instanceof Error ? error.message : String(error));
  }
  if (typeof manifest !== 'object' || manifest === null) throw broken('it is not an object');
  const fields = manifest as Readonly<Record<string, unknown>>;
  const text = (key: string): string => {
    const value = fields[key];
    if (typeof value !== 'string' || value.length > 4096) throw broken(`${key} must be a text`);
    return value;
  };
  /** A file beside the manifest: never a path that leads elsewhere. */
  const beside = (key: string): string => {
    const value = text(key);
    if (!FILE.test(value)) throw broken(`${key} must name a file beside it`);
    return join(dir, name, value);
  };
  const kindOf = (value: string): VmKind => {
    const kind = VM_KINDS.find((each) => each === value);
    if (kind === undefined) throw broken(`xen must be one of ${VM_KINDS.join(', ')}`);
    return kind;
  };
  const minMemory = fields['min-memory-mib'];
  const common: Common = {
    name,
    title: text('title').slice(0, 1024),
    minMemory: typeof minMemory === 'number' && Number.isSafeInteger(minMemory) && minMemory > 0 ? minMemory : null,
    agent: fields.agent === true,
    xen: fields.xen === undefined ? null : kindOf(text('xen'))
  };
  switch (fields.kind) {
    case 'kernel':
      return {
        ...common,
        kind: 'kernel',
        kernel: beside('kernel'),
        initrd: fields.initrd === undefined ? null : beside('initrd'),
        cmdline: text('cmdline')
      };
    case 'disk': {
      const capacity = fields['capacity-mib'];
      if (typeof capacity !== 'number' || !Number.isSafeInteger(capacity) || capacity <= 0 || capacity > 2 ** 33) {
        throw broken('capacity-mib must be a whole number of MiB');
      }
      const format = fields.format === undefined ? 'qcow2' : text('format');
      if (format !== 'qcow2' && format !== 'raw') throw broken('format must be qcow2 or raw');
      return { ...common, kind: 'disk', path: beside('file'), format, size: bytes(capacity * 1024 * 1024) };
    }
    case 'iso':
      return { ...common, kind: 'iso', path: beside('file') };
    default:
      throw broken('kind must be kernel, disk or iso');
  }
}

/** As it is offered to operators. */
export const offered = (image: Image): OfferedImage => ({
  name: image.name,
  kind: image.kind,
  title: image.title,
  size: image.kind === 'disk' ? image.size : bytes(0),
  xen: image.xen
});

/** Refuses an image that is made for Xen on a host of another hypervisor. One that is not there is refused by whoever needs it. */
export async function demandBoots(dir: string, name: string, onXen: boolean): Promise<void> {
  const xen = (await readImage(dir, name))?.xen ?? null;
  if (xen === null || onXen) return;
  const reason = `the image needs Xen (${xen.toUpperCase()} guest), this host has QEMU`;
  refuse('unsupported', {
    what: `making a VM from ${name} here`,
    reason,
    instead: 'choose a Xen host, or another image'
  });
}
