// A copy of a VM that is off: its disks copied by the hypervisor, its configuration with another id, name and MACs. A clone
// that breaks off leaves nothing behind.
import { Fault } from '../../../src/lib/model/fault.ts';
import type { Effect } from '../../../src/lib/model/fleet.ts';
import type { VmId } from '../../../src/lib/model/ids.ts';
import type { Control } from '../control.ts';
import { SAVED } from '../saved.ts';
import { copyVolume } from './copying.ts';
import type { Copy } from './copying.ts';
import { newMac, sourceAt } from './devices.ts';
import type { DomainXml } from './domain-xml.ts';
import { effectNow, notes } from './effect.ts';
import type { LibvirtHost } from './host.ts';
import { calledOtherwise, demandNaming } from './naming.ts';
import { meansFor, meansOf } from './means.ts';
import type { DiskMeans } from './means.ts';
import { withNote } from './metadata.ts';
import { withTitle } from './names.ts';
import type { Naming } from './names.ts';
import { demandWanted, refuse } from './refusal.ts';
import { isSeed, readSeed, seedPlace, writeSeed } from './seed.ts';
import type { Place } from './seed.ts';
import { volumeName } from './storage.ts';
import type { PoolFacts } from './storage.ts';
import { INPUT } from './virsh.ts';
import { nameOf, placeOf } from './vm.ts';
import { attribute, element, find, mapChildren, printElement, readElement } from './xml.ts';
import type { Element } from './xml.ts';

export type CloneOf = { readonly id: VmId; readonly name: string };

export async function clone(host: LibvirtHost, id: VmId, to: CloneOf, control: Control): Promise<readonly Effect[]> {
  control.progress('checking');
  const source = await host.domains.demand(id);
  if (source.state === 'saved') refuse('wrong-state', SAVED);
  if (source.live !== null || !['off', 'crashed'].includes(source.state)) {
    refuse('wrong-state', { state: source.state, needs: 'off' });
  }
  const { inactive } = source;
  if (inactive === null) {
    throw new Fault('hypervisor', { operation: 'dumpxml', reason: 'the configuration of the VM cannot be read' });
  }
  const naming = await demandNaming(host, to.name, to.id);
  const means = meansFor(source).disks;
  const pools = await host.storage.pools(0);
  const copies = planCopies(inactive, to, pools);
  const need = new Map<string, number>();
  for (const { pool, from } of copies.values()) need.set(pool, (need.get(pool) ?? 0) + from.capacity);
  for (const [pool, size] of need) await host.storage.demandSpace(pool, size);

  const places = new Map<string, Place | null>();
  try {
    await copyAll(host, copies, places, control);
    const seed = inactive.disks.find((disk) => isSeed(placeOf(disk, pools), id));
    if (seed !== undefined) places.set(seed.target, await reseed(host, placeOf(seed, pools), to));
    control.progress('defining');
    const [text = ''] = await host.virsh.read([`dumpxml --inactive --security-info ${id}`]);
    const paths = await pathsOf(host, places, means);
    const input = printElement(cloned(readElement(text), to, naming, places, paths));
    demandWanted(control.signal);
    await host.virsh.change(['define', INPUT], { input });
    const lost = [...places.values()].includes(null)
      ? 'its seed for cloud-init could not be read and is left out'
      : null;
    host.changed(to.id);
    return [
      effectNow(
        'existence',
        `${to.name} as ${nameOf(source)} is`,
        { text: to.name, by: 'hypervisor' },
        notes(calledOtherwise(naming), lost)
      )
    ];
  } catch (error) {
    control.progress('cleaning-up');
    for (const place of places.values()) {
      if (place !== null) await host.storage.remove(place.pool, place.volume).catch(() => null);
    }
    throw error;
  }
}

/** By target: the disks that hold what the guest wrote. What is read-only is shared. */
function planCopies(inactive: DomainXml, to: CloneOf, pools: readonly PoolFacts[]): Map<string, Copy> {
  const copies = new Map<string, Copy>();
  for (const disk of inactive.disks) {
    if (disk.device !== 'disk' || disk.readOnly) continue;
    const place = placeOf(disk, pools);
    const pool = pools.find((each) => each.name === place?.pool);
    const from = pool?.volumes.find((each) => each.name === place?.volume);
    if (pool === undefined || from === undefined) {
      refuse('unsupported', {
        what: `copying disk ${disk.target}`,
        reason: 'it lies in no storage pool of this host',
        instead: 'detach it first'
      });
    }
    copies.set(disk.target, { from, pool: pool.name, name: volumeName(to, disk.target, from.format) });
  }
  return copies;
}

