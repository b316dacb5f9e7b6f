// A VM's beginning and end: created from an image, renamed, deleted. A creation that breaks off leaves nothing behind.
import { Fault } from '../../../src/lib/model/fault.ts';
import type { Effect } from '../../../src/lib/model/fleet.ts';
import type { VmId } from '../../../src/lib/model/ids.ts';
import { mibToBytes } from '../../../src/lib/model/units.ts';
import type { Control } from '../control.ts';
import type { NewVm } from '../driver.ts';
import { abandon } from './copying.ts';
import { newMac, newSerial, nic, volumeDisk } from './devices.ts';
import { demandUnused, userOf } from './disks.ts';
import { domainTemplate } from './domain-template.ts';
import { effectNow } from './effect.ts';
import type { LibvirtHost } from './host.ts';
import { demandMemory } from './host-memory.ts';
import { readImage } from './images.ts';
import type { Image } from './images.ts';
import { domainTypeOf, meansOf } from './means.ts';
import { namingOf, withTitle } from './names.ts';
import type { Naming } from './names.ts';
import { demandNetwork } from './nics.ts';
import { start } from './power.ts';
import { accelerator } from './probe.ts';
import { INPUT } from './virsh.ts';
import { demandWanted, refuse } from './refusal.ts';
import { isSeed, seedDisk, seedPlace, writeSeed } from './seed.ts';
import type { Place } from './seed.ts';
import { isVolumeOf, mibText, volumeName } from './storage.ts';
import { demandUnprotected, nameOf, placeOf } from './vm.ts';
import { printElement, readElement } from './xml.ts';
import type { Element } from './xml.ts';

export async function create(host: LibvirtHost, vm: NewVm, control: Control): Promise<readonly Effect[]> {
  const { signal, progress } = control;
  progress('checking');
  const image = (await readImage(host.config.images, vm.image)) ?? refuse('not-found', { kind: 'image', id: vm.image });
  await demandName(host, vm.name, null);
  demandSizes(vm, image);
  const uplinks = await Promise.all(vm.nics.map(({ network }) => demandNetwork(host, network)));
  const anyPool = vm.disks[0]?.pool ?? (await host.storage.pools())[0]?.name ?? null;
  const plans = planDisks(vm, image, anyPool);
  const seed = vm.seed === null ? null : seedPlace(demandAny(anyPool), vm.id);
  const need = new Map<string, number>();
  for (const plan of plans) need.set(plan.pool, (need.get(plan.pool) ?? 0) + plan.capacity);
  for (const [pool, size] of need) await host.storage.demandSpace(pool, size);
  if (vm.start) await demandMemory(host, vm.memory * 1024);
  const type = domainTypeOf(await accelerator(host));

  const made: Place[] = [];
  try {
    progress('defining');
    for (const plan of plans) {
      demandWanted(signal);
      await host.storage.create(plan.pool, plan.volume, plan.capacity, plan.backing);
      made.push(plan);
    }
    if (vm.seed !== null && seed !== null) {
      await writeSeed(host, seed.pool, vm, vm.seed);
      made.push(seed);
    }
    demandWanted(signal);
    const devices: readonly Element[] = [
      ...plans.map((plan) => volumeDisk({ ...plan, format: 'qcow2', serial: newSerial(plan.target) })),
      ...(seed === null ? [] : [seedDisk(seed)]),
      ...uplinks.map((uplink) => nic(uplink, newMac()))
    ];
    const input = domainTemplate({ vm, image, type, devices });
    await host.virsh.change(['define', INPUT], { input });
  } catch (error) {
    for (const place of made) await host.storage.remove(place.pool, place.volume).catch(() => null);
    throw error;
  }
  host.changed(vm.id);
  const disks = plans.map((plan) => `${plan.target} ${mibText(plan.capacity)}`).join(', ');
  const existence = effectNow(
    'existence',
    `${vm.name}${disks === '' ? '' : ` with ${disks}`}`,
    { text: vm.name, by: 'hypervisor' },
    calledOtherwise(namingOf(vm.name, vm.id))
  );
  if (!vm.start) return [existence];
  progress('starting');
  await start(host, await host.domains.demand(vm.id));
  const state = (await host.domains.get(vm.id))?.state ?? 'off';
  return [existence, effectNow('power', 'running', { text: state, by: 'hypervisor' })];
}

type Plan = {
  readonly target: string;
  readonly pool: string;
  readonly volume: string;
  /** Bytes. */
  readonly capacity: number;
  readonly backing: { readonly path: string; readonly format: string } | null;
};

const demandAny = (pool: string | null): string => pool ?? refuse('not-found', { kind: 'pool', id: 'any' });

/** The image's own disk first, then those asked for. */
function planDisks(vm: NewVm, image: Image, anyPool: string | null): readonly Plan[] {
  const plans: Plan[] = [];
  const add = (pool: string, capacity: number, backing: Plan['backing']): void => {
    const target = `vd${String.fromCharCode('a'.charCodeAt(0) + plans.length)}`;
    plans.push({ target, pool, volume: volumeName(vm, target), capacity, backing });
  };
  if (image.kind === 'disk') {
    add(demandAny(anyPool), image.size, { path: image.path, format: image.format });
  }
  for (const { pool, capacity } of vm.disks) add(pool, mibToBytes(capacity), null);
  const most = vm.seed === null ? 26 : 25;
  if (plans.length > most) {
    refuse('bad-argument', { name: 'disks', value: String(plans.length), reason: `must be ${most} or fewer` });
  }
  return plans;
}

