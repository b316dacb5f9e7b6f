// The fleet as the tab shows it: the client's immutable fleet, taken over at an animation frame: the first change at
// once, then at most 25 times a second, less often when showing it takes long. A busy fleet leaves the page its time.
import type { Fleet, Host } from '#lib/model/fleet.ts';
import type { HostId, VmId } from '#lib/model/ids.ts';
import { FleetOrder } from './fleet-order.ts';
import type { Placed } from './fleet-order.ts';
import { emptyMap } from './immutable-map.ts';
import { LoadHistory, samplesOf } from './load-history.ts';
import type { Ask, Sample } from './load-history.ts';
import type { LoadSeries } from './load-series.ts';

export type { Placed } from './fleet-order.ts';

/** What showing the fleet may take of the time, and the shortest and longest from one to the next for that (ms). */
const SHARE = 0.25;
const SHORTEST = 40;
const LONGEST = 80;
/** What `history` covers. */
const HALF_HOUR = 1_800_000;

export class FleetView {
  #fleet = $state.raw<Fleet>({ hosts: emptyMap() });
  /** Counts the changes of load series. */
  #loads = $state(0);
  #waiting: Fleet | null = null;
  #shownAt = 0;
  /** How long the last one took to show, ms. */
  #took = 0;
  readonly #order = new FleetOrder();
  readonly #history: LoadHistory;

  /** Sorted by site, then name: the order of every list. */
  readonly hosts: readonly Host[] = $derived.by(() => this.#ordered().hosts);
  readonly vms: readonly Placed[] = $derived.by(() => this.#ordered().vms);
  readonly sites: readonly string[] = $derived.by(() => this.#ordered().sites);

  constructor(ask: Ask = () => Promise.resolve(null)) {
    this.#history = new LoadHistory(ask, () => this.#loads++);
  }

  /** Shows `fleet` at the next frame; of several before that, the last. */
  show(fleet: Fleet): void {
    const first = this.#waiting === null;
    this.#waiting = fleet;
    if (!first) return;
    const rest = Math.min(LONGEST, Math.max(SHORTEST, this.#took / SHARE));
    const wait = this.#shownAt + rest - performance.now();
    if (wait > 16) setTimeout(() => requestAnimationFrame(this.#take), wait - 16);
    else requestAnimationFrame(this.#take);
  }

  host(id: string): Host | null {
    return this.#fleet.hosts.get(id as HostId) ?? null;
  }

  vm(id: string): Placed | null {
    return this.#ordered().vm(id as VmId);
  }

  /** What asks for loads is asked again when there are newer ones. */
  #heard(): number {
    return this.#loads;
  }

  /** The last `span` ms of a host, for a chart: what the host remembers and what came since. */
  hostLoad(host: HostId, span: number): LoadSeries {
    this.#heard();
    return this.#history.of(host, null, span);
  }

  /** The same of a VM, which is known to be on that host. */
  vmLoad(host: HostId, vm: VmId, span: number): LoadSeries {
    this.#heard();
    return this.#history.of(host, vm, span);
  }

  /** The same of all hosts of a site together: sums, and the mean of CPU. Asks every one of them. */
  siteLoad(site: string, span: number): LoadSeries {
    this.#heard();
    return this.#history.ofSite(
      this.hosts.filter((host) => host.site === site),
      span
    );
  }

  /** The last half hour of load of a host or VM, oldest first, without what nobody knows. */
  history(id: HostId | VmId): readonly Sample[] {
    const home = this.host(id) ?? this.vm(id)?.host ?? null;
    if (home === null) return [];
    const vm = home.id === id ? null : (id as VmId);
    return samplesOf(vm === null ? this.hostLoad(home.id, HALF_HOUR) : this.vmLoad(home.id, vm, HALF_HOUR));
  }

  #ordered(): FleetOrder {
    // Read, so that whoever asks is told of the next one.
    this.#order.update(this.#fleet);
    return this.#order;
  }

  readonly #take = (): void => {
    const fleet = this.#waiting;
    this.#waiting = null;
    if (fleet === null) return;
    const begun = performance.now();
    this.#shownAt = begun;
    this.#fleet = fleet;
    this.#history.feed(fleet);
    // What depends on the fleet is drawn in microtasks of this task; the next task comes after.
    setTimeout(() => (this.#took = performance.now() - begun));
  };
}
