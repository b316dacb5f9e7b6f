// Disks of a VM: attached, detached and grown, while it runs or for its next boot. Detached means gone from the guest, not
// asked for; a disk that the guest has mounted is not taken from it.
import type { Effect } from '../../../src/lib/model/fleet.ts';
import type { VmId } from '../../../src/lib/model/ids.ts';
import { mibToBytes } from '../../../src/lib/model/units.ts';
import type { Mib } from '../../../src/lib/model/units.ts';
import type { DiskSource } from '../driver.ts';
import { attach, detach } from './device-change.ts';
import { freeTarget, newSerial, volumeDisk } from './devices.ts';
import type { DiskXml } from './domain-xml.ts';
import type { Domain } from './domains.ts';
import { effectNextBoot, effectNow, notes, silence } from './effect.ts';
import { guestDisks, guestMounts, lookInto } from './guest-agent.ts';
import type { GuestDisk } from './guest-agent.ts';
import { diskSeen } from './guests.ts';
import type { LibvirtHost } from './host.ts';
import { meansFor, meansOf, XEN_GROW } from './means.ts';
import { refuse } from './refusal.ts';
import { isSeed } from './seed.ts';
import { mibText, volumeName } from './storage.ts';
import type { VolumeFacts } from './storage.ts';
import { VirshError } from './virsh.ts';
import { capacityOf, demandUnprotected, nameOf, placeOf } from './vm.ts';
import { NO_QEMU, xenKinds } from './xen-kinds.ts';
import { attribute, find } from './xml.ts';

export async function attachDisk(host: LibvirtHost, id: VmId, source: DiskSource): Promise<readonly Effect[]> {
  const domain = await host.domains.demandDevices(id);
  const means = meansFor(domain).disks;
  const target =
    freeTarget(means.letters, domain.live, domain.inactive) ??
    refuse('unsupported', { what: 'attaching a disk', reason: 'the VM has 26 disks already', instead: 'grow one' });
  let volume: string;
  let format: string = means.format;
  let capacity: number;
  if (source.volume === null) {
    capacity = mibToBytes(source.capacity);
    if (capacity <= 0) refuse('bad-argument', { name: 'capacity in MiB', value: '0', reason: 'must be at least 1' });
    await host.storage.demandSpace(source.pool, capacity);
    volume = volumeName({ id, name: nameOf(domain) }, target, format);
    await host.storage.create(source.pool, volume, capacity, null, format);
  } else {
    const known = await host.storage.demandVolume(source.pool, source.volume);
    await demandUnused(host, source.pool, source.volume);
    ({ name: volume, format, capacity } = known);
    if (means.bus === 'xen' && format !== 'raw') await demandServer(host, domain, known);
  }
  const serial = newSerial(target);
  const path = await host.storage.pathOf(source.pool, volume, means);
  const disk = volumeDisk({ pool: source.pool, volume, path, format, target, serial }, means);
  try {
    await attach(host, domain, disk, (each) => each.disks.some((known) => known.target === target));
  } catch (error) {
    // After anything else the VM may have it all the same: then its volume is not ours to take away.
    if (!(error instanceof VirshError)) throw error;
    if (source.volume === null) await host.storage.remove(source.pool, volume).catch(() => null);
    throw whyNotAttached(error);
  }
  const asked = `${target} ${mibText(capacity)}`;
  if (domain.live === null) return [effectNextBoot('disk', asked)];
  return [effectNow('disk', asked, ...(await whenSeen(host, domain, { target, serial, pci: null }, capacity)))];
}

/** Other formats than raw are served by a QEMU that Xen starts with the VM, if it has such a disk then. */
async function demandServer(host: LibvirtHost, domain: Domain, { name, format }: VolumeFacts): Promise<void> {
  const what = `attaching ${name}`;
  const instead = 'a raw volume';
  if (domain.live !== null) {
    const served = domain.live.kind === 'hvm' || domain.live.disks.some((disk) => disk.driver === 'qemu');
    if (served) return;
    const reason = `it is ${format}, and this VM was started with raw disks only, for which Xen needs no QEMU`;
    refuse('unsupported', { what, reason, instead });
  }
  if ((await xenKinds(host)).emulator === false) {
    refuse('unsupported', { what, reason: `it is ${format}, and ${NO_QEMU}`, instead });
  }
}

function whyNotAttached(error: VirshError): VirshError {
  if (!/No more available PCI slots/.test(error.message)) return error;
  return refuse('unsupported', {
    what: 'attaching it to the running VM',
    reason: 'all its PCIe slots are taken; more come with its next boot',
    instead: 'detach something, or shut it down first'
  });
}

/** Refuses `in-use` when any VM has the volume. */
export async function demandUnused(host: LibvirtHost, pool: string, volume: string): Promise<void> {
  const user = await userOf(host, pool, volume);
  if (user !== null) refuse('in-use', { what: `volume ${volume}`, by: user });
}

/** What the VM is called that has the volume in any of its configurations. */
export async function userOf(host: LibvirtHost, pool: string, volume: string): Promise<string | null> {
  const [domains, pools] = [await host.domains.all(), await host.storage.pools()];
  for (const domain of domains) {
    const disks = [...(domain.live?.disks ?? []), ...(domain.inactive?.disks ?? [])];
    const used = disks.some((disk) => {
      const place = placeOf(disk, pools);
      return place?.pool === pool && place.volume === volume;
    });
    if (used) return nameOf(domain);
  }
  const path = pools.find(({ name }) => name === pool)?.volumes.find(({ name }) => name === volume)?.path;
  const past = [...(await host.pastLibvirt()).values()];
  return past.find(({ config }) => config?.disks.some((disk) => disk.path === path) === true)?.name ?? null;
}

