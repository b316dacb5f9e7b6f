// What this tab saw happen to hosts and VMs without any command that the host's journal knows: `virsh` on the host, a guest that
// shut itself down, a link that was lost. Pure: two fleets in, what is new out.
import type { Fleet, Host, Vm, VmState } from '#lib/model/fleet.ts';
import type { HostId, VmId } from '#lib/model/ids.ts';
import type { Millis } from '#lib/model/units.ts';

export type Sight =
  | { readonly kind: 'appeared' | 'gone' | 'changed' }
  | { readonly kind: 'state'; readonly from: VmState; readonly to: VmState }
  | { readonly kind: 'lost' | 'back' | 'refused' | 'well' }
  | { readonly kind: 'trouble'; readonly reason: string };

export type Sighting = {
  readonly at: Millis;
  readonly host: HostId;
  readonly hostName: string;
  readonly vm: VmId | null;
  readonly vmName: string | null;
  readonly sight: Sight;
};

/** Ms: what a command brings about may show after its end. */
const AFTERMATH = 10_000;
/** A new VM, or one whose first states follow each other, is told of once. */
const ON_THE_WAY: ReadonlySet<VmState> = new Set(['starting', 'stopping', 'moving']);

/** @param now by this computer's clock @param unsteady hosts whose links come and go all the time, which is told elsewhere */
export function sightings(
  before: Fleet,
  after: Fleet,
  now: Millis,
  unsteady: (host: HostId) => boolean = () => false
): Sighting[] {
  const seen: Sighting[] = [];
  for (const host of after.hosts.values()) {
    const earlier = before.hosts.get(host.id);
    // A host not heard of before has nothing that could have changed.
    if (earlier === undefined || earlier === host || earlier.facts === null) continue;
    const tell = (sight: Sight, vm: Vm | null = null): void => {
      const { id, name } = host;
      seen.push({ at: now, host: id, hostName: name, vm: vm?.id ?? null, vmName: vm?.name ?? null, sight });
    };
    const link = unsteady(host.id) ? null : linkSight(earlier, host);
    if (link !== null) tell(link);
    if (earlier.trouble !== host.trouble) {
      tell(host.trouble === null ? { kind: 'well' } : { kind: 'trouble', reason: host.trouble });
    }
    if (earlier.vms !== host.vms) vmSightings(earlier, host, now, tell);
  }
  return seen;
}

function linkSight({ link: before }: Host, { link: after }: Host): Sight | null {
  if (before === after) return null;
  if (after === 'online') return { kind: 'back' };
  if (after === 'refused') return { kind: 'refused' };
  return before === 'online' ? { kind: 'lost' } : null;
}

function vmSightings(earlier: Host, host: Host, now: number, tell: (sight: Sight, vm: Vm) => void): void {
  const ordered = commanded(host, now);
  for (const vm of host.vms.values()) {
    const was = earlier.vms.get(vm.id);
    if (was === vm || ordered.has(vm.id)) continue;
    if (was === undefined) tell({ kind: 'appeared' }, vm);
    else if (was.state !== vm.state) {
      if (!ON_THE_WAY.has(vm.state)) tell({ kind: 'state', from: was.state, to: vm.state }, vm);
    } else if (was.revision !== vm.revision) tell({ kind: 'changed' }, vm);
  }
  for (const vm of earlier.vms.values()) if (!host.vms.has(vm.id) && !ordered.has(vm.id)) tell({ kind: 'gone' }, vm);
}

/** The VMs that a command in the journal explains: one that runs, or has just ended. */
function commanded({ activity, clockAhead }: Host, now: number): ReadonlySet<VmId> {
  const since = now + clockAhead - AFTERMATH;
  return new Set(
    activity.flatMap(({ vm, endedAt }) => (vm !== null && (endedAt === null || endedAt >= since) ? vm : []))
  );
}
