// The fleet as the tab shows it: the client's immutable fleet, taken over at most once per animation frame.
import type { Fleet, Host, Vm } from '#lib/model/fleet.ts';
import type { HostId, VmId } from '#lib/model/ids.ts';
import { distinct, emptyMap } from './immutable-map.ts';
import { LoadHistory, type Sample } from './load-history.ts';

export type Placed = { readonly host: Host; readonly vm: Vm };

export class FleetView {
  #fleet = $state.raw<Fleet>({ hosts: emptyMap() });
  #waiting: Fleet | null = null;
  readonly #history = new LoadHistory();

  /** Sorted by site, then name: the order of every list. */
  readonly hosts: readonly Host[] = $derived(
    [...this.#fleet.hosts.values()].sort(
      (a, b) => a.site.localeCompare(b.site) || a.name.localeCompare(b.name, undefined, { numeric: true })
    )
  );
  readonly vms: readonly Placed[] = $derived(
    this.hosts.flatMap((host) =>
      [...host.vms.values()]
        .sort((a, b) => a.name.localeCompare(b.name, undefined, { numeric: true }))
        .map((vm) => ({ host, vm }))
    )
  );
  readonly sites: readonly string[] = $derived(distinct(this.hosts.map((host) => host.site)));

  /** Shows `fleet` at the next frame; of several before that, the last. */
  show(fleet: Fleet): void {
    this.#history.feed(fleet);
    const first = this.#waiting === null;
    this.#waiting = fleet;
    if (first) {
      requestAnimationFrame(() => {
        if (this.#waiting !== null) this.#fleet = this.#waiting;
        this.#waiting = null;
      });
    }
  }

  host(id: string): Host | null {
    return this.#fleet.hosts.get(id as HostId) ?? null;
  }

  vm(id: string): Placed | null {
    for (const host of this.#fleet.hosts.values()) {
      const vm = host.vms.get(id as VmId);
      if (vm) return { host, vm };
    }
    return null;
  }

  /** Load as this tab saw it, oldest first; renewed with every fleet. */
  history(id: HostId | VmId): readonly Sample[] {
    return this.#fleet.hosts.size === 0 ? [] : this.#history.of(id);
  }
}
