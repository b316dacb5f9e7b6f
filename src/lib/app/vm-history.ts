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

/** Whether this run of the VM began as the target of a move: its guest has been up for longer. */
export function movedHere(history: readonly Happened[], host: Host, { startedAt }: Vm): boolean {
  if (startedAt === null) return false;
  const began = startedAt - host.clockAhead;
  return history.some((happened) => {
    const { op, status, startedAt: from, endedAt: to } = happened.activity;
    if (op !== 'vm.migrate' || status !== 'done' || to === null || happened.host.id === host.id) return false;
    return at(happened, from) <= began && began <= at(happened, to);
  });
}
