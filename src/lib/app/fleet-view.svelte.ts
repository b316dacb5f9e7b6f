// The fleet as the tab shows it: the client's immutable fleet, taken over at an animation frame: the first change at
// once, then at most 20 times a second, less often when showing it takes long. A busy fleet leaves the page its time.
import type { Fleet, Host } from '#lib/model/fleet.ts';
import type { HostId, VmId } from '#lib/model/ids.ts';
import { FleetOrder } from './fleet-order.ts';
import type { Placed } from './fleet-order.ts';
import { emptyMap } from './immutable-map.ts';
import type { LoadChart, LoadHistory, Window } from './load-history.ts';
import type { Sample } from './load-samples.ts';

export type { Placed } from './fleet-order.ts';

/** What showing the fleet may take of the time, and the shortest and longest from one to the next for that (ms). */
const SHARE = 0.25;
const SHORTEST = 50;
const LONGEST = 250;
/** What charts cover at least: of shorter spans they show a part. */
const HOUR = 3_600_000;

export class FleetView {
  #fleet = $state.raw<Fleet>({ hosts: emptyMap() });
  /** Counts the changes of load series. */
  #loads = $state(0);
  #history = $state.raw<LoadHistory | null>(null);
  #waiting: Fleet | null = null;
  #shownAt = 0;
  /** How long the last one took to show, ms. */
  #took = 0;
  readonly #order = new FleetOrder();
  readonly #lookAt: (hosts: ReadonlySet<HostId>) => void;

  /** Sorted by site, then name: the order of every list. */
  readonly hosts: readonly Host[] = $derived.by(() => this.#ordered().hosts);
  readonly vms: readonly Placed[] = $derived.by(() => this.#ordered().vms);
  readonly vmCount: number = $derived.by(() => this.#ordered().size);
  readonly sites: readonly string[] = $derived.by(() => this.#ordered().sites);

  /** @param lookAt told, with every fleet shown, whose loads are looked at closely */
  constructor(lookAt: (hosts: ReadonlySet<HostId>) => void) {
    this.#lookAt = lookAt;
  }

  /** Before it is given no load over time is known. @param make is told what to call when a series changed */
  remember(make: (onChanged: () => void) => LoadHistory): void {
    this.#history = make(() => this.#loads++);
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

  /** All of it, as it is shown. */
  get whole(): Fleet {
    return this.#fleet;
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

  /** Load of hosts together, or of one VM of one host: what they remember, asked of each, and what came since; null: not yet. */
  chart(hosts: readonly Host[], vm: VmId | null, { span, zoom }: Window): LoadChart | null {
    this.#heard();
    return this.#history?.chart(hosts, vm, { span: Math.max(HOUR, span), zoom }) ?? null;
  }

  /** Asks those hosts again that could not be asked for that chart. */
  askAgain(hosts: readonly Host[], vm: VmId | null, { span, zoom }: Window): void {
    this.#history?.again(hosts, vm, { span: Math.max(HOUR, span), zoom });
  }

  /** The last half hour of load of a host or VM, oldest first, without what nobody knows. */
  history(id: HostId | VmId): readonly Sample[] {
    const home = this.host(id) ?? this.vm(id)?.host ?? null;
    if (home === null) return [];
    this.#heard();
    const vm = home.id === id ? null : (id as VmId);
    return this.#history?.samples(home, vm) ?? [];
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
    this.#history?.feed(fleet);
    if (this.#history !== null) this.#lookAt(this.#history.closely);
    // What depends on the fleet is drawn in microtasks of this task; the next task comes after.
    setTimeout(() => (this.#took = performance.now() - begun));
  };
}
