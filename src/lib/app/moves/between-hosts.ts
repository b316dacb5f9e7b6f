// A VM that has left one host and is not on the other yet, as far as both have told: two hosts never report at the same instant.
// What shows it (its console, a form that is being filled in) goes on showing it meanwhile.
import type { Host } from '#lib/model/fleet.ts';
import type { VmId } from '#lib/model/ids.ts';
import { MOST_BETWEEN } from '#lib/ui/topology/moves.ts';
import type { Placed } from '../fleet/view.svelte.ts';

export class BetweenHosts {
  readonly #vm: VmId;
  #last: Placed | null = null;
  #gone: number | null = null;

  constructor(vm: VmId) {
    this.#vm = vm;
  }

  /**
   * Where the VM is; between two hosts, where it was last, as one that moves; null where there is none.
   * @param found where it is @param now in milliseconds of any clock; not asked while it is somewhere
   */
  look(found: Placed | null, hosts: readonly Host[], now: () => number): Placed | null {
    if (found !== null) {
      this.#last = found;
      this.#gone = null;
      return found;
    }
    const last = this.#last;
    if (last === null || !this.#leftByMove(last.host, hosts)) return null;
    this.#gone ??= now();
    return now() - this.#gone <= MOST_BETWEEN ? { ...last, vm: { ...last.vm, state: 'moving' } } : null;
  }

  /** By the newest that the host has to tell of it. */
  #leftByMove(from: Host, hosts: readonly Host[]): boolean {
    const newest = hosts.find(({ id }) => id === from.id)?.activity.find(({ vm }) => vm === this.#vm);
    return newest?.op === 'vm.migrate' && (newest.status === 'running' || newest.status === 'done');
  }
}
