// Life and death of a simulated VM: created, powered, renamed, deleted.
import { Fault } from '../../../src/lib/model/fault.ts';
import type { Effect, VmState } from '../../../src/lib/model/fleet.ts';
import type { VmId } from '../../../src/lib/model/ids.ts';
import { bytes, mib, mibToBytes } from '../../../src/lib/model/units.ts';
import { UNATTENDED } from '../control.ts';
import type { Control } from '../control.ts';
import type { NewVm, PowerAction } from '../driver.ts';
import { demandUnprotected } from './describe.ts';
import { IMAGES, NETWORKS, POOL } from './config.ts';
import { always, ANY_CPU, poweredOff, poweredOn, restored, savedAt } from './guest.ts';
import type { Guest } from './guest.ts';
import { refuse } from './operation.ts';
import type { Effects, Operations } from './operation.ts';
import { bytesText, demandMemory, demandSpace } from './space.ts';

const power = (state: VmState, note: string | null = null): Effect => ({
  resource: 'power',
  asked: state,
  seen: state,
  by: 'simulated',
  when: 'now',
  note
});
export const existence = (asked: string): Effect => ({
  resource: 'existence',
  asked,
  seen: asked,
  by: 'simulated',
  when: 'now',
  note: null
});

export function demandName(on: Operations, name: string, but: VmId | null): void {
  for (const guest of on.host.guests.values())
    if (guest.name === name && guest.id !== but) refuse('name-taken', { name });
}

/** Bytes of a seed for cloud-init: about what a real one has. */
export const SEED_SIZE = bytes(56 * 1024);

export function create(on: Operations, vm: NewVm, control: Control): Promise<Effects> {
  return on.run('create', async () => {
    const check = (): void => {
      demandName(on, vm.name, null);
      const image =
        IMAGES.find((each) => each.name === vm.image) ?? refuse('not-found', { kind: 'image', id: vm.image });
      for (const { pool } of vm.disks) if (pool !== POOL) refuse('not-found', { kind: 'pool', id: pool });
      for (const { network } of vm.nics) demandNetwork(network);
      let need = image.kind === 'disk' ? (image.size ?? 0) : 0;
      for (const { capacity } of vm.disks) need += mibToBytes(capacity);
      demandSpace(on.host, bytes(need));
      if (vm.start) demandMemory(on.host, vm.memory);
    };
    check();
    await on.takesUnder('create', control, 'defining');
    check();
    let guest: Guest = {
      id: vm.id,
      name: vm.name,
      description: vm.description,
      tags: vm.tags,
      protected: vm.protected,
      autostart: vm.autostart,
      image: vm.image,
      state: 'off',
      vcpusMax: vm.vcpusMax,
      memoryMax: vm.memoryMax,
      vcpus: vm.vcpus,
      memory: vm.memory,
      ...ANY_CPU,
      disks: [],
      nics: [],
      live: null,
      saved: null
    };
    const image = IMAGES.find((each) => each.name === vm.image);
    const sizes = vm.disks.map(({ capacity }) => mibToBytes(capacity));
    if (image?.kind === 'disk' && image.size !== null) sizes.unshift(image.size);
    for (const size of sizes) guest = { ...guest, disks: [...guest.disks, on.host.newDisk(guest, size, 0)] };
    for (const [order, { network }] of vm.nics.entries()) {
      guest = { ...guest, nics: [...guest.nics, on.host.newNic(network, order, 0)] };
    }
    if (vm.seed !== null) {
      const seed = on.host.newDiskAt({ name: vm.id }, 'vdz', SEED_SIZE, 0);
      guest = { ...guest, disks: [...guest.disks, { ...seed, readOnly: true, seen: always(SEED_SIZE) }] };
    }
    on.host.put(guest);
    const disks = sizes.map((size) => bytesText(size)).join(', ');
    const made = existence(`${vm.name}${disks === '' ? '' : ` with ${disks}`}`);
    if (!vm.start) return [made];
    await start(on, vm.id, control);
    return [made, power('running')];
  });
}

export function demandNetwork(network: string): void {
  if (!NETWORKS.some((each) => each.name === network)) refuse('not-found', { kind: 'network', id: network });
}

async function start(on: Operations, vm: VmId, control: Control): Promise<void> {
  const guest = on.guestIn(vm, NEEDS.start);
  const { saved } = guest;
  if (saved !== null) {
    demandMemory(on.host, saved.live.memory);
    control.progress('restoring', null);
    await on.takes('start');
    on.guestIn(vm, ['saved']);
    demandMemory(on.host, saved.live.memory);
    on.host.put(restored({ ...on.guest(vm), saved }, on.clock.now()));
    return;
  }
  demandMemory(on.host, guest.memory);
  await passing(on, guest, 'starting', 'start');
  const ready = on.guestIn(vm, ['starting']);
  const now = on.clock.now();
  const boot = on.latency('boot');
  on.host.put(poweredOn(ready, now, now + boot));
  announce(on, vm, boot);
}

const ASKED = 'the guest was asked to shut down before, and may still do so';

