// The fleet as the tab shows it: the client's immutable fleet, taken over at an animation frame: the first change at
// once, then at most 20 times a second, less often when showing it takes long. A busy fleet leaves the page its time, and hosts
// that are being linked to leave it to the linking: what they have is shown as soon as the last has answered.
import type { Fleet, Host } from '#lib/model/fleet.ts';
import type { HostId, VmId } from '#lib/model/ids.ts';
import { FleetOrder } from './order.ts';
import type { Placed } from './order.ts';
import { emptyMap } from '../immutable-map.ts';
import type { LoadChart, LoadHistory, Window } from '../load/history.ts';
import type { Sample } from '../load/samples.ts';

export type { Placed } from './order.ts';

/** The shortest from one showing of the fleet to the next (ms). */
const SHORTEST = 50;
/** What showing the fleet may take of the time, and the longest from one to the next for that (ms). */
const USUALLY = { share: 0.25, longest: 250 };
const WHILE_LINKING = { share: 0.1, longest: 500 };
/** A tab that nobody sees gets no frames, and what runs in it (plans, the rebalance loop) is to know the fleet as it is all the same (ms). */
const UNSEEN = 1_000;
/** What charts cover at least: of shorter spans they show a part. */
const HOUR = 3_600_000;

export class FleetView {
  #fleet = $state.raw<Fleet>({ hosts: emptyMap() });
  /** Counts the changes of load series. */
  #loads = $state(0);
  #history = $state.raw<LoadHistory | null>(null);
  #waiting: Fleet | null = null;
  /** Some host was being linked to when the fleet was last given. */
  #linking = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
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

  /** Shows `fleet` with what is drawn next. */
  begin(fleet: Fleet): void {
    this.#linking = isLinking(fleet);
    this.#waiting = fleet;
    this.#take();
  }

  /** Shows `fleet` at a frame soon; of several before that, the last. */
  show(fleet: Fleet): void {
    const first = this.#waiting === null;
    const linking = isLinking(fleet);
    const linked = this.#linking && !linking;
    this.#waiting = fleet;
    this.#linking = linking;
    if (!first && !linked) return;
    const { share, longest } = linking ? WHILE_LINKING : USUALLY;
    const rest = Math.min(longest, Math.max(SHORTEST, this.#took / share));
    const wait = linked ? 0 : this.#shownAt + rest - performance.now();
    clearTimeout(this.#timer);
    if (wait > 16) this.#timer = setTimeout(() => this.#atFrame(), wait - 16);
    else this.#atFrame();
  }

  #atFrame(): void {
    requestAnimationFrame(this.#take);
    this.#timer = setTimeout(this.#take, UNSEEN);
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
    clearTimeout(this.#timer);
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

/** Some host has not answered for the first time, or since the operator tried it again. */
function isLinking({ hosts }: Fleet): boolean {
  for (const { link } of hosts.values()) if (link === 'connecting') return true;
  return false;
}