async function copyAll(
  host: LibvirtHost,
  copies: ReadonlyMap<string, Copy>,
  places: Map<string, Place | null>,
  { signal, progress }: Control
): Promise<void> {
  const sizeOf = ({ from }: Copy): number => from.allocation ?? from.capacity;
  const total = [...copies.values()].reduce((sum, copy) => sum + sizeOf(copy), 0);
  let copied = 0;
  for (const [target, copy] of copies) {
    const tell = (share: number | null): void =>
      progress('copying', share === null ? null : (copied + share * sizeOf(copy)) / Math.max(1, total));
    await copyVolume(host, copy, signal, tell);
    places.set(target, { pool: copy.pool, volume: copy.name });
    copied += sizeOf(copy);
  }
}

/** By target, where the hypervisor must be told paths; empty elsewhere. */
async function pathsOf(
  host: LibvirtHost,
  places: ReadonlyMap<string, Place | null>,
  means: DiskMeans
): Promise<ReadonlyMap<string, string>> {
  const paths = new Map<string, string>();
  for (const [target, place] of places) {
    const path = place === null ? null : await host.storage.pathOf(place.pool, place.volume, means);
    if (path !== null) paths.set(target, path);
  }
  return paths;
}

/** The same seed under the new id and host name; null when the old one cannot be read. */
async function reseed(host: LibvirtHost, old: Place | null, to: CloneOf): Promise<Place | null> {
  const seed = old === null ? null : await readSeed(host, old).catch(() => null);
  if (old === null || seed === null) return null;
  await writeSeed(host, old.pool, to, seed);
  return seedPlace(old.pool, to.id);
}

/**
 * The configuration of the copy.
 * @param places by target: where the disk is now; null takes it away; the others stay as they are
 * @param paths by target: as in `VolumeDisk`
 */
export function cloned(
  root: Element,
  to: CloneOf,
  naming: Naming,
  places: ReadonlyMap<string, Place | null>,
  paths: ReadonlyMap<string, string> = new Map()
): Element {
  const { disks: means } = meansOf(attribute(root, 'type') ?? '');
  const changed = mapChildren(root, (child) => {
    switch (child.name) {
      case 'name':
        return element('name', {}, naming.name);
      case 'uuid':
        return element('uuid', {}, to.id);
      case 'genid':
        // libvirt makes a new one.
        return element('genid');
      case 'os':
        return mapChildren(child, (part) => (part.name === 'nvram' ? ownNvram(part) : part));
      case 'sysinfo':
        return mapChildren(child, (part) =>
          mapChildren(part, (entry) => (entry.attributes.name === 'uuid' ? null : entry))
        );
      case 'devices':
        return mapChildren(child, (device) => ownDevice(device, places, paths, means));
      default:
        return child;
    }
  });
  return withTitle(withNote(changed, { protected: null }), naming.title);
}

/** UEFI variables of its own, from the template. */
const ownNvram = (nvram: Element): Element | null =>
  nvram.attributes.template === undefined ? null : { ...nvram, children: [] };

function ownDevice(
  device: Element,
  places: ReadonlyMap<string, Place | null>,
  paths: ReadonlyMap<string, string>,
  means: DiskMeans
): Element | null {
  switch (device.name) {
    case 'interface':
      return mapChildren(device, (part) =>
        part.name === 'mac' ? element('mac', { address: newMac(means) }) : part.name === 'target' ? null : part
      );
    case 'channel':
      // A socket in the directory of the other.
      return mapChildren(device, (part) => (part.name === 'source' && part.attributes.mode === 'bind' ? null : part));
    case 'disk': {
      const target = attribute(find(device, 'target'), 'dev') ?? '';
      const place = places.get(target);
      if (place === undefined) return device;
      if (place === null) return null;
      const path = paths.get(target) ?? null;
      const [type, source] = path === null ? (['volume', { ...place }] as const) : sourceAt(path);
      const moved = mapChildren(device, (part) =>
        part.name === 'source' ? element('source', source) : part.name === 'backingStore' ? null : part
      );
      return { ...moved, attributes: { ...moved.attributes, type } };
    }
    default:
      return device;
  }
}