/** Shows `state` for as long as the operation takes; if it breaks off, the guest is again as it was. */
async function passing(
  on: Operations,
  guest: Guest,
  state: VmState,
  operation: PowerAction,
  control: Control = UNATTENDED
): Promise<void> {
  on.host.put({ ...guest, state });
  try {
    await on.takesUnder(operation, control, operation === 'start' ? 'starting' : 'waiting-for-guest', ASKED);
  } catch (thrown) {
    const now = on.host.guests.get(guest.id);
    if (now?.state === state) on.host.put({ ...now, state: guest.state });
    throw thrown;
  }
}

async function save(on: Operations, vm: VmId, control: Control): Promise<void> {
  const need = mibToBytes(on.guestIn(vm, NEEDS.save).live?.memory ?? mib(0));
  demandSpace(on.host, need);
  await on.takesUnder('save', control, 'saving');
  demandSpace(on.host, need);
  const { live, ...guest } = on.guestIn(vm, NEEDS.save);
  if (live === null) throw new Fault('internal', { reason: `${guest.name} runs, and has no memory` });
  on.host.put(savedAt({ ...guest, live }, on.clock.now()));
}

/** The guest begins to answer by itself, with no command to tell of it. */
function announce(on: Operations, vm: VmId, ms: number): void {
  void on.clock.sleep(ms).then(() => {
    if (on.host.guests.has(vm)) on.host.tell(vm);
  });
}

const NEEDS: Readonly<Record<PowerAction, readonly VmState[]>> = {
  start: ['off', 'crashed', 'saved'],
  shutdown: ['running'],
  'power-off': ['running', 'paused', 'starting', 'stopping', 'crashed', 'unknown'],
  reboot: ['running'],
  pause: ['running'],
  resume: ['paused'],
  save: ['running'],
  'discard-saved': ['saved']
};

export function powerChange(on: Operations, vm: VmId, action: PowerAction, control: Control): Promise<Effects> {
  return on.run(action, async () => {
    const guest = on.guestIn(vm, NEEDS[action]);
    if (action === 'pause') on.demandLive('pause', 'pausing a VM');
    if (action === 'reboot') on.demandLive('reboot', 'rebooting a VM');
    if (action === 'save') on.demandLive('save', 'saving a VM');
    switch (action) {
      case 'start':
        await start(on, vm, control);
        return [power('running', guest.saved === null ? null : 'restored')];
      case 'shutdown':
        await passing(on, guest, 'stopping', 'shutdown', control);
        on.host.put(poweredOff(on.guest(vm)));
        return [power('off')];
      case 'power-off':
        await on.takes('power-off');
        on.host.put(poweredOff(on.guest(vm)));
        return [power('off')];
      case 'reboot': {
        await on.takes('reboot');
        const ready = on.guestIn(vm, NEEDS.reboot);
        demandMemory(on.host, ready.memory, ready.live?.memory);
        const boot = on.latency('boot');
        const now = on.clock.now();
        on.host.put(poweredOn(ready, now, now + boot));
        announce(on, vm, boot);
        return [power('running', 'started anew')];
      }
      case 'pause':
        await on.takes('pause');
        on.host.put({ ...on.guestIn(vm, NEEDS.pause), state: 'paused' });
        return [power('paused')];
      case 'resume':
        await on.takes('resume');
        on.host.put({ ...on.guestIn(vm, NEEDS.resume), state: 'running' });
        return [power('running')];
      case 'save':
        await save(on, vm, control);
        return [power('saved')];
      case 'discard-saved':
        await on.takes('discard-saved');
        on.host.put(poweredOff(on.guestIn(vm, NEEDS['discard-saved'])));
        return [power('off', 'what was in its memory is lost')];
      default:
        throw new Fault('internal', { reason: `no power action ${String(action satisfies never)}` });
    }
  });
}

export function rename(on: Operations, vm: VmId, name: string): Promise<Effects> {
  return on.run('rename', async () => {
    const guest = on.guest(vm);
    demandName(on, name, vm);
    if (guest.live !== null) on.demandLive('rename-running', 'renaming a running VM');
    await on.takes('rename');
    demandName(on, name, vm);
    on.host.put({ ...on.guest(vm), name });
    return [{ resource: 'name', asked: name, seen: name, by: 'simulated', when: 'now', note: null }];
  });
}

const INACTIVE: readonly VmState[] = ['off', 'crashed', 'saved'];

export function remove(on: Operations, vm: VmId, deleteDisks: boolean): Promise<Effects> {
  return on.run('delete', async () => {
    demandUnprotected(on.guestIn(vm, INACTIVE));
    await on.takes('delete');
    const guest = on.guestIn(vm, INACTIVE);
    demandUnprotected(guest);
    on.host.remove(vm);
    const volumes = guest.disks.flatMap((disk) => (disk.volume === null || disk.readOnly ? [] : [disk.volume]));
    if (deleteDisks) for (const volume of volumes) on.host.volumes.delete(volume);
    for (const { readOnly, volume } of guest.disks) if (readOnly && volume !== null) on.host.volumes.delete(volume);
    const gone: Effect = { ...existence(guest.name), asked: 'gone', seen: 'gone' };
    const rest = volumes.join(', ');
    if (volumes.length === 0) return [gone];
    return [{ ...gone, note: deleteDisks ? `deleted with it: ${rest}` : `kept: ${rest}` }];
  });
}
