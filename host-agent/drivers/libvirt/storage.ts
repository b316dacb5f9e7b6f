// Storage pools and their volumes. A volume is named, never given as a path, and a name never leads out of its pool.
import { Fault } from '../../../src/lib/model/fault.ts';
import { bytes } from '../../../src/lib/model/units.ts';
import type { Bytes } from '../../../src/lib/model/units.ts';
import type { LibvirtConfig } from './config.ts';
import { sizeOf } from './domain-xml.ts';
import type { DiskMeans } from './means.ts';
import { plain } from './names.ts';
import { refuse } from './refusal.ts';
import { INPUT, quote, VirshError } from './virsh.ts';
import type { Virsh } from './virsh.ts';
import { attribute, element, find, printElement, readElement, textOf } from './xml.ts';

export type VolumeFacts = {
  readonly name: string;
  readonly path: string;
  readonly capacity: Bytes;
  readonly allocation: Bytes | null;
  readonly format: string;
};
export type PoolFacts = {
  readonly name: string;
  readonly path: string | null;
  readonly capacity: Bytes;
  readonly free: Bytes;
  readonly volumes: readonly VolumeFacts[];
};

/** As on the wire: no slash, no leading dot. */
const NAME = /^(?!\.)[A-Za-z0-9._+-]{1,128}$/;
const KEEP = 15_000;
/** Files that others put into a pool are noticed within this time. */
const REFRESH_EVERY = 60_000;
const MAX_VOLUMES = 4096;
/** Large images over slow networks. */
const UPLOAD_TIMEOUT = 24 * 3_600_000;

export class Storage {
  readonly #virsh: Virsh;
  readonly #wanted: NonNullable<LibvirtConfig['pools']>;
  #made: Promise<void> | null = null;
  #last: { readonly at: number; readonly pools: Promise<readonly PoolFacts[]> } | null = null;
  #refreshedAt = 0;

  constructor(virsh: Virsh, wanted: LibvirtConfig['pools']) {
    this.#virsh = virsh;
    this.#wanted = wanted ?? [];
  }

  /** All active pools, at most `maxAge` ms old. */
  async pools(maxAge = KEEP): Promise<readonly PoolFacts[]> {
    const last = this.#last;
    if (last !== null && Date.now() - last.at <= maxAge) return last.pools;
    const next = { at: Date.now(), pools: this.#ask() };
    this.#last = next;
    next.pools.catch(() => {
      if (this.#last === next) this.#last = null;
    });
    return next.pools;
  }

  /** What was read is no longer so. */
  forget(): void {
    this.#last = null;
  }

  /** Files that others have put into pools are seen at the next look, however recent the last one was. */
  stale(): void {
    this.#refreshedAt = 0;
    this.#last = null;
  }

  /** The pool as it is now, or a refusal. */
  async demandPool(name: string): Promise<PoolFacts> {
    const pool = (await this.pools(0)).find((each) => each.name === name);
    return pool ?? refuse('not-found', { kind: 'pool', id: name });
  }

  /** The volume as it is now, or a refusal. Files that appeared a moment ago are found. */
  async demandVolume(pool: string, name: string): Promise<VolumeFacts> {
    const of = (facts: PoolFacts): VolumeFacts | undefined => facts.volumes.find((each) => each.name === name);
    const known = of(await this.demandPool(pool));
    if (known) return known;
    if (!NAME.test(name)) refuse('not-found', { kind: 'volume', id: name });
    this.stale();
    return of(await this.demandPool(pool)) ?? refuse('not-found', { kind: 'volume', id: name });
  }

  /** Where the hypervisor finds the volume, for disks whose makers must say it; null for others. @throws VirshError when there is none */
  async pathOf(pool: string, name: string, { bus }: DiskMeans): Promise<string | null> {
    if (bus !== 'xen') return null;
    const [text = ''] = await this.#virsh.read([`vol-path --pool ${quote(pool)} ${quote(name)}`]);
    const path = text.trim();
    if (!path.startsWith('/')) throw new VirshError('vol-path', `volume ${name} is not there`);
    return path;
  }

  /** Refuses `no-space` unless the pool has room for `need` bytes, should the guest fill them all. */
  async demandSpace(pool: string, need: number): Promise<void> {
    const aged = this.#made === null || Date.now() - this.#refreshedAt > REFRESH_EVERY;
    const [text = ''] = aged ? [] : await this.#virsh.read([`pool-dumpxml ${quote(pool)}`]);
    const { free } = readPool(pool, text) ?? (await this.demandPool(pool));
    if (need > free) refuse('no-space', { where: `pool ${pool}`, need: mibText(need), free: mibText(free) });
  }

  /** A new volume; `backing`: it starts as a copy of that image file. */
  async create(
    pool: string,
    name: string,
    capacity: number,
    backing: { readonly path: string; readonly format: string } | null = null,
    format = 'qcow2'
  ): Promise<void> {
    if (!NAME.test(name)) throw new Fault('internal', { reason: `volume name “${name}”` });
    const input = printElement(
      element(
        'volume',
        {},
        element('name', {}, name),
        element('capacity', { unit: 'bytes' }, String(capacity)),
        element('target', {}, element('format', { type: format })),
        backing !== null &&
          element('backingStore', {}, element('path', {}, backing.path), element('format', { type: backing.format }))
      )
    );
    this.forget();
    try {
      await this.#virsh.change(['vol-create', pool, INPUT], { input });
    } catch (error) {
      if (error instanceof VirshError && /No space left|File too large/.test(error.message)) {
        refuse('no-space', { where: `pool ${pool}`, need: mibText(capacity), free: '' });
      }
      throw error;
    } finally {
      this.forget();
    }
  }

  /** Fills a volume with a file of this machine, wherever the hypervisor is. */
  async upload(pool: string, name: string, file: string): Promise<void> {
    const words = ['vol-upload', '--pool', pool, '--vol', name, '--file', file, '--sparse'];
    await this.#virsh.change(words, { timeout: UPLOAD_TIMEOUT });
    this.forget();
  }

  async resize(pool: string, name: string, capacity: number): Promise<void> {
    await this.#virsh.change(['vol-resize', '--pool', pool, '--vol', name, '--capacity', `${capacity}B`]);
    this.forget();
  }

  async remove(pool: string, name: string): Promise<void> {
    await this.#virsh.change(['vol-delete', '--pool', pool, '--vol', name]);
    this.forget();
  }

  async #ask(): Promise<readonly PoolFacts[]> {
    this.#made ??= this.#make();
    await this.#made.catch((error: unknown) => {
      this.#made = null;
      throw error;
    });
    const [list = ''] = await this.#virsh.read(['pool-list --name']);
    const names = list.split('\n').flatMap((line) => line.trim() || []);
    if (Date.now() - this.#refreshedAt > REFRESH_EVERY && names.length > 0) {
      await this.#virsh.read(names.map((name) => `pool-refresh ${quote(name)}`));
      this.#refreshedAt = Date.now();
    }
    const answers = await this.#virsh.read(
      names.flatMap((name) => [`pool-dumpxml ${quote(name)}`, `vol-list ${quote(name)}`])
    );
    const heads = names.flatMap((name, index) => {
      const head = readPool(name, answers[2 * index] ?? '');
      return head === null ? [] : [{ head, files: volumeNames(answers[2 * index + 1] ?? '') }];
    });
    const wanted = heads
      .flatMap(({ head, files }) => files.map((file) => ({ pool: head.name, file })))
      .slice(0, MAX_VOLUMES);
    const texts = await this.#virsh.read(
      wanted.map(({ pool, file }) => `vol-dumpxml --pool ${quote(pool)} --vol ${quote(file)}`)
    );
    return heads.map(({ head }) => ({
      ...head,
      volumes: wanted.flatMap(({ pool }, index) => (pool === head.name ? (readVolume(texts[index] ?? '') ?? []) : []))
    }));
  }

  /** Makes and starts the pools the configuration asks for. */
  async #make(): Promise<void> {
    for (const { name, path } of this.#wanted) {
      const [known = ''] = await this.#virsh.read([`pool-dumpxml ${quote(name)}`]);
      if (known === '') {
        await this.#virsh.change(['pool-define-as', name, 'dir', '--target', path]);
        await this.#virsh.change(['pool-build', name]);
        await this.#virsh.change(['pool-autostart', name]);
      }
      const [info = ''] = await this.#virsh.read([`pool-info ${quote(name)}`]);
      if (!/^State:\s+running/m.test(info)) await this.#virsh.change(['pool-start', name]);
    }
  }
}

