// What a hypervisor reports may have been named by anybody with any tool: made fit for the wire here, once.
import type { Network, Pool, Vm } from '../../src/lib/model/fleet.ts';
import { MAX_TAGS, TAG } from '../../src/lib/model/ids.ts';
import { clip } from '../journal/summary.ts';

const maybe = (text: string | null, max: number): string | null => (text === null ? null : clip(text, max));

/** The VM with every text in it short enough and free of what XML cannot carry. */
export const legibleVm = (vm: Vm): Vm => ({
  ...vm,
  name: clip(vm.name, 1024),
  description: clip(vm.description, 16_384),
  tags: vm.tags.filter((tag) => TAG.test(tag)).slice(0, MAX_TAGS),
  disks: vm.disks.map((disk) => ({
    ...disk,
    target: clip(disk.target, 64),
    bus: clip(disk.bus, 64),
    pool: maybe(disk.pool, 256),
    volume: maybe(disk.volume, 256)
  })),
  nics: vm.nics.map((nic) => ({
    ...nic,
    model: clip(nic.model, 64),
    network: clip(nic.network, 256),
    seen: maybe(nic.seen, 64),
    addresses: nic.addresses.slice(0, 64)
  }))
});

export const legiblePool = (pool: Pool): Pool => ({
  ...pool,
  name: clip(pool.name, 256),
  volumes: pool.volumes.map((volume) => ({
    ...volume,
    name: clip(volume.name, 256),
    format: clip(volume.format, 64)
  }))
});

export const legibleNetwork = ({ name, mode }: Network): Network => ({ name: clip(name, 256), mode: clip(mode, 64) });
