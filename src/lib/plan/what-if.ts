// Forks of a fleet: what would be if. Each answers new columns; those it was given stay as they are, so a branch costs little and
// can be compared with what it came from.
import {
  CPU,
  HOST_MAINTENANCE,
  HOST_ONLINE,
  SHARE_CAP,
  SHARE_LEAST,
  SHARE_WANTED,
  SHARE_WIDTH,
  VM_MOVABLE,
  VM_NEW,
  VM_RUNNING,
  WIDTH,
  textAt,
  textsOf
} from '../plugin/columns.ts';
import type { Columns, Texts } from '../plugin/columns.ts';
import { MILLI_OF_PERCENT } from './shares.ts';

/** Nothing may come to these hosts any more, and a plan empties them. */
export const drained = (columns: Columns, hosts: readonly number[]): Columns => ({
  ...columns,
  hostFlags: columns.hostFlags.map((flags, host) => (hosts.includes(host) ? flags | HOST_MAINTENANCE : flags))
});

/** These hosts are gone; what ran there has to be started again elsewhere, what was off is gone with them. */
export function lost(columns: Columns, hosts: readonly number[]): Columns {
  const gone = (vm: number): boolean => hosts.includes(columns.vmHost[vm]!);
  const runs = (vm: number): boolean => (columns.vmFlags[vm]! & VM_RUNNING) !== 0;
  return {
    ...columns,
    hostFlags: columns.hostFlags.map((flags, host) => (hosts.includes(host) ? flags & ~HOST_ONLINE : flags)),
    vmHost: columns.vmHost.map((host, vm) => (gone(vm) && runs(vm) ? -1 : host)),
    vmFlags: columns.vmFlags.map((flags, vm) => (gone(vm) && runs(vm) ? VM_NEW | VM_MOVABLE : flags))
  };
}

/** All hosts of a site are gone. */
export const siteLost = (columns: Columns, site: number): Columns =>
  lost(
    columns,
    Array.from(columns.hostSite.keys()).filter((host) => columns.hostSite[host] === site)
  );

/** `count` more hosts like one that is there, empty. */
export function withHosts(columns: Columns, like: number, count: number): Columns {
  const { hosts, masks } = columns;
  const more = Array.from({ length: count }, () => like);
  const rows = hosts === 0 ? 0 : masks.length / hosts;
  const wider = new Uint8Array(rows * (hosts + count));
  for (let row = 0; row < rows; row++) {
    wider.set(masks.subarray(row * hosts, (row + 1) * hosts), row * (hosts + count));
    wider.fill(masks[row * hosts + like]!, row * (hosts + count) + hosts, (row + 1) * (hosts + count));
  }
  const named = (texts: Texts): Texts =>
    textsOf([...listOf(texts), ...more.map((_, index) => `${textAt(texts, like)}-new-${index + 1}`)]);
  return {
    ...columns,
    hosts: hosts + count,
    hostId: named(columns.hostId),
    hostName: named(columns.hostName),
    hostSite: Int32Array.from([...columns.hostSite, ...more.map(() => columns.hostSite[like]!)]),
    hostFlags: Uint8Array.from([...columns.hostFlags, ...more.map(() => columns.hostFlags[like]! & ~HOST_MAINTENANCE)]),
    capacity: repeated(columns.capacity, like, count),
    safety: repeated(columns.safety, like, count),
    base: Float64Array.from([...columns.base, ...more.flatMap(() => Array<number>(WIDTH).fill(0))]),
    idleWatts: Float64Array.from([...columns.idleWatts, ...more.map(() => columns.idleWatts[like]!)]),
    masks: wider
  };
}

/** `count` more VMs like one that is there, to be placed. They keep its tags, but belong to no rule between VMs. */
export function withVms(columns: Columns, like: number, count: number): Columns {
  const { vms, vmTag, vmTagStart } = columns;
  const more = Array.from({ length: count }, () => like);
  const tags = vmTag.subarray(vmTagStart[like], vmTagStart[like + 1]);
  const ends = more.map((_, index) => vmTagStart[vms]! + (index + 1) * tags.length);
  return {
    ...columns,
    vms: vms + count,
    vmId: textsOf([...listOf(columns.vmId), ...more.map(() => '')]),
    vmName: textsOf([
      ...listOf(columns.vmName),
      ...more.map((_, index) => `${textAt(columns.vmName, like)}-new-${index + 1}`)
    ]),
    vmFlags: Uint8Array.from([...columns.vmFlags, ...more.map(() => VM_NEW | VM_MOVABLE)]),
    vmHost: Int32Array.from([...columns.vmHost, ...more.map(() => -1)]),
    demand: repeated(columns.demand, like, count),
    share: Int32Array.from([...columns.share, ...more.flatMap(() => newShare(columns, like))]),
    moveMib: Float64Array.from([...columns.moveMib, ...more.map(() => columns.moveMib[like]!)]),
    vmTag: Int32Array.from([...vmTag, ...more.flatMap(() => [...tags])]),
    vmTagStart: Int32Array.from([...vmTagStart, ...ends]),
    vmMask: Int32Array.from([...columns.vmMask, ...more.map(() => columns.vmMask[like]!)])
  };
}

/** A cap is not among what a VM is made from. */
const newShare = ({ share }: Columns, like: number): number[] =>
  [...share.subarray(like * SHARE_WIDTH, (like + 1) * SHARE_WIDTH)].map((value, at) =>
    at === SHARE_CAP || at === SHARE_LEAST ? 0 : value
  );

/** Every VM works so many times as hard, as far as its cap lets it. @param factor 0 and up */
export function busier(columns: Columns, factor: number): Columns {
  const capOf = (vm: number): number => columns.share[vm * SHARE_WIDTH + SHARE_CAP]! * MILLI_OF_PERCENT || Infinity;
  const times = (amount: number): number => Math.round(amount * factor);
  return {
    ...columns,
    demand: columns.demand.map((amount, at) => {
      if (at % WIDTH < CPU) return amount;
      return at % WIDTH === CPU ? Math.min(times(amount), capOf(Math.floor(at / WIDTH))) : times(amount);
    }),
    share: columns.share.map((value, at) => (at % SHARE_WIDTH === SHARE_WANTED ? times(value) : value))
  };
}

const listOf = (texts: Texts): string[] => Array.from(texts.ends, (_, index) => textAt(texts, index));

function repeated(rows: Float64Array, like: number, count: number): Float64Array {
  const more = new Float64Array(rows.length + count * WIDTH);
  more.set(rows);
  for (let i = 0; i < count; i++) more.set(rows.subarray(like * WIDTH, (like + 1) * WIDTH), rows.length + i * WIDTH);
  return more;
}
