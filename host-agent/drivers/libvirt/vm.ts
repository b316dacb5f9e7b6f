// A domain as operators see it (`Vm`): asked and seen apart, absent figures null, and the revision.
import { createHash } from 'node:crypto';
import type { ConsoleKind, Disk, Nic, Pending, Seen, Vm } from '../../../src/lib/model/fleet.ts';
import { revision } from '../../../src/lib/model/ids.ts';
import type { Revision } from '../../../src/lib/model/ids.ts';
import { bytes, kibToMib, millis, vcpus } from '../../../src/lib/model/units.ts';
import type { Bytes, Mib, Vcpus } from '../../../src/lib/model/units.ts';
import type { Domain } from './domains.ts';
import { column, figure } from './domstats.ts';
import { memoryMax, memoryNext } from './domain-xml.ts';
import type { DiskXml, DomainXml, NicXml } from './domain-xml.ts';
import { diskSeen, nicSeen } from './guests.ts';
import type { Sight } from './guests.ts';
import { refuse } from './refusal.ts';
import { volumeAt } from './storage.ts';
import type { PoolFacts } from './storage.ts';

export type Around = {
  readonly pools: readonly PoolFacts[];
  readonly sight: Sight | null;
  readonly startedAt: number | null;
  /** Of one whose memory is kept in a file. */
  readonly savedAt: number | null;
  /** True while a shutdown that an operator asked for is under way. */
  readonly stopping: boolean;
  readonly processors: Pick<Vm, 'cpuShare' | 'cpuShareNext' | 'affinity' | 'affinityNext'>;
};

export function vmOf(domain: Domain, around: Around): Vm {
  const { live, inactive, figures } = domain;
  const now = live ?? inactive;
  const seen = seenOf(domain, around.sight);
  const stopping = around.stopping && domain.state === 'running';
  const state = stopping ? 'stopping' : live?.movedOff === true ? 'moving' : domain.state;
  if (now === null) return unreadable(domain, state);
  const given = live === null ? memoryNext(now) : (figure(figures, 'balloon.current') ?? now.memoryCurrent);
  const current = (live === null ? null : figure(figures, 'vcpu.current')) ?? now.vcpus;
  const next = inactive === null || live === null ? null : inactive;
  return {
    id: domain.id,
    name: nameOf(domain).slice(0, 1024),
    state,
    kind: now.kind,
    revision: revisionOf(domain),
    vcpus: vcpus(Math.min(current, 4096)),
    vcpusMax: vcpus(Math.min(now.vcpusMax, 4096)),
    vcpusNext: unlessSame<Vcpus>(next === null ? null : vcpus(Math.min(next.vcpus, 4096)), current),
    memory: kibToMib(given),
    memoryMax: kibToMib(memoryMax(now)),
    memoryNext: unlessSame<Mib>(next === null ? null : kibToMib(memoryNext(next)), kibToMib(given)),
    ...around.processors,
    startedAt: live === null || around.startedAt === null ? null : millis(around.startedAt),
    savedAt: state !== 'saved' || around.savedAt === null ? null : millis(around.savedAt),
    description: now.description,
    tags: now.tags,
    protected: now.protected || next?.protected === true,
    autostart: domain.autostart,
    unmanaged: null,
    consoles: consolesOf(now),
    disks: withPending(now.disks, next?.disks, ({ target }) => target).map(([disk, pending]) => ({
      ...diskOf(disk, domain, around),
      pending
    })),
    nics: withPending(now.nics, next?.nics, ({ mac }) => mac).map(([nic, pending]) => ({
      ...nicOf(nic, around.sight),
      pending
    })),
    seen
  };
}

/** What operators call it. */
export const nameOf = ({ live, inactive, name }: Domain): string => (live ?? inactive)?.title ?? name;

const consolesOf = ({ screen, serial }: DomainXml): readonly ConsoleKind[] => [
  ...(screen === null ? [] : (['screen'] as const)),
  ...(serial === null ? [] : (['serial'] as const))
];

/** Refuses `protected` where either configuration says so. */
export function demandUnprotected(domain: Domain): void {
  if (domain.live?.protected === true || domain.inactive?.protected === true) {
    refuse('protected', { vm: nameOf(domain) });
  }
}

const unlessSame = <Value extends number>(value: Value | null, now: number): Value | null =>
  value === now ? null : value;

/** The devices there are, then those that the next boot adds; with what it does to each. No `next`: it is the same. */
function withPending<Device>(
  now: readonly Device[],
  next: readonly Device[] | undefined,
  nameOf: (device: Device) => string
): [Device, Pending | null][] {
  if (next === undefined) return now.map((device) => [device, null]);
  const [names, nextNames] = [new Set(now.map(nameOf)), new Set(next.map(nameOf))];
  return [
    ...now.map((device): [Device, Pending | null] => [device, nextNames.has(nameOf(device)) ? null : 'detach']),
    ...next.filter((device) => !names.has(nameOf(device))).map((device): [Device, Pending] => [device, 'attach'])
  ];
}

