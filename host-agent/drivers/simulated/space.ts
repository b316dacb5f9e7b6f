// Room on a simulated host: it has exactly so much memory and storage, and refuses what does not fit, like a real one.
import type { Bytes, Mib } from '../../../src/lib/model/units.ts';
import { bytesToMib } from '../../../src/lib/model/units.ts';
import { POOL } from './config.ts';
import type { SimulatedHost } from './host.ts';
import { refuse } from './operation.ts';

export const bytesText = (size: Bytes): string => `${bytesToMib(size)} MiB`;

/** Refuses `no-space` unless a VM can have `need`; `has` is what it has already. */
export function demandMemory(host: SimulatedHost, need: Mib, has: number = 0): void {
  const free = host.memoryFree();
  if (need - has > free) {
    refuse('no-space', { where: 'the memory of the host', need: `${need - has} MiB`, free: `${free} MiB` });
  }
}

/** Refuses `no-space` unless the pool has `need` left. */
export function demandSpace(host: SimulatedHost, need: Bytes): void {
  const free = host.storageFree();
  if (need > free) refuse('no-space', { where: `pool ${POOL}`, need: bytesText(need), free: bytesText(free) });
}
