// Which VMs went from one host to another between two fleets. Two hosts never report at the same instant: for a while the
// VM is on both, or on none; only when it has left the one and reached the other has it moved.
import type { Host, Vm } from '#lib/model/fleet.ts';
import type { HostId, VmId } from '#lib/model/ids.ts';
import type { Percent } from '#lib/model/units.ts';

export type Move = {
  readonly vm: VmId;
  readonly from: HostId;
  readonly to: HostId;
  /** Of the stage it is at, as its host says; null where nobody knows, and of one that has ended. */
  readonly percent: Percent | null;
};
/** One that has not begun. */
export type Planned = Pick<Move, 'vm' | 'from' | 'to'>;
/** Where a VM is bound, and how far it is. */
export type Bound = Pick<Move, 'to' | 'percent'>;
type Vms = ReadonlyMap<VmId, Vm>;
/** What was known after the last fleet, and which VMs went in the last seconds to where nobody has said yet. */
export type Trace = {
  readonly hosts: ReadonlyMap<HostId, Vms>;
  readonly gone: ReadonlyMap<VmId, { readonly host: HostId; readonly at: number }>;
};

export const NO_TRACE: Trace = { hosts: new Map(), gone: new Map() };
/** A VM that turns up later than this was away; it did not travel. Milliseconds. */
export const MOST_BETWEEN = 15_000;

/** Looks only at hosts whose VMs changed. `now` in milliseconds of any clock. A host new to the tab receives no moves. */
export function follow(before: Trace, hosts: readonly Host[], now: number): { trace: Trace; moves: readonly Move[] } {
  const gone = new Map([...before.gone].filter(([, { at }]) => now - at <= MOST_BETWEEN));
  const after = new Map(hosts.map((host) => [host.id, host.vms]));
  const moves: Move[] = [];
  for (const [host, vm] of difference(before.hosts, after)) {
    const to = hosts.find((other) => other.id !== host && other.vms.has(vm))?.id;
    if (to === undefined) gone.set(vm, { host, at: now });
    else moves.push({ vm, from: host, to, percent: null });
  }
  for (const [host, vm] of difference(after, before.hosts)) {
    const from = gone.get(vm)?.host;
    gone.delete(vm);
    if (from !== undefined && from !== host) moves.push({ vm, from, to: host, percent: null });
  }
  return { trace: { hosts: after, gone }, moves };
}

/** The VMs each host of `one` has and has not in `other`; hosts that are not in both are left out. */
function* difference(
  one: ReadonlyMap<HostId, Vms>,
  other: ReadonlyMap<HostId, Vms>
): Generator<readonly [HostId, VmId]> {
  for (const [host, vms] of one) {
    const there = other.get(host);
    if (there === undefined || there === vms) continue;
    for (const vm of vms.keys()) if (!there.has(vm)) yield [host, vm];
  }
}

/** What the journal says of a command that moves a VM: to which host, by its id. */
const MOVES_TO = / to ([a-z0-9][a-z0-9._-]{0,63})$/;

/** Where VMs are bound whose moves run, whoever began them: by the journals of the hosts they leave. */
export function boundFor(hosts: readonly Host[]): ReadonlyMap<VmId, Bound> {
  const bound = new Map<VmId, Bound>();
  for (const { activity, progress } of hosts) {
    // Of a fleet that rests nothing is looked through: a move tells from its beginning how far it is.
    if (progress.size === 0) continue;
    for (const { command, op, status, summary, vm } of activity) {
      if (op !== 'vm.migrate' || status !== 'running' || vm === null) continue;
      const to = MOVES_TO.exec(summary)?.[1];
      if (to !== undefined) bound.set(vm, { to: to as HostId, percent: progress.get(command)?.percent ?? null });
    }
  }
  return bound;
}

/** Moves that are still to come of those planned: the VM is where it leaves from, and not on its way yet. */
export function stillToCome(
  planned: readonly Planned[],
  hosts: readonly Host[],
  under: readonly Move[]
): readonly Planned[] {
  if (planned.length === 0) return planned;
  const on = new Map(hosts.map(({ id, vms }) => [id, vms]));
  const going = new Set(under.map(({ vm }) => vm));
  return planned.filter(({ vm, from, to }) => on.get(from)?.has(vm) === true && on.has(to) && !going.has(vm));
}

/** Of VMs whose moves run or that say they are moving: where to, as far as `bound` says it or another host already has them. */
export function underWay(hosts: readonly Host[], bound: ReadonlyMap<VmId, Bound>): Move[] {
  const moves: Move[] = [];
  for (const { id: from, vms } of hosts)
    for (const { id: vm, state } of vms.values()) {
      // Its journal may say first that it leaves; once a host says it itself, it leaves from there alone.
      const leaves =
        state === 'moving' || (bound.has(vm) && !hosts.some((host) => host.vms.get(vm)?.state === 'moving'));
      if (!leaves) continue;
      const there = (host: Host): boolean =>
        host.id !== from && host.vms.has(vm) && host.vms.get(vm)?.state !== 'moving';
      const { to, percent } = bound.get(vm) ?? { to: hosts.find(there)?.id, percent: null };
      if (to !== undefined && to !== from) moves.push({ vm, from, to, percent });
    }
  return moves;
}