/** A domain whose configuration could not be understood: what can be known is shown, and it can still be seen. */
const unreadable = (domain: Domain, state: Vm['state']): Vm => ({
  id: domain.id,
  name: domain.name.slice(0, 1024),
  state,
  kind: 'hvm',
  revision: revisionOf(domain),
  vcpus: vcpus(Math.min(figure(domain.figures, 'vcpu.current') ?? 0, 4096)),
  vcpusMax: vcpus(Math.min(figure(domain.figures, 'vcpu.maximum') ?? 0, 4096)),
  vcpusNext: null,
  memory: kibToMib(figure(domain.figures, 'balloon.current') ?? 0),
  memoryMax: kibToMib(figure(domain.figures, 'balloon.maximum') ?? 0),
  memoryNext: null,
  cpuShare: null,
  cpuShareNext: null,
  affinity: null,
  affinityNext: null,
  startedAt: null,
  savedAt: null,
  description: '',
  tags: [],
  protected: false,
  autostart: domain.autostart,
  unmanaged: null,
  consoles: [],
  disks: [],
  nics: [],
  seen: null
});

function seenOf(domain: Domain, sight: Sight | null): Seen | null {
  if (domain.live === null) return null;
  const memory = memorySeen(domain);
  const at = figure(domain.figures, 'balloon.last-update');
  if (sight !== null) return { by: 'guest-agent', at: millis(sight.at), vcpus: whole(sight.vcpus), memory };
  const [online, askedAt] = [vcpusSeen(domain), figure(domain.figures, 'vcpu.online-at')];
  // Xen counts what the guest has brought online; how much memory its kernel manages nobody says there.
  if (online !== null && askedAt !== null) {
    return { by: 'hypervisor', at: millis(askedAt), vcpus: whole(online), memory: null };
  }
  return memory === null || at === null ? null : { by: 'balloon', at: millis(at * 1000), vcpus: null, memory };
}

const whole = (count: number | null): Vcpus | null => (count === null ? null : vcpus(Math.min(count, 4096)));

/** How many vCPUs the guest has brought online, where the hypervisor itself counts them. */
export const vcpusSeen = ({ figures }: Pick<Domain, 'figures'>): number | null => figure(figures, 'vcpu.online');

/** What the guest's kernel manages, as its balloon driver reports it. */
export function memorySeen(domain: Domain): Mib | null {
  const available = figure(domain.figures, 'balloon.available');
  return available === null || available === 0 ? null : kibToMib(available);
}

/** Pool and volume of a disk; null when it lies in no pool. */
export function placeOf(disk: DiskXml, pools: readonly PoolFacts[]): { pool: string; volume: string } | null {
  if (disk.source === null) return null;
  return disk.source.kind === 'volume'
    ? { pool: disk.source.pool, volume: disk.source.volume }
    : volumeAt(pools, disk.source.path);
}

/** Bytes of a disk: what the hypervisor says while it runs, else what its volume has. */
export function capacityOf(disk: DiskXml, domain: Domain, pools: readonly PoolFacts[]): Bytes | null {
  const index = column(domain.figures, 'block', 'name').indexOf(disk.target);
  const live = index < 0 ? null : figure(domain.figures, `block.${index}.capacity`);
  if (live !== null) return bytes(live);
  const place = placeOf(disk, pools);
  const pool = pools.find((each) => each.name === place?.pool);
  return pool?.volumes.find((each) => each.name === place?.volume)?.capacity ?? null;
}

function diskOf(disk: DiskXml, domain: Domain, { pools, sight }: Around): Omit<Disk, 'pending'> {
  const place = placeOf(disk, pools);
  const size = diskSeen(sight?.disks ?? [], disk)?.size ?? null;
  return {
    target: disk.target.slice(0, 64),
    bus: disk.bus.slice(0, 64),
    device: disk.device === 'cdrom' ? 'cdrom' : 'disk',
    pool: place?.pool.slice(0, 256) ?? null,
    volume: place?.volume.slice(0, 256) ?? null,
    capacity: capacityOf(disk, domain, pools),
    readOnly: disk.readOnly,
    seen: size === null ? null : bytes(size)
  };
}

function nicOf(nic: NicXml, sight: Sight | null): Omit<Nic, 'pending'> {
  const seen = nicSeen(sight?.nics ?? [], nic.mac);
  return {
    mac: nic.mac,
    model: nic.model.slice(0, 64),
    network: (nic.source ?? nic.type).slice(0, 256),
    linkUp: nic.linkUp,
    seen: seen?.name ?? null,
    addresses: seen?.addresses ?? []
  };
}

/**
 * Digest of the configuration of the next boot and, where it differs, of the one that runs; without what the guest or the
 * hypervisor change by themselves. Starting or stopping a VM does not change it.
 */
export function revisionOf(domain: Domain): Revision {
  const inactive = asked(domain.inactive);
  const live = asked(domain.live);
  const text = JSON.stringify([domain.name, domain.autostart, inactive ?? live, live === inactive ? null : live]);
  return revision(createHash('sha256').update(text).digest('hex').slice(0, 16));
}

function asked(domain: DomainXml | null): string | null {
  if (domain === null) return null;
  const changing = { memoryCurrent: null, agent: null, run: null };
  return JSON.stringify({
    ...domain,
    ...changing,
    screen: domain.screen !== null,
    serial: domain.serial !== null,
    modules: domain.modules.map(({ model, size, requested }) => [model, size, requested]),
    disks: domain.disks.map((disk) => ({ ...disk, alias: null, pci: null, driver: null })),
    nics: domain.nics.map((nic) => ({ ...nic, device: null }))
  });
}
