// What a simulated host holds: its guests and volumes, kept in a file if wanted, and who wants to hear of changes.
import { readFileSync } from 'node:fs';
import { Fault } from '../../../src/lib/model/fault.ts';
import type { Pool } from '../../../src/lib/model/fleet.ts';
import { vmId } from '../../../src/lib/model/ids.ts';
import type { VmId } from '../../../src/lib/model/ids.ts';
import { bytes, mib, mibToBytes, vcpus } from '../../../src/lib/model/units.ts';
import type { Bytes, Mib, Vcpus } from '../../../src/lib/model/units.ts';
import { writeDurably } from '../../files/durable.ts';
import type { Change } from '../driver.ts';
import { POOL } from './config.ts';
import type { SampleVm, SimulatedConfig } from './config.ts';
import { always, ANY_CPU, poweredOff, poweredOn } from './guest.ts';
import type { Guest, GuestDisk, GuestNic } from './guest.ts';
import { randomFrom, uuidFrom } from './random.ts';

export type SimulatedVolume = { readonly name: string; readonly capacity: Bytes };
type Saved = { readonly guests: readonly Guest[]; readonly volumes: readonly SimulatedVolume[] };

const ROLES_OF_VMS = ['web', 'db', 'mail', 'build', 'cache', 'files', 'queue', 'proxy'];
const TARGETS = Array.from('abcdefghijklmnopqrstuvwxyz', (letter) => `vd${letter}`);

export class SimulatedHost {
  readonly cpus: Vcpus;
  readonly memory: Mib;
  readonly random: () => number;
  readonly guests = new Map<VmId, Guest>();
  readonly volumes = new Map<string, SimulatedVolume>();
  readonly #storage: Bytes;
  readonly #file: string | null;
  readonly #watchers = new Set<{ change: (change: Change) => void; trouble: (reason: string | null) => void }>();
  #saving: Promise<void> = Promise.resolve();
  #down: string | null = null;

  constructor(config: SimulatedConfig, now: number) {
    this.cpus = vcpus(config.cpus ?? 16);
    this.memory = mib(config.memory ?? 65_536);
    this.#storage = mibToBytes(mib(config.storage ?? 1_048_576));
    this.#file = config.file ?? null;
    this.random = randomFrom(config.seed ?? 1);
    const saved = this.#file === null ? null : readSaved(this.#file);
    if (saved !== null) {
      for (const guest of saved.guests) this.guests.set(guest.id, settled(guest));
      for (const volume of saved.volumes) this.volumes.set(volume.name, volume);
      return;
    }
    const vms = config.vms ?? 0;
    const samples = typeof vms === 'number' ? invent(vms, this.random) : vms;
    for (const sample of samples) this.#add(sample, now);
  }

