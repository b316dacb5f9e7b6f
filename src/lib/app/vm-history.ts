// What happened to one VM, by the word of every host of the tab: one that has moved has its history on several.
import type { Activity, Host, Vm } from '#lib/model/fleet.ts';
import type { VmId } from '#lib/model/ids.ts';
import type { Millis } from '#lib/model/units.ts';

export type Happened = { readonly host: Host; readonly activity: Activity };

export class VmHistory {
  readonly #vm: VmId;
  /** By what a host has told: most hosts, most of the time, tell nothing new. */
  readonly #known = new WeakMap<readonly Activity[], readonly Activity[]>();

  constructor(vm: VmId) {
    this.#vm = vm;
  }

  /** Newest first. */
  of(hosts: readonly Host[]): readonly Happened[] {
    const all = hosts.flatMap((host) => this.#about(host).map((activity) => ({ host, activity })));
    return all.sort((a, b) => at(b, b.activity.startedAt) - at(a, a.activity.startedAt));
  }

  /** The host that has it, and those that know something of it. */
  hosts(hosts: readonly Host[], has: Host): readonly Host[] {
    return hosts.filter((host) => host.id === has.id || this.#about(host).length > 0);
  }

  #about({ activity }: Host): readonly Activity[] {
    let about = this.#known.get(activity);
    if (about === undefined) this.#known.set(activity, (about = activity.filter(({ vm }) => vm === this.#vm)));
    return about;
  }
}

/** By the clock of this computer. */
const at = ({ host }: Happened, instant: Millis): number => instant - host.clockAhead;

/** What begins a run of a VM on the host that has it in its journal; a VM that comes is prepared for there. */
const BEGINS: ReadonlySet<string> = new Set(['vm.create', 'vm.start', 'vm.reboot', 'migration.prepare']);
/** Ms for which a target waits for the VM it has prepared for (docs/WIRE.md, Migration). */
const PERMIT = 300_000;

/**
 * Whether this run of the VM began as the target of a move: its guest has been up for longer. Clocks of two hosts are never
 * compared, for they may be as far apart as a move takes: that its host prepared for it, and then started nothing else, stands in
 * that host's own journal, and how long the move took in the journal of the one it came from.
 */
export function movedHere(history: readonly Happened[], host: Host, { startedAt: began }: Vm): boolean {
  if (began === null) return false;
  const last = history.find(
    ({ host: { id }, activity: { op, status, startedAt } }) =>
      id === host.id && BEGINS.has(op) && status === 'done' && startedAt <= began
  );
  const prepared = last?.activity.endedAt ?? null;
  if (last?.activity.op !== 'migration.prepare' || prepared === null) return false;
  return history.some(({ host: { id }, activity: { op, status, startedAt, endedAt } }) => {
    if (op !== 'vm.migrate' || status !== 'done' || endedAt === null || id === host.id) return false;
    return began <= prepared + PERMIT + (endedAt - startedAt);
  });
}
