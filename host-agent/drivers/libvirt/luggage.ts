// What a VM takes along when it moves, and what of it cannot travel: all of that at once, each with what to do about it.
import type { Bytes } from '../../../src/lib/model/units.ts';
import type { DomainXml } from './domain-xml.ts';
import type { Domain } from './domains.ts';
import type { LibvirtHost } from './host.ts';
import { SAVED } from '../saved.ts';
import { demandAll, refuse } from './refusal.ts';
import type { PoolFacts } from './storage.ts';
import { nameOf, placeOf } from './vm.ts';
import { attribute, elements, find, readElement } from './xml.ts';

/** A disk in a pool. */
export type Piece = {
  readonly target: string;
  readonly pool: string;
  readonly volume: string;
  readonly capacity: Bytes;
  readonly readOnly: boolean;
  readonly cdrom: boolean;
};
export type Luggage = {
  readonly pieces: readonly Piece[];
  /** Outside any pool: must be there, alike, where it goes. */
  readonly files: readonly string[];
};

/** MiB: what is read-only goes in one piece before anything else. */
export const MOST_READ_ONLY = 256;
/** Of a host, and nowhere else. */
const BOUND = ['hostdev', 'filesystem', 'shmem'];

/** @throws Refusal with all reasons */
export async function luggageOf(host: LibvirtHost, domain: Domain): Promise<Luggage> {
  const { live, inactive, state } = domain;
  const now = live ?? inactive;
  if (state === 'saved') refuse('wrong-state', SAVED);
  if (now === null || !['running', 'paused', 'off', 'crashed'].includes(state)) {
    refuse('wrong-state', { state, needs: 'running, paused or off' });
  }
  const pools = await host.storage.pools(0);
  const pieces: Piece[] = [];
  const files = now.boot.slice(0, 3).filter((path) => path.startsWith('/'));
  await demandAll(`moving ${nameOf(domain)}`, [
    ...now.disks.map((disk) => async () => {
      pack(disk, pools, pieces, files);
      await Promise.resolve();
    }),
    ...boundDevices(domain).map((device) => () => Promise.resolve(cannotTravel(device)))
  ]);
  return { pieces, files };
}

function pack(disk: DomainXml['disks'][number], pools: readonly PoolFacts[], pieces: Piece[], files: string[]): void {
  const { target, device, readOnly, source } = disk;
  if (source === null) return;
  const cdrom = device === 'cdrom';
  const cannot = (reason: string): never =>
    refuse('unsupported', { what: `disk ${target}`, reason, instead: cdrom ? 'eject it first' : 'detach it first' });
  const place = placeOf(disk, pools);
  if (place === null) {
    if (!cdrom || source.kind !== 'path') return cannot('it lies in no storage pool of this host');
    files.push(source.path);
    return;
  }
  const volume = pools.find(({ name }) => name === place.pool)?.volumes.find(({ name }) => name === place.volume);
  if (volume === undefined) return cannot(`there is no volume ${place.volume} in pool ${place.pool}`);
  pieces.push({ target, ...place, capacity: volume.capacity, readOnly: readOnly || cdrom, cdrom });
}

function boundDevices({ texts }: Domain): readonly string[] {
  const text = texts.find((each) => each.trim() !== '');
  if (text === undefined) return [];
  const devices = find(readElement(text), 'devices');
  return elements(devices).flatMap((device) => {
    if (BOUND.includes(device.name)) return device.name;
    return device.name === 'interface' && attribute(device, 'type') === 'hostdev' ? 'interface' : [];
  });
}

const cannotTravel = (device: string): never =>
  refuse('unsupported', {
    what: `device ${device}`,
    reason: 'it belongs to this host and cannot travel',
    instead: 'take it from the VM first'
  });