  /** @throws Fault `hypervisor-down` while it is. */
  demandUp(): void {
    if (this.#down !== null) throw new Fault('hypervisor-down', { reason: this.#down });
  }

  setDown(reason: string | null): void {
    this.#down = reason;
    for (const watcher of this.#watchers) watcher.trouble(reason);
    if (reason === null) this.tell(null);
  }

  watch(change: (change: Change) => void, trouble: (reason: string | null) => void, signal: AbortSignal): void {
    if (signal.aborted) return;
    const watcher = { change, trouble };
    this.#watchers.add(watcher);
    signal.addEventListener('abort', () => this.#watchers.delete(watcher), { once: true });
    if (this.#down !== null) trouble(this.#down);
  }

  tell(vm: VmId | null): void {
    for (const watcher of this.#watchers) watcher.change({ vm });
  }

  /** Puts the guest in the place of the one with its id, and says so. */
  put(guest: Guest): Guest {
    this.guests.set(guest.id, guest);
    this.tell(guest.id);
    return guest;
  }

  remove(vm: VmId): void {
    this.guests.delete(vm);
    this.tell(vm);
  }

  /** The guest with its volumes, which are then no longer here; null: there is none. */
  take(vm: VmId): { readonly guest: Guest; readonly volumes: readonly SimulatedVolume[] } | null {
    const guest = this.guests.get(vm);
    if (guest === undefined) return null;
    const volumes = guest.disks.flatMap(({ volume }) => (volume === null ? [] : (this.volumes.get(volume) ?? [])));
    for (const { name } of volumes) this.volumes.delete(name);
    this.remove(vm);
    return { guest, volumes };
  }

  /** Resolves once what is so now is in the file. Writes follow one another; the last one tells all. */
  save(): Promise<void> {
    const file = this.#file;
    if (file === null) return Promise.resolve();
    this.#saving = this.#saving
      .catch(() => undefined)
      .then(() => {
        const saved: Saved = { guests: [...this.guests.values()], volumes: [...this.volumes.values()] };
        return writeDurably(file, `${JSON.stringify(saved)}\n`);
      });
    return this.#saving;
  }

  memoryFree(): Mib {
    let used = 0;
    for (const guest of this.guests.values()) used += guest.live?.memory ?? 0;
    return mib(Math.max(0, this.memory - used));
  }

  storageFree(): Bytes {
    let used = 0;
    for (const volume of this.volumes.values()) used += volume.capacity;
    for (const { saved } of this.guests.values()) if (saved !== null) used += mibToBytes(saved.live.memory);
    return bytes(Math.max(0, this.#storage - used));
  }

  userOf(volume: string): Guest | null {
    for (const guest of this.guests.values()) {
      if (guest.disks.some((disk) => disk.volume === volume)) return guest;
    }
    return null;
  }

  pool(): Pool {
    const users = new Map(
      [...this.guests.values()].flatMap(({ id, disks }) => disks.map(({ volume }) => [volume, id]))
    );
    const volumes = [...this.volumes.values()]
      .sort((a, b) => (a.name < b.name ? -1 : 1))
      .map(({ name, capacity }) => ({
        name,
        capacity,
        allocation: capacity,
        format: 'raw',
        usedBy: users.get(name) ?? null
      }));
    return { name: POOL, capacity: this.#storage, free: this.storageFree(), volumes };
  }

  /** A new disk for `guest` on a new volume; the caller has checked the space. */
  newDisk(guest: Pick<Guest, 'name' | 'disks'>, capacity: Bytes, noticedFrom: number): GuestDisk {
    return this.newDiskAt(guest, freeTarget(guest.disks), capacity, noticedFrom);
  }

  newDiskAt(guest: Pick<Guest, 'name'>, target: string, capacity: Bytes, noticedFrom: number): GuestDisk {
    const stem = `${guest.name.normalize('NFKD').replace(/[^A-Za-z0-9_-]+/g, '') || 'vm'}-${target}`.slice(0, 100);
    let name = stem;
    for (let count = 2; this.volumes.has(name); count++) name = `${stem}-${count}`;
    this.volumes.set(name, { name, capacity });
    return diskOn({ name, capacity }, target, noticedFrom);
  }

  newNic(network: string, order: number, noticedFrom: number): GuestNic {
    const pair = (): string =>
      Math.floor(this.random() * 256)
        .toString(16)
        .padStart(2, '0');
    let mac: string;
    do mac = `52:54:00:${pair()}:${pair()}:${pair()}`;
    while (this.#hasMac(mac));
    return { mac, network, seen: { was: null, is: `eth${order}`, from: noticedFrom } };
  }

  #hasMac(mac: string): boolean {
    for (const { nics } of this.guests.values()) if (nics.some((nic) => nic.mac === mac)) return true;
    return false;
  }

  #add(sample: SampleVm, now: number): void {
    const off: Guest = {
      id: vmId(uuidFrom(this.random)),
      name: sample.name,
      description: '',
      tags: [],
      protected: false,
      autostart: false,
      image: null,
      state: 'off',
      vcpusMax: vcpus(Math.max(8, sample.vcpus)),
      memoryMax: mib(Math.max(sample.memory * 2, 512)),
      vcpus: vcpus(sample.vcpus),
      memory: mib(sample.memory),
      ...ANY_CPU,
      disks: [],
      nics: [],
      live: null,
      saved: null
    };
    let guest = off;
    for (const capacity of sample.disks) {
      // What does not fit a small host is left out, or left off.
      if (mibToBytes(mib(capacity)) > this.storageFree()) continue;
      guest = { ...guest, disks: [...guest.disks, this.newDisk(guest, mibToBytes(mib(capacity)), 0)] };
    }
    for (let order = 0; order < sample.nics; order++) {
      guest = { ...guest, nics: [...guest.nics, this.newNic('default', order, 0)] };
    }
    const fits = guest.memory <= this.memoryFree();
    if (sample.state !== 'off' && fits) guest = { ...poweredOn(guest, now, now), state: sample.state };
    this.guests.set(guest.id, guest);
  }
}

export const freeTarget = (disks: readonly GuestDisk[]): string => {
  const target = TARGETS.find((name) => !disks.some((disk) => disk.target === name));
  if (target === undefined) throw new Fault('hypervisor', { operation: 'attach-disk', reason: 'no more slots' });
  return target;
};

export const diskOn = (volume: SimulatedVolume, target: string, noticedFrom: number): GuestDisk => ({
  target,
  device: 'disk',
  pool: POOL,
  volume: volume.name,
  capacity: volume.capacity,
  readOnly: false,
  seen: noticedFrom === 0 ? always(volume.capacity) : { was: null, is: volume.capacity, from: noticedFrom }
});

function invent(count: number, random: () => number): SampleVm[] {
  const pick = <Value>(values: readonly [Value, ...Value[]]): Value =>
    values[Math.floor(random() * values.length)] ?? values[0];
  return Array.from({ length: count }, (_, index) => ({
    name: `${ROLES_OF_VMS[index % ROLES_OF_VMS.length] ?? 'vm'}-${Math.floor(index / ROLES_OF_VMS.length) + 1}`,
    vcpus: pick([1, 2, 2, 4]),
    memory: pick([256, 512, 1024, 2048]),
    state: pick(['running', 'running', 'running', 'off']),
    disks: [pick([1024, 4096, 10_240])],
    nics: 1
  }));
}

/** What was in the middle of something when the file was written has gone one way or the other. */
function settled(guest: Guest): Guest {
  if (guest.state === 'starting') return poweredOff(guest);
  return guest.state === 'stopping' ? { ...guest, state: 'running' } : guest;
}

/** An older version wrote neither tags nor protection nor autostart, nor what is said of CPUs, nor of saved VMs. */
const updated = (guest: Guest): Guest => ({
  ...{ tags: [], protected: false, autostart: false, ...ANY_CPU, saved: null },
  ...guest,
  live: guest.live && { ...ANY_CPU, ...guest.live }
});

function readSaved(file: string): Saved | null {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (thrown) {
    if (thrown instanceof Error && 'code' in thrown && thrown.code === 'ENOENT') return null;
    throw thrown;
  }
  try {
    const saved = JSON.parse(text) as Saved; // Written by `save` alone, whole or not at all.
    if (!Array.isArray(saved.guests) || !Array.isArray(saved.volumes)) throw new Error('guests or volumes are missing');
    return { ...saved, guests: saved.guests.map(updated) };
  } catch (thrown) {
    throw new Fault('corrupt-state', { file, reason: thrown instanceof Error ? thrown.message : 'unreadable' });
  }
}
