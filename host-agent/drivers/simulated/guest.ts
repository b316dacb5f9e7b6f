// One simulated VM: what is configured, what it was given, and what its guest has noticed of that by a given instant.
import { createHash } from 'node:crypto';
import { ORDINARY } from '../../../src/lib/model/cpu-share.ts';
import type { CpuList, CpuShare } from '../../../src/lib/model/cpu-share.ts';
import { CONSOLE_KINDS } from '../../../src/lib/model/fleet.ts';
import type { Disk, Nic, Pending, Vm, VmState } from '../../../src/lib/model/fleet.ts';
import { revision } from '../../../src/lib/model/ids.ts';
import type { Revision, VmId } from '../../../src/lib/model/ids.ts';
import { millis } from '../../../src/lib/model/units.ts';
import type { Bytes, Mib, Millis, Vcpus } from '../../../src/lib/model/units.ts';
import { affinityNext, shareNext } from './share.ts';

/** A figure the guest notices late: `was` before the instant `from`, `is` from then on. */
export type Noticed<Value> = { readonly was: Value; readonly is: Value; readonly from: number };
const at = <Value>(figure: Noticed<Value>, now: number): Value => (now >= figure.from ? figure.is : figure.was);
export const noticed = <Value>(old: Noticed<Value>, value: Value, now: number, from: number): Noticed<Value> => ({
  was: at(old, now),
  is: value,
  from
});
export const always = <Value>(value: Value): Noticed<Value> => ({ was: value, is: value, from: 0 });

/** What a VM has of the CPUs of which nobody said anything. */
export const ANY_CPU = { share: ORDINARY, affinity: '' } as const;

export type GuestDisk = {
  readonly target: string;
  readonly device: 'disk' | 'cdrom';
  readonly pool: string | null;
  readonly volume: string | null;
  readonly capacity: Bytes;
  readonly readOnly: boolean;
  readonly seen: Noticed<Bytes | null>;
  /** What the next boot does to it; null or absent: nothing. */
  readonly pending?: Pending | null;
};
export type GuestNic = {
  readonly mac: string;
  readonly network: string;
  readonly seen: Noticed<string | null>;
  readonly pending?: Pending | null;
};

/** What a running VM has that one that is off has not. */
export type Live = {
  readonly startedAt: Millis;
  /** The guest answers from this instant on. */
  readonly bootedAt: number;
  readonly vcpus: Vcpus;
  readonly memory: Mib;
  readonly share: CpuShare;
  readonly affinity: CpuList;
  readonly seenVcpus: Noticed<Vcpus>;
  readonly seenMemory: Noticed<Mib>;
};

/** What was kept of a VM whose memory is on the disk of its host. */
export type Saved = { readonly live: Live; readonly at: Millis };

/** Replaced, never changed: plain JSON, so that the host can be saved and found again. */
export type Guest = {
  readonly id: VmId;
  readonly name: string;
  readonly description: string;
  readonly tags: readonly string[];
  readonly protected: boolean;
  readonly autostart: boolean;
  readonly image: string | null;
  readonly state: VmState;
  readonly vcpusMax: Vcpus;
  readonly memoryMax: Mib;
  /** What the next boot brings. */
  readonly vcpus: Vcpus;
  readonly memory: Mib;
  readonly share: CpuShare;
  readonly affinity: CpuList;
  readonly disks: readonly GuestDisk[];
  readonly nics: readonly GuestNic[];
  readonly live: Live | null;
  /** Of a VM that is saved. */
  readonly saved: Saved | null;
};

/** The kernel keeps a little for itself. */
const KERNEL_SHARE = 0.97;

const revisions = new WeakMap<Guest, Revision>();
/** Digest of the configuration alone: power state and what the guest notices do not change it. */
function revisionOf(guest: Guest): Revision {
  const known = revisions.get(guest);
  if (known !== undefined) return known;
  const { name, description, tags, vcpus, vcpusMax, memory, memoryMax, live } = guest;
  const disks = guest.disks.map(({ target, pool, volume, capacity, pending }) => [
    target,
    pool,
    volume,
    capacity,
    pending
  ]);
  const nics = guest.nics.map(({ mac, network, pending }) => [mac, network, pending]);
  const given = live === null ? null : [live.vcpus, live.memory, live.share, live.affinity];
  const said = [name, description, tags, guest.protected, guest.autostart];
  const share = [guest.share, guest.affinity];
  const text = JSON.stringify([said, vcpus, vcpusMax, memory, memoryMax, share, disks, nics, given]);
  const digest = revision(createHash('sha256').update(text).digest('hex').slice(0, 16));
  revisions.set(guest, digest);
  return digest;
}

