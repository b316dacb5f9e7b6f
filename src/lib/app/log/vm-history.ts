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

/** Ms by which the start of a process may be told too early. */
const PRECISE = 20;

/**
 * Whether this run of the VM began as the target of a move: its guest has been up for longer. By the journal of its host alone, which
 * tells when it took the VM in: the clocks of two hosts may be as far apart as a move takes.
 */
export function movedHere(history: readonly Happened[], host: Host, { startedAt: began }: Vm): boolean {
  if (began === null) return false;
  return history.some(({ host: { id }, activity: { op, status, startedAt, endedAt } }) => {
    if (id !== host.id || op !== 'migration.arrive' || (status !== 'done' && status !== 'running')) return false;
    return startedAt - PRECISE <= began && began <= (endedAt ?? Infinity);
  });
}
