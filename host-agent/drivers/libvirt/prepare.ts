// Whether a VM of another host can run here, each refusal with its reason; if so, its disks are made, empty.
import type { Coming, Made } from '../migration.ts';
import { describe } from './facts.ts';
import type { LibvirtHost } from './host.ts';
import { demandMemory } from './host-memory.ts';
import { demandName } from './lifetime.ts';
import { demandNetwork } from './nics.ts';
import { refuse } from './refusal.ts';
import { mibText } from './storage.ts';

const FORMATS = ['qcow2', 'raw'];

export async function prepare(host: LibvirtHost, coming: Coming): Promise<readonly Made[]> {
  const facts = await describe(host);
  const unlike = (what: string, there: string, here: string): never =>
    refuse('unsupported', {
      what: `moving ${coming.name} here`,
      reason: `${what} there is ${there}, here ${here}`,
      instead: ''
    });
  if (coming.hypervisor !== facts.hypervisor) unlike('the hypervisor', coming.hypervisor, facts.hypervisor);
  if (coming.accelerator !== facts.accelerator) unlike('the accelerator', coming.accelerator, facts.accelerator);
  // Guests see the processor as it is; only emulated ones are the same everywhere.
  if (facts.accelerator !== 'emulated' && coming.cpuModel !== facts.cpuModel) {
    unlike('the processor', coming.cpuModel, facts.cpuModel);
  }
  if ((await host.domains.get(coming.vm)) !== null) {
    refuse('unsupported', { what: `moving ${coming.name} here`, reason: 'it is on this host already', instead: '' });
  }
  await demandName(host, coming.name, null);
  for (const { network } of coming.nics) await demandNetwork(host, network);
  if (coming.running) await demandMemory(host, coming.memory * 1024);
  const need = new Map<string, number>();
  for (const { target, pool, volume, capacity, format } of coming.disks) {
    const { volumes } = await host.storage.demandPool(pool);
    if (volumes.some(({ name }) => name === volume)) {
      refuse('unsupported', {
        what: `disk ${target}`,
        reason: `pool ${pool} has a volume ${volume} here already`,
        instead: 'remove it, if it is of no use'
      });
    }
    if (!FORMATS.includes(format)) {
      refuse('unsupported', { what: `disk ${target}`, reason: `its format is ${format}`, instead: '' });
    }
    need.set(pool, (need.get(pool) ?? 0) + capacity);
  }
  for (const [pool, size] of need) await host.storage.demandSpace(pool, size);

  const made: Made[] = [];
  try {
    for (const { pool, volume, capacity, format } of coming.disks) {
      await host.storage.create(pool, volume, capacity, null, format);
      made.push({ pool, volume });
      // An image's size counts bytes; another here would end the copy half-way.
      const is = (await host.storage.demandVolume(pool, volume)).capacity;
      if (is !== capacity) {
        refuse('unsupported', { what: `volume ${volume}`, reason: `it became ${mibText(is)}`, instead: '' });
      }
    }
  } catch (thrown) {
    for (const { pool, volume } of made) await host.storage.remove(pool, volume).catch(() => null);
    throw thrown;
  }
  host.arriving.add(coming.vm);
  return made;
}
