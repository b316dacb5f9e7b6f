// Whether a VM of another host can run here, and if not, all that speaks against it; if so, its disks are made, empty. A volume
// that is there already may be the very one, on storage that both hosts see: a marker beside it lets the source tell.
import { randomBytes } from 'node:crypto';
import type { Coming, Made, NoteMade, Unmoved } from '../migration.ts';
import { describe } from './facts.ts';
import type { LibvirtHost } from './host.ts';
import { demandMemory } from './host-memory.ts';
import { demandName } from './naming.ts';
import { MOST_READ_ONLY } from './luggage.ts';
import { demandNetwork } from './nics.ts';
import { demandAll, refuse } from './refusal.ts';
import { mibText } from './storage.ts';
import type { PoolFacts } from './storage.ts';
import { XEN_MOVES } from './unmoved.ts';

const FORMATS = ['qcow2', 'raw'];
/** Bytes. */
const MARKER_SIZE = 4096;

type Disk = Coming['disks'][number];
/** What a VM that is to come will find. */
export type Expected = {
  /** Markers included: removed again unless it arrives. */
  readonly made: readonly Made[];
  /** Volumes that were there before. */
  readonly there: readonly Disk[];
  readonly markers: readonly Made[];
};

export async function prepare(host: LibvirtHost, coming: Coming, note: NoteMade): Promise<readonly Made[]> {
  const what = `moving ${coming.name} here`;
  const facts = await describe(host);
  const unlike = (which: string, there: string, here: string): never =>
    refuse('unsupported', { what, reason: `${which} there is ${there}, here ${here}`, instead: '' });
  if (coming.hypervisor !== facts.hypervisor) unlike('the hypervisor', coming.hypervisor, facts.hypervisor);
  const unmoved = (why: Unmoved): never => refuse('unsupported', { what, ...why });
  host.storage.stale();
  const there: Disk[] = [];
  const disks: Disk[] = [];
  await demandAll(what, [
    () =>
      Promise.resolve(
        coming.accelerator === facts.accelerator || unlike('the accelerator', coming.accelerator, facts.accelerator)
      ),
    // Guests see the processor as it is; only emulated ones are the same everywhere.
    () =>
      Promise.resolve(
        facts.accelerator === 'emulated' ||
          coming.cpuModel === facts.cpuModel ||
          unlike('the processor', coming.cpuModel, facts.cpuModel)
      ),
    () => demandAbsent(host, coming),
    ...coming.nics.map(
      ({ network }) =>
        () =>
          demandNetwork(host, network)
    ),
    () => Promise.resolve(host.xen && !coming.running && unmoved(XEN_MOVES.off)),
    () => Promise.resolve(host.xen && coming.disks.length > 0 && unmoved(XEN_MOVES.disks)),
    async () => coming.running && (await demandMemory(host, coming.memory * 1024)),
    ...(host.xen ? [] : coming.disks).map((disk) => async () => {
      (isThere(disk, await host.storage.demandPool(disk.pool)) ? there : disks).push(disk);
    }),
    async () => {
      for (const [pool, size] of sizes(disks)) await host.storage.demandSpace(pool, size);
    }
  ]);
  const markers = [...new Set(there.map(({ pool }) => pool))].map((pool): Made => ({
    pool,
    volume: `smps-same-${randomBytes(12).toString('hex')}.img`
  }));
  const made = [...disks.map(({ pool, volume }) => ({ pool, volume })), ...markers];
  await note(made);
  await makeAll(host, disks, markers);
  host.arriving.add(coming.vm);
  host.expected.set(coming.vm, { made, there, markers });
  return made;
}

async function demandAbsent(host: LibvirtHost, { vm, name }: Coming): Promise<void> {
  if ((await host.domains.get(vm)) !== null) {
    refuse('unsupported', { what: `moving ${name} here`, reason: 'it is on this host already', instead: '' });
  }
  await demandName(host, name, null);
}

/** Whether the pool has its volume, as large as it is there. */
function isThere({ target, volume, capacity, format, readOnly }: Disk, { name, volumes }: PoolFacts): boolean {
  const what = `disk ${target}`;
  const found = volumes.find((each) => each.name === volume);
  if (found !== undefined && found.capacity !== capacity) {
    const reason = `pool ${name} has another volume ${volume} here already`;
    return refuse('unsupported', { what, reason, instead: 'remove it, if it is of no use' });
  }
  if (found !== undefined) return true;
  if (!readOnly && !FORMATS.includes(format))
    refuse('unsupported', { what, reason: `its format is ${format}`, instead: '' });
  if (readOnly && capacity > MOST_READ_ONLY * 1024 * 1024) {
    const reason = `it is read-only, and larger than the ${MOST_READ_ONLY} MiB that are sent ahead`;
    refuse('unsupported', { what, reason, instead: 'eject or detach it first' });
  }
  return false;
}

function sizes(disks: readonly Disk[]): ReadonlyMap<string, number> {
  const need = new Map<string, number>();
  for (const { pool, capacity } of disks) need.set(pool, (need.get(pool) ?? 0) + capacity);
  return need;
}

async function makeAll(host: LibvirtHost, disks: readonly Disk[], markers: readonly Made[]): Promise<void> {
  const made: Made[] = [];
  try {
    for (const { pool, volume, capacity, format, readOnly } of disks) {
      // What is read-only comes as it is, byte by byte.
      await host.storage.create(pool, volume, capacity, null, readOnly ? 'raw' : format);
      made.push({ pool, volume });
      // An image's size counts bytes; another here would end the copy half-way.
      const is = (await host.storage.demandVolume(pool, volume)).capacity;
      if (is !== capacity) {
        refuse('unsupported', { what: `volume ${volume}`, reason: `it became ${mibText(is)}`, instead: '' });
      }
    }
    for (const marker of markers) {
      await host.storage.create(marker.pool, marker.volume, MARKER_SIZE, null, 'raw');
      made.push(marker);
    }
  } catch (thrown) {
    for (const { pool, volume } of made) await host.storage.remove(pool, volume).catch(() => null);
    throw thrown;
  }
}