function demandSizes(vm: NewVm, image: Image): void {
  const wrong = (name: string, value: number, reason: string): never =>
    refuse('bad-argument', { name, value: String(value), reason });
  if (vm.vcpus < 1) wrong('vCPUs', vm.vcpus, 'must be at least 1');
  if (vm.vcpusMax < vm.vcpus || vm.vcpusMax > 255) wrong('most vCPUs', vm.vcpusMax, `must be from ${vm.vcpus} to 255`);
  const least = image.minMemory ?? 32;
  if (vm.memory < least) wrong('memory in MiB', vm.memory, `must be at least ${least} for ${image.name}`);
  if (vm.memoryMax < vm.memory) wrong('most memory in MiB', vm.memoryMax, `must be at least ${vm.memory}`);
  for (const { capacity } of vm.disks) if (capacity < 1) wrong('capacity in MiB', capacity, 'must be at least 1');
}

export async function demandName(host: LibvirtHost, name: string, but: VmId | null): Promise<void> {
  host.domains.forget(null);
  const taken = (await host.domains.all()).some(
    (domain) => domain.id !== but && [domain.name, nameOf(domain)].includes(name)
  );
  if (taken) refuse('name-taken', { name });
}

export async function rename(host: LibvirtHost, id: VmId, name: string): Promise<readonly Effect[]> {
  const domain = await host.domains.demand(id);
  await demandName(host, name, id);
  if (domain.live !== null) {
    refuse('unsupported', {
      what: 'renaming a running VM',
      reason: 'libvirt renames only VMs that are off',
      instead: 'shut it down first'
    });
  }
  const naming = namingOf(name, id);
  if (domain.name !== naming.name) await host.virsh.change(['domrename', id, naming.name]);
  if ((domain.inactive?.title ?? null) !== naming.title) {
    const [text = ''] = await host.virsh.read([`dumpxml --inactive --security-info ${id}`]);
    await host.virsh.change(['define', INPUT], { input: printElement(withTitle(readElement(text), naming.title)) });
  }
  host.domains.forget(id);
  const seen = nameOf(await host.domains.demand(id));
  return [effectNow('name', name, { text: seen, by: 'hypervisor' }, calledOtherwise(naming))];
}

export const calledOtherwise = ({ name, title }: Naming): string | null =>
  title === null ? null : `libvirt itself cannot carry this name and calls it ${name}`;

export async function remove(host: LibvirtHost, id: VmId, deleteDisks: boolean): Promise<readonly Effect[]> {
  const domain = await host.domains.demand(id);
  if (domain.live !== null || !['off', 'crashed'].includes(domain.state)) {
    refuse('wrong-state', { state: domain.state, needs: 'off or crashed' });
  }
  demandUnprotected(domain);
  const pools = await host.storage.pools(0);
  const places = (domain.inactive?.disks ?? []).flatMap((disk) =>
    disk.readOnly || disk.device !== 'disk' ? [] : (placeOf(disk, pools) ?? [])
  );
  await host.virsh.change(['undefine', id, ...meansOf(domain.inactive?.type ?? '').undefine]);
  host.domains.forget(id);
  const seed = (domain.inactive?.disks ?? []).map((disk) => placeOf(disk, pools)).find((place) => isSeed(place, id));
  if (seed) await host.storage.remove(seed.pool, seed.volume).catch(() => null);
  const rest = places.map((place) => place.volume).join(', ');
  const gone = (note: string | null): Effect =>
    effectNow('existence', 'gone', { text: 'gone', by: 'hypervisor' }, note);
  if (places.length === 0) return [gone(null)];
  if (!deleteDisks) return [gone(`kept: ${rest}`)];
  const failed: string[] = [];
  for (const { pool, volume } of places) {
    try {
      await demandUnused(host, pool, volume);
      await host.storage.remove(pool, volume);
    } catch {
      failed.push(volume);
    }
  }
  return [gone(failed.length === 0 ? `deleted with it: ${rest}` : `could not be deleted: ${failed.join(', ')}`)];
}

/** Removes volumes that were made for a VM which is not there, and names them. Those that anybody uses stay. */
export async function sweep(host: LibvirtHost, id: VmId): Promise<readonly string[]> {
  if ((await host.domains.get(id)) !== null) return [];
  const swept: string[] = [];
  for (const { name: pool, volumes } of await host.storage.pools(0)) {
    for (const { name } of volumes) {
      if (!isVolumeOf(id, name) && !isSeed({ pool, volume: name }, id)) continue;
      if ((await userOf(host, pool, name)) !== null) continue;
      await abandon(host, pool, name);
      swept.push(name);
    }
  }
  return swept;
}

export async function deleteVolume(host: LibvirtHost, pool: string, volume: string): Promise<readonly Effect[]> {
  await host.storage.demandVolume(pool, volume);
  await demandUnused(host, pool, volume);
  await host.storage.remove(pool, volume);
  const left = (await host.storage.pools(0)).find((each) => each.name === pool)?.volumes;
  if (left?.some((each) => each.name === volume) === true) {
    throw new Fault('hypervisor', { operation: 'vol-delete', reason: `volume ${volume} is still there` });
  }
  return [effectNow('existence', 'gone', { text: 'gone', by: 'hypervisor' })];
}
