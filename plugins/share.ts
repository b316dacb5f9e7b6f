// How full a host is, as the schedulers here mean it: the share in use of what it has most of in use, vCPUs or memory.
import { MEMORY, VCPUS, WIDTH } from 'smps-vmm/plugin';
import type { FleetView } from 'smps-vmm/plugin';

/** 0: empty, 1: full, more: over. @param extra a VM that comes as well; -1: none. @param without one that goes; -1: none */
export function shareOf({ columns, used }: FleetView, host: number, extra = -1, without = -1): number {
  let most = 0;
  for (let r = VCPUS; r <= MEMORY; r++) {
    const at = host * WIDTH + r;
    let amount = used[at]!;
    if (extra >= 0) amount += columns.demand[extra * WIDTH + r]!;
    if (without >= 0) amount -= columns.demand[without * WIDTH + r]!;
    const share = columns.capacity[at]! > 0 ? amount / columns.capacity[at]! : Number(amount > 0);
    if (share > most) most = share;
  }
  return most;
}

/** `shareOf` with the VM on it, which may be there already. */
export const shareWith = (fleet: FleetView, vm: number, host: number): number =>
  shareOf(fleet, host, fleet.placedOn[vm] === host ? -1 : vm);

/** Whether a move copies within a site, where lines are fast. New VMs are near everywhere. */
export function isNear({ columns }: FleetView, vm: number, host: number): boolean {
  const home = columns.vmHost[vm]!;
  return home < 0 || columns.hostSite[home] === columns.hostSite[host];
}

/** Works something out once for each state of a fleet. */
export function perRevision<T>(work: (fleet: FleetView) => T): (fleet: FleetView) => T {
  const known = new WeakMap<FleetView, { revision: number; value: T }>();
  return (fleet) => {
    const kept = known.get(fleet);
    if (kept?.revision === fleet.revision) return kept.value;
    const value = work(fleet);
    known.set(fleet, { revision: fleet.revision, value });
    return value;
  };
}

/** A score there may be: 0 to 100. */
export const points = (share: number): number => Math.min(100, Math.max(0, 100 * share));
