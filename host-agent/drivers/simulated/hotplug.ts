// What a simulated VM has and can be given or lose while it runs: processors, memory, disks, network interfaces.
import type { VmId } from '../../../src/lib/model/ids.ts';
import { bytes, mibToBytes } from '../../../src/lib/model/units.ts';
import type { Mib, Vcpus } from '../../../src/lib/model/units.ts';
import type { DiskSource, When } from '../driver.ts';
import { POOL } from './config.ts';
import { noticed } from './guest.ts';
import type { Guest, GuestDisk } from './guest.ts';
import { diskOn, freeTarget } from './host.ts';
import { refuse } from './operation.ts';
import type { Effects, Operations } from './operation.ts';
import { demandUnprotected } from './describe.ts';
import { demandNetwork } from './power.ts';
import { bytesText, demandMemory, demandSpace } from './space.ts';

/** A guest with less than this does not boot. */
const LEAST_MEMORY = 32;

const isLive = (guest: Guest): boolean => guest.live !== null;

export function setVcpus(on: Operations, vm: VmId, count: Vcpus, when: When): Promise<Effects> {
  return on.run('set-vcpus', async () => {
    const guest = on.guest(vm);
    if (count > guest.vcpusMax || count < 1) {
      refuse('bad-argument', { name: 'vcpus', value: String(count), reason: `must be from 1 to ${guest.vcpusMax}` });
    }
    const now = guest.live?.vcpus ?? count;
    if (when === 'now' && count > now) on.demandLive('vcpu-add', `giving a running VM more vCPUs`);
    if (when === 'now' && count < now) on.demandLive('vcpu-remove', `taking vCPUs from a running VM`);
    await on.takes('set-vcpus');
    const ready = on.guest(vm);
    const { live } = ready;
    if (live === null || when === 'next-boot') {
      on.host.put({ ...ready, vcpus: count });
      return [on.effect('vcpus', String(count), false, null)];
    }
    const from = on.noticesAt(ready);
    const seenVcpus = noticed(live.seenVcpus, count, on.clock.now(), from);
    // A reservation: the guest can let go of them, but the host cannot have them back before the next boot.
    const { reason } = on.capability('vcpu-remove');
    const kept = count < live.vcpus && reason !== null;
    const given = kept ? live.vcpus : count;
    on.host.put({ ...ready, vcpus: count, live: { ...live, vcpus: given, seenVcpus } });
    const effect = on.effect('vcpus', String(count), true, await on.untilNoticed(vm, from));
    return [kept ? { ...effect, note: effect.note ?? reason } : effect];
  });
}

export function setMemory(on: Operations, vm: VmId, memory: Mib, when: When): Promise<Effects> {
  return on.run('set-memory', async () => {
    const guest = on.guest(vm);
    if (memory > guest.memoryMax || memory < LEAST_MEMORY) {
      const reason = `must be from ${LEAST_MEMORY} to ${guest.memoryMax}`;
      refuse('bad-argument', { name: 'memory in MiB', value: String(memory), reason });
    }
    const now = guest.live?.memory ?? memory;
    if (when === 'now' && memory > now) on.demandLive('memory-add', `giving a running VM more memory`);
    if (when === 'now' && memory < now) on.demandLive('memory-remove', `taking memory from a running VM`);
    if (when === 'now' && guest.live !== null) demandMemory(on.host, memory, guest.live.memory);
    await on.takes('set-memory');
    const ready = on.guest(vm);
    const { live } = ready;
    const asked = `${memory} MiB`;
    if (live === null || when === 'next-boot') {
      on.host.put({ ...ready, memory });
      return [on.effect('memory', asked, false, null)];
    }
    demandMemory(on.host, memory, live.memory);
    const from = on.noticesAt(ready);
    const seenMemory = noticed(live.seenMemory, memory, on.clock.now(), from);
    on.host.put({ ...ready, memory, live: { ...live, memory, seenMemory } });
    return [on.effect('memory', asked, true, await on.untilNoticed(vm, from))];
  });
}

export function attachDisk(on: Operations, vm: VmId, source: DiskSource): Promise<Effects> {
  return on.run('attach-disk', async () => {
    const check = (): Guest => {
      const guest = on.guest(vm);
      if (source.pool !== POOL) refuse('not-found', { kind: 'pool', id: source.pool });
      if (isLive(guest)) on.demandLive('disk-attach', 'attaching a disk to a running VM');
      if (source.volume === null) demandSpace(on.host, mibToBytes(source.capacity));
      else {
        if (!on.host.volumes.has(source.volume)) refuse('not-found', { kind: 'volume', id: source.volume });
        const user = on.host.userOf(source.volume);
        if (user !== null) refuse('in-use', { what: `volume ${source.volume}`, by: user.name });
      }
      return guest;
    };
    check();
    await on.takes('attach-disk');
    const guest = check();
    const from = on.noticesAt(guest);
    const volume = source.volume === null ? undefined : on.host.volumes.get(source.volume);
    const disk =
      volume === undefined
        ? on.host.newDisk(guest, mibToBytes(source.capacity ?? refuse('not-found', { kind: 'volume', id: '' })), from)
        : diskOn(volume, freeTarget(guest.disks), from);
    on.host.put({ ...guest, disks: [...guest.disks, disk] });
    const note = await on.untilNoticed(vm, from);
    return [on.effect('disk', `${disk.target} ${bytesText(disk.capacity)}`, isLive(guest), note)];
  });
}