export async function detachDisk(
  host: LibvirtHost,
  id: VmId,
  target: string,
  deleteVolume: boolean
): Promise<readonly Effect[]> {
  const domain = await host.domains.demandDevices(id);
  const disk = demandDisk(domain, target);
  if (deleteVolume) demandUnprotected(domain);
  const live = domain.live?.disks.find((each) => each.target === target);
  if (live !== undefined) await demandUnmounted(host, domain, live);
  const now = await detach(host, domain, {
    kind: 'disk',
    id: target,
    isIn: (each) => each.disks.some((one) => one.target === target),
    is: (each) => each.name === 'disk' && attribute(find(each, 'target'), 'dev') === target
  });
  const place = await whereIs(host, disk);
  let kept: string | null = null;
  if (place !== null) {
    // The seed is of no use to anything else.
    const gone = (deleteVolume && !disk.readOnly) || isSeed(place, id);
    if (gone) await host.storage.remove(place.pool, place.volume);
    kept = `volume ${place.volume} ${gone ? 'deleted' : 'kept'}`;
  }
  const asked = `no ${target}`;
  return [
    now ? effectNow('disk', asked, { text: asked, by: 'hypervisor' }, kept) : effectNextBoot('disk', asked, kept)
  ];
}

async function demandUnmounted(host: LibvirtHost, domain: Domain, disk: DiskXml): Promise<void> {
  if (silence(domain) !== null) return;
  const known = host.guests.known(domain.id)?.disks ?? [];
  const seen = diskSeen(known, disk) ?? diskSeen((await guestDisks(host.virsh, domain.id)) ?? [], disk);
  if (seen === null) return;
  const [point] = await guestMounts(host.virsh, domain.id, seen.name);
  if (point !== undefined) refuse('in-use', { what: `disk ${disk.target}`, by: `the guest, mounted at ${point}` });
}

export async function growDisk(host: LibvirtHost, id: VmId, target: string, capacity: Mib): Promise<readonly Effect[]> {
  const domain = await host.domains.demandUnsaved(id);
  const disk = demandDisk(domain, target);
  // The hypervisor knows how large it is while it runs.
  const now = capacityOf(disk, domain, []) ?? capacityOf(disk, domain, await host.storage.pools(0));
  const wanted = mibToBytes(capacity);
  if (now !== null && wanted <= now) {
    const reason = `must be more than the ${mibText(now)} it has: a disk can only grow`;
    refuse('bad-argument', { name: 'capacity in MiB', value: String(capacity), reason });
  }
  const place = await whereIs(host, disk);
  if (place !== null) await host.storage.demandSpace(place.pool, wanted - (now ?? 0));
  const asked = `${target} ${mibText(wanted)}`;
  const type = domain.live?.disks.some((each) => each.target === target) === true ? domain.live.type : null;
  if (type !== null) {
    if (!meansOf(type).blockResize) {
      refuse('unsupported', {
        what: 'growing a disk of this running VM',
        reason: XEN_GROW,
        instead: 'off'
      });
    }
    await host.virsh.change(['blockresize', id, target, `${wanted}B`]);
    host.storage.forget();
    return [effectNow('disk', asked, ...(await whenSeen(host, domain, disk, wanted)))];
  }
  if (place === null) {
    refuse('unsupported', {
      what: `growing disk ${target}`,
      reason: 'it lies in no storage pool, and can be grown only while the VM runs',
      instead: 'start the VM first'
    });
  }
  await host.storage.resize(place.pool, place.volume, wanted);
  return [effectNextBoot('disk', asked)];
}

/** What the guest says of the disk within the time an operation waits, and why not if it does not. */
async function whenSeen(
  host: LibvirtHost,
  before: Domain,
  disk: Pick<DiskXml, 'target' | 'serial' | 'pci'>,
  size: number
): Promise<[{ text: string; by: 'guest-agent' } | null, string | null]> {
  const quiet = silence(before);
  if (quiet !== null) return [null, quiet];
  let last: number | null = null;
  const known = host.guests.known(before.id)?.disks ?? [];
  const there = diskSeen(known, disk);
  // The others, as far as what was seen of them is surely theirs, need not be looked into.
  const others = new Set(
    before.live?.disks.map(({ serial }) => (serial === disk.serial ? null : serial?.slice(0, 20)))
  );
  const sure = known.filter(({ serial }) => serial !== null && others.has(serial));
  const look = async (): Promise<readonly GuestDisk[]> => {
    // Where it has seen it before, it need not be asked for all.
    const [again = null] = there === null ? [] : await lookInto(host.virsh, before.id, [there]);
    if (again !== null && again.serial !== null && again.serial === there?.serial) {
      return known.map((each) => (each === there ? again : each));
    }
    return (await guestDisks(host.virsh, before.id, sure)) ?? [];
  };
  const seen = await host.until(before, async () => {
    const disks = await look();
    last = diskSeen(disks, disk)?.size ?? null;
    if (last === size) host.guests.note(before.id, { disks });
    return last === size ? last : null;
  });
  const reported = seen ?? last;
  if (reported === null) return [null, 'the guest has not reported it yet'];
  return [
    { text: `${disk.target} ${mibText(reported)}`, by: 'guest-agent' },
    notes(seen === null ? 'the guest still sees its old size' : null)
  ];
}

/** Pool and volume of a disk; null when it lies in none. */
const whereIs = async (host: LibvirtHost, disk: DiskXml): Promise<ReturnType<typeof placeOf>> =>
  placeOf(disk, disk.source?.kind === 'path' ? await host.storage.pools() : []);

const demandDisk = (domain: Domain, target: string): DiskXml =>
  domain.live?.disks.find((disk) => disk.target === target) ??
  domain.inactive?.disks.find((disk) => disk.target === target) ??
  refuse('not-found', { kind: 'disk', id: target });
