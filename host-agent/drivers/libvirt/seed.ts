// What a new guest's cloud-init is told: a small read-only disk labelled `cidata` (cloud-init's NoCloud source) beside the
// VM's own disks. A disk, not a CD drive: kernels made for clouds have no driver for those. It belongs to the VM: its name
// is the VM's id, and it goes when the VM goes.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { VmId } from '../../../src/lib/model/ids.ts';
import { sshKeyProblem } from '../../../src/lib/model/ssh-key.ts';
import type { Seed } from '../driver.ts';
import { targetAt, volumeDisk } from './devices.ts';
import type { LibvirtHost } from './host.ts';
import { packIso, unpackIso } from './iso9660.ts';
import type { DiskMeans } from './means.ts';
import { plain } from './names.ts';
import { INPUT } from './virsh.ts';
import { element, printElement } from './xml.ts';
import type { Element } from './xml.ts';

/** Of 26, the last one: disks that are attached later come before it. */
const LAST = 25;
/** Far more than user-data and keys can take. */
const MAX_IMAGE = 1024 * 1024;

export type Place = { readonly pool: string; readonly volume: string };

export const seedPlace = (pool: string, id: VmId): Place => ({ pool, volume: `${id}-seed.iso` });
export const isSeed = (place: Place | null, id: VmId): boolean => place?.volume === `${id}-seed.iso`;

/** The image: `meta-data` with id, host name and keys, and the operator's `user-data` as it is. */
export function packSeed(vm: { readonly id: VmId; readonly name: string }, { userData, sshKeys }: Seed): Buffer {
  // JSON is YAML. Keys stand here, so that user-data of any kind need not be read or changed for them.
  const metaData = {
    'instance-id': vm.id,
    'local-hostname': hostName(vm.name, vm.id),
    ...(sshKeys.length > 0 ? { 'public-keys': sshKeys } : {})
  };
  return packIso(
    'cidata',
    new Map([
      ['meta-data', Buffer.from(`${JSON.stringify(metaData, null, 2)}\n`)],
      ['user-data', Buffer.from(userData)]
    ])
  );
}

/** What `packSeed` was given; null for an image that is not such a one. */
export function unpackSeed(image: Buffer): Seed | null {
  const files = unpackIso(image);
  const [meta, user] = [files?.get('meta-data'), files?.get('user-data')];
  if (meta === undefined || user === undefined) return null;
  try {
    const read: unknown = JSON.parse(Buffer.from(meta).toString());
    const keys = typeof read === 'object' && read !== null && 'public-keys' in read ? read['public-keys'] : [];
    const sshKeys = Array.isArray(keys) ? keys.filter((key) => typeof key === 'string') : [];
    return { userData: Buffer.from(user).toString(), sshKeys: sshKeys.filter((key) => sshKeyProblem(key) === null) };
  } catch {
    return null;
  }
}

const LABEL = '[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?';
const HOST_NAME = new RegExp(`^${LABEL}(?:\\.${LABEL})*$`);

/** The VM's name as a host name (RFC 1123), as far as it can be one. */
export function hostName(name: string, id: VmId): string {
  const dotted = plain(name).toLowerCase().replaceAll(/[_+]/g, '-');
  if (HOST_NAME.test(dotted)) return dotted;
  const flat = dotted.replaceAll(/[^a-z0-9]+/g, '-').replaceAll(/^-|-$/g, '');
  return flat === '' ? `vm-${id.slice(0, 8)}` : flat;
}

/** Makes the volume, or leaves nothing. @throws VirshError, Fault */
export async function writeSeed(
  host: LibvirtHost,
  pool: string,
  vm: { readonly id: VmId; readonly name: string },
  seed: Seed
): Promise<void> {
  const { volume } = seedPlace(pool, vm.id);
  const image = packSeed(vm, seed);
  const input = printElement(
    element(
      'volume',
      {},
      element('name', {}, volume),
      element('capacity', { unit: 'bytes' }, String(image.length)),
      element('target', {}, element('format', { type: 'raw' }), element('permissions', {}, element('mode', {}, '0600')))
    )
  );
  await host.virsh.change(['vol-create', pool, INPUT], { input });
  try {
    await withFile(async (file) => {
      await writeFile(file, image, { mode: 0o600 });
      await host.virsh.change(['vol-upload', '--pool', pool, '--vol', volume, '--file', file]);
    });
  } catch (error) {
    await host.storage.remove(pool, volume).catch(() => null);
    throw error;
  } finally {
    host.storage.forget();
  }
}

/** What the VM's seed says; null when it cannot be understood. */
export const readSeed = (host: LibvirtHost, { pool, volume }: Place): Promise<Seed | null> =>
  withFile(async (file) => {
    const length = String(MAX_IMAGE);
    await host.virsh.change(['vol-download', '--pool', pool, '--vol', volume, '--file', file, '--length', length]);
    return unpackSeed(await readFile(file));
  });

/** @param path as `VolumeDisk.path` */
export const seedDisk = (place: Place, path: string | null, means: DiskMeans): Element =>
  volumeDisk(
    { ...place, path, format: 'raw', target: targetAt(means.letters, LAST), serial: 'cidata', readOnly: true },
    means
  );

/** In a directory that only we can read. */
async function withFile<Value>(use: (file: string) => Promise<Value>): Promise<Value> {
  const dir = await mkdtemp(join(tmpdir(), 'smps-seed-'));
  try {
    return await use(join(dir, 'seed.iso'));
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}
