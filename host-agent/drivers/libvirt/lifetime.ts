// A VM's beginning and end: created from an image, renamed, deleted. A creation that breaks off leaves nothing behind.
import { Fault } from '../../../src/lib/model/fault.ts';
import { isInactive } from '../../../src/lib/model/fleet.ts';
import type { Effect } from '../../../src/lib/model/fleet.ts';
import type { VmId } from '../../../src/lib/model/ids.ts';
import { mibToBytes } from '../../../src/lib/model/units.ts';
import type { Control } from '../control.ts';
import type { NewVm } from '../driver.ts';
import { mark } from './autostart.ts';
import { abandon } from './copying.ts';
import { newMac, newSerial, nic, targetAt, volumeDisk } from './devices.ts';
import { demandUnused, userOf } from './disks.ts';
import { domainTemplate } from './domain-template.ts';
import { effectNow } from './effect.ts';
import type { LibvirtHost } from './host.ts';
import { demandMemory } from './host-memory.ts';
import { readImage } from './images.ts';
import type { Image } from './images.ts';
import { domainTypeOf, meansFor, meansOf } from './means.ts';
import type { DiskMeans } from './means.ts';
import { calledOtherwise, demandNaming } from './naming.ts';
import { demandNetwork } from './nics.ts';
import { start } from './power.ts';
import { accelerator } from './probe.ts';
import { INPUT } from './virsh.ts';
import { demandWanted, refuse } from './refusal.ts';
import { isSeed, seedDisk, seedPlace, writeSeed } from './seed.ts';
import type { Place } from './seed.ts';
import { isVolumeOf, mibText, volumeName } from './storage.ts';
import { demandUnprotected, placeOf } from './vm.ts';
import { demandPacked, xenKindFor, xenKinds } from './xen-kinds.ts';
import { xenTemplate } from './xen-template.ts';
import type { Element } from './xml.ts';

export async function create(host: LibvirtHost, vm: NewVm, control: Control): Promise<readonly Effect[]> {
  const { signal, progress } = control;
  progress('checking');
  const image = (await readImage(host.config.images, vm.image)) ?? refuse('not-found', { kind: 'image', id: vm.image });
  const naming = await demandNaming(host, vm.name, vm.id);
  demandSizes(vm, image);
  const type = domainTypeOf(await accelerator(host));
  const kind = type === 'xen' ? xenKindFor(image, await xenKinds(host)) : null;
  const { disks: means } = meansOf(type, kind ?? 'hvm');
  if (image.kind === 'disk') demandCopyable(image, means);
  if (kind === 'hvm' && image.kind === 'kernel') await demandPacked(image);
  const uplinks = await Promise.all(vm.nics.map(({ network }) => demandNetwork(host, network)));
  const anyPool = vm.disks[0]?.pool ?? (await host.storage.pools())[0]?.name ?? null;
  const plans = planDisks(vm, image, anyPool, means);
  const seed = vm.seed === null ? null : seedPlace(demandAny(anyPool), vm.id);
  const need = new Map<string, number>();
  for (const plan of plans) need.set(plan.pool, (need.get(plan.pool) ?? 0) + plan.capacity);
  for (const [pool, size] of need) await host.storage.demandSpace(pool, size);
  if (vm.start) await demandMemory(host, vm.memory * 1024);
  const made: Place[] = [];
  try {
    progress('defining');
    for (const plan of plans) {
      demandWanted(signal);
      await makeVolume(host, plan, means);
      made.push(plan);
    }
    if (vm.seed !== null && seed !== null) {
      await writeSeed(host, seed.pool, vm, vm.seed);
      made.push(seed);
    }
    demandWanted(signal);
    const devices: Element[] = [];
    for (const plan of plans) {
      const path = await host.storage.pathOf(plan.pool, plan.volume, means);
      devices.push(volumeDisk({ ...plan, path, format: means.format, serial: newSerial(plan.target) }, means));
    }
    if (seed !== null) devices.push(seedDisk(seed, await host.storage.pathOf(seed.pool, seed.volume, means), means));
    devices.push(...uplinks.map((uplink) => nic(uplink, newMac(means), means)));
    const template = { vm, image, naming, devices };
    const input = kind === null ? domainTemplate({ ...template, type }) : xenTemplate({ ...template, kind });
    await host.virsh.change(['define', INPUT], { input });
    if (vm.autostart) await markNew(host, vm.id, meansOf(type, kind ?? 'hvm').undefine);
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
    calledOtherwise(naming)
  );
  if (!vm.start) return [existence];
  progress('starting');
  await start(host, await host.domains.demand(vm.id), control);
  const state = (await host.domains.get(vm.id))?.state ?? 'off';
  return [existence, effectNow('power', 'running', { text: state, by: 'hypervisor' })];
}

async function markNew(host: LibvirtHost, id: VmId, undefine: readonly string[]): Promise<void> {
  try {
    await mark(host, id, true);
  } catch (error) {
    await host.virsh.change(['undefine', id, ...undefine]).catch(() => null);
    throw error;
  }
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
function planDisks(vm: NewVm, image: Image, anyPool: string | null, means: DiskMeans): readonly Plan[] {
  const plans: Plan[] = [];
  const add = (pool: string, capacity: number, backing: Plan['backing']): void => {
    const target = targetAt(means.letters, plans.length);
    plans.push({ target, pool, volume: volumeName(vm, target, means.format), capacity, backing });
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

/** A raw volume cannot stand on an image as on its backing: it gets a copy, which must be of the same format. */
function demandCopyable(image: Image & { readonly kind: 'disk' }, { format }: DiskMeans): void {
  if (format === 'qcow2' || image.format === 'raw') return;
  refuse('unsupported', {
    what: `making a VM from ${image.name} on Xen`,
    reason: `its disk is ${image.format}, and Xen itself serves only raw ones`,
    instead: 'convert it (qemu-img convert -O raw) and say format raw in its image.json'
  });
}

async function makeVolume(host: LibvirtHost, plan: Plan, { format }: DiskMeans): Promise<void> {
  const { pool, volume, capacity, backing } = plan;
  if (format === 'qcow2' || backing === null) {
    await host.storage.create(pool, volume, capacity, backing, format);
    return;
  }
  await host.storage.create(pool, volume, capacity, null, format);
  try {
    await host.storage.upload(pool, volume, backing.path);
  } catch (error) {
    await host.storage.remove(pool, volume).catch(() => null);
    throw error;
  }
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

export async function remove(host: LibvirtHost, id: VmId, deleteDisks: boolean): Promise<readonly Effect[]> {
  const domain = await host.domains.demand(id);
  if (domain.live !== null || !isInactive(domain)) {
    refuse('wrong-state', { state: domain.state, needs: 'off, saved or crashed' });
  }
  demandUnprotected(domain);
  const pools = await host.storage.pools(0);
  const places = (domain.inactive?.disks ?? []).flatMap((disk) =>
    disk.readOnly || disk.device !== 'disk' ? [] : (placeOf(disk, pools) ?? [])
  );
  await host.virsh.change(['undefine', id, ...meansFor(domain).undefine]);
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