/** The VM as the wire model has it at instant `now`. */
export function vmOf(guest: Guest, now: number): Vm {
  const { live } = guest;
  const answers = live !== null && guest.state === 'running' && now >= live.bootedAt;
  const disks = guest.disks.map((disk): Disk => ({
    target: disk.target,
    bus: disk.device === 'cdrom' ? 'sata' : 'virtio',
    device: disk.device,
    pool: disk.pool,
    volume: disk.volume,
    capacity: disk.capacity,
    readOnly: disk.readOnly,
    seen: answers && disk.pending !== 'attach' ? at(disk.seen, now) : null,
    pending: disk.pending ?? null
  }));
  const nics = guest.nics.map((nic): Nic => ({
    mac: nic.mac,
    model: 'virtio',
    network: nic.network,
    linkUp: true,
    seen: answers && nic.pending !== 'attach' ? at(nic.seen, now) : null,
    addresses: [],
    pending: nic.pending ?? null
  }));
  return {
    id: guest.id,
    name: guest.name,
    state: guest.state,
    kind: 'hvm',
    revision: revisionOf(guest),
    vcpus: live?.vcpus ?? guest.vcpus,
    vcpusMax: guest.vcpusMax,
    vcpusNext: live !== null && live.vcpus !== guest.vcpus ? guest.vcpus : null,
    memory: live?.memory ?? guest.memory,
    memoryMax: guest.memoryMax,
    memoryNext: live !== null && live.memory !== guest.memory ? guest.memory : null,
    cpuShare: live?.share ?? guest.share,
    cpuShareNext: shareNext(guest),
    affinity: live?.affinity ?? guest.affinity,
    affinityNext: affinityNext(guest),
    startedAt: live?.startedAt ?? null,
    savedAt: guest.saved?.at ?? null,
    description: guest.description,
    tags: guest.tags,
    protected: guest.protected,
    autostart: guest.autostart,
    unmanaged: null,
    consoles: CONSOLE_KINDS,
    disks,
    nics,
    seen: answers
      ? {
          by: 'simulated',
          at: millis(Math.floor(now)),
          vcpus: at(live.seenVcpus, now),
          memory: Math.floor(at(live.seenMemory, now) * KERNEL_SHARE) as Mib
        }
      : null
  };
}

/** The guest with its power just turned on: everything configured is given, and noticed when it has booted. */
export function poweredOn(guest: Guest, now: number, bootedAt: number): Guest {
  return {
    ...guest,
    state: 'running',
    live: {
      startedAt: millis(Math.floor(now)),
      bootedAt,
      vcpus: guest.vcpus,
      memory: guest.memory,
      share: guest.share,
      affinity: guest.affinity,
      seenVcpus: always(guest.vcpus),
      seenMemory: always(guest.memory)
    },
    disks: settled(guest.disks).map((disk) => ({ ...disk, seen: always(disk.capacity) })),
    nics: settled(guest.nics).map((nic, index) => ({ ...nic, seen: always(`eth${index}`) }))
  };
}

export const poweredOff = (guest: Guest): Guest => ({
  ...guest,
  state: 'off',
  live: null,
  saved: null,
  disks: settled(guest.disks),
  nics: settled(guest.nics)
});

/** Its memory on the disk of its host: it takes nothing else there, and its guest notices nothing. */
export const savedAt = (guest: Guest & { readonly live: Live }, now: number): Guest => ({
  ...guest,
  state: 'saved',
  live: null,
  saved: { live: guest.live, at: millis(Math.floor(now)) }
});

/** As it was when it was saved, and ran on at `now`. */
export function restored(guest: Guest & { readonly saved: Saved }, now: number): Guest {
  const { live, at } = guest.saved;
  const bootedAt = live.bootedAt <= at ? live.bootedAt : now + (live.bootedAt - at);
  return { ...guest, state: 'running', live: { ...live, startedAt: millis(Math.floor(now)), bootedAt }, saved: null };
}

/** What was for the next boot is so. */
const settled = <Device extends { readonly pending?: Pending | null }>(devices: readonly Device[]): readonly Device[] =>
  devices.flatMap((device) => (device.pending === 'detach' ? [] : { ...device, pending: null }));