const diskOf = (guest: Guest, target: string): GuestDisk =>
  guest.disks.find((disk) => disk.target === target) ?? refuse('not-found', { kind: 'disk', id: target });

export function detachDisk(on: Operations, vm: VmId, target: string, deleteVolume: boolean): Promise<Effects> {
  return on.run('detach-disk', async () => {
    const before = on.guest(vm);
    diskOf(before, target);
    if (deleteVolume) demandUnprotected(before);
    if (isLive(before)) on.demandLive('disk-detach', 'detaching a disk from a running VM');
    await on.takes('detach-disk');
    const guest = on.guest(vm);
    const disk = diskOf(guest, target);
    on.host.put({ ...guest, disks: guest.disks.filter((each) => each !== disk) });
    // What is read-only is the seed, which is of no use to anything else.
    const gone = deleteVolume || disk.readOnly;
    if (gone && disk.volume !== null) on.host.volumes.delete(disk.volume);
    const kept = disk.volume === null ? null : `volume ${disk.volume} ${gone ? 'deleted' : 'kept'}`;
    const note = await on.untilNoticed(vm, on.noticesAt(guest));
    const effect = on.effect('disk', `no ${target}`, isLive(guest), note);
    return [{ ...effect, note: [note, kept].filter((part) => part !== null).join('; ') || null }];
  });
}

export function growDisk(on: Operations, vm: VmId, target: string, capacity: Mib): Promise<Effects> {
  return on.run('grow-disk', async () => {
    const size = mibToBytes(capacity);
    const check = (): { guest: Guest; disk: GuestDisk } => {
      const guest = on.guest(vm);
      const disk = diskOf(guest, target);
      if (size <= disk.capacity) {
        const reason = `must be more than the ${bytesText(disk.capacity)} it has: a disk can only grow`;
        refuse('bad-argument', { name: 'capacity in MiB', value: String(capacity), reason });
      }
      if (isLive(guest)) on.demandLive('disk-grow', 'growing a disk of a running VM');
      demandSpace(on.host, bytes(size - disk.capacity));
      return { guest, disk };
    };
    check();
    await on.takes('grow-disk');
    const { guest, disk } = check();
    const from = on.noticesAt(guest);
    const grown = { ...disk, capacity: size, seen: noticed(disk.seen, size, on.clock.now(), from) };
    if (disk.volume !== null) on.host.volumes.set(disk.volume, { name: disk.volume, capacity: size });
    on.host.put({ ...guest, disks: guest.disks.map((each) => (each === disk ? grown : each)) });
    const note = await on.untilNoticed(vm, from);
    return [on.effect('disk', `${target} ${bytesText(size)}`, isLive(guest), note)];
  });
}

export function attachNic(on: Operations, vm: VmId, network: string): Promise<Effects> {
  return on.run('attach-nic', async () => {
    demandNetwork(network);
    if (isLive(on.guest(vm))) on.demandLive('nic-attach', 'attaching a network interface to a running VM');
    await on.takes('attach-nic');
    const guest = on.guest(vm);
    const from = on.noticesAt(guest);
    const nic = on.host.newNic(network, guest.nics.length, from);
    on.host.put({ ...guest, nics: [...guest.nics, nic] });
    return [on.effect('nic', `${nic.mac} on ${network}`, isLive(guest), await on.untilNoticed(vm, from))];
  });
}

export function detachNic(on: Operations, vm: VmId, mac: string): Promise<Effects> {
  return on.run('detach-nic', async () => {
    const check = (): Guest => {
      const guest = on.guest(vm);
      if (!guest.nics.some((nic) => nic.mac === mac)) refuse('not-found', { kind: 'network interface', id: mac });
      if (isLive(guest)) on.demandLive('nic-detach', 'detaching a network interface from a running VM');
      return guest;
    };
    check();
    await on.takes('detach-nic');
    const guest = check();
    on.host.put({ ...guest, nics: guest.nics.filter((nic) => nic.mac !== mac) });
    const note = await on.untilNoticed(vm, on.noticesAt(guest));
    return [on.effect('nic', `no ${mac}`, isLive(guest), note)];
  });
}

export function deleteVolume(on: Operations, pool: string, volume: string): Promise<Effects> {
  return on.run('delete-volume', async () => {
    const check = (): void => {
      if (pool !== POOL) refuse('not-found', { kind: 'pool', id: pool });
      if (!on.host.volumes.has(volume)) refuse('not-found', { kind: 'volume', id: volume });
      const user = on.host.userOf(volume);
      if (user !== null) refuse('in-use', { what: `volume ${volume}`, by: user.name });
    };
    check();
    await on.takes('delete-volume');
    check();
    on.host.volumes.delete(volume);
    const gone = {
      resource: 'existence',
      asked: 'gone',
      seen: 'gone',
      by: 'simulated',
      when: 'now',
      note: null
    } as const;
    return [gone];
  });
}
