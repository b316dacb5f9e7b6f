// Storage pools as operators see them: each volume with the VM that has it.
import type { Pool } from '../../../src/lib/model/fleet.ts';
import type { VmId } from '../../../src/lib/model/ids.ts';
import type { LibvirtHost } from './host.ts';
import { volumeAt } from './storage.ts';
import { placeOf } from './vm.ts';

export async function pools(host: LibvirtHost): Promise<readonly Pool[]> {
  const [facts, domains] = [await host.storage.pools(), await host.domains.all()];
  const users = new Map<string, VmId>();
  for (const domain of domains) {
    for (const disk of [...(domain.live?.disks ?? []), ...(domain.inactive?.disks ?? [])]) {
      const place = placeOf(disk, facts);
      if (place !== null) users.set(`${place.pool}/${place.volume}`, domain.id);
    }
  }
  for (const { id, config } of (await host.pastLibvirt()).values()) {
    for (const { path } of config?.disks ?? []) {
      const place = path === null ? null : volumeAt(facts, path);
      if (place !== null) users.set(`${place.pool}/${place.volume}`, id);
    }
  }
  return facts.map((pool) => ({
    name: pool.name.slice(0, 256),
    capacity: pool.capacity,
    free: pool.free,
    volumes: pool.volumes.map(({ name, capacity, allocation, format }) => ({
      name,
      capacity,
      allocation,
      format,
      usedBy: users.get(`${pool.name}/${name}`) ?? null
    }))
  }));
}