/** Which pool and volume a file is; null when it lies in none. */
export function volumeAt(pools: readonly PoolFacts[], path: string): { pool: string; volume: string } | null {
  for (const pool of pools) {
    const volume = pool.volumes.find((each) => each.path === path);
    if (volume) return { pool: pool.name, volume: volume.name };
  }
  return null;
}

/** A volume name for a VM's disk: recognisable, and unlike any other. */
export const volumeName = (
  vm: { readonly name: string; readonly id: string },
  target: string,
  format = 'qcow2'
): string =>
  `${plain(vm.name) || 'vm'}-${vm.id.slice(0, 8)}-${target}-${Date.now().toString(36).slice(-4)}.${format === 'qcow2' ? format : 'img'}`;

/** Whether `volumeName` made it for the VM with this id. */
export const isVolumeOf = (id: string, volume: string): boolean =>
  new RegExp(`-${id.slice(0, 8)}-[a-z0-9]{1,32}-[a-z0-9]{1,4}\\.(?:qcow2|img)$`).test(volume);

export const mibText = (size: number): string => `${Math.floor(size / (1024 * 1024))} MiB`;

function readPool(name: string, text: string): Omit<PoolFacts, 'volumes'> | null {
  try {
    const root = readElement(text);
    return {
      name,
      path: textOf(find(root, 'target', 'path')) || null,
      capacity: bytes(sizeOf(find(root, 'capacity'), 'bytes') ?? 0),
      free: bytes(sizeOf(find(root, 'available'), 'bytes') ?? 0)
    };
  } catch {
    return null;
  }
}

/** `vol-list` prints ` NAME   PATH`; a name may hold spaces, and the path ends in the name. */
export function volumeNames(text: string): readonly string[] {
  return text.split('\n').flatMap((line) => {
    const match = /^ (.+?) {2,}(\/.*)$/.exec(line.trimEnd());
    const name = match?.[1];
    return name !== undefined && match?.[2]?.endsWith(`/${name}`) === true && name.length <= 256 ? name : [];
  });
}

function readVolume(text: string): VolumeFacts | null {
  try {
    const root = readElement(text);
    const allocation = sizeOf(find(root, 'allocation'), 'bytes');
    return {
      name: textOf(find(root, 'name')),
      path: textOf(find(root, 'target', 'path')),
      capacity: bytes(sizeOf(find(root, 'capacity'), 'bytes') ?? 0),
      allocation: allocation === null ? null : bytes(allocation),
      format: (attribute(find(root, 'target', 'format'), 'type') ?? 'raw').slice(0, 64)
    };
  } catch {
    return null;
  }
}
