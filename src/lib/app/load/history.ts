// Load over time for what is being looked at: asked once of its hosts, which remember a day, then kept up with what this tab
// hears anyway. What nobody has looked at for a few minutes is let go: a fleet of 20,000 VMs costs nothing here.
import { Fault } from '#lib/model/fault.ts';
import type { Fleet, Host } from '#lib/model/fleet.ts';
import type { HostId, VmId } from '#lib/model/ids.ts';
import { millis } from '#lib/model/units.ts';
import type { Args, LoadHistory as Remembered } from '#lib/protocol/schema.ts';
import { samplesOf } from './samples.ts';
import type { Sample } from './samples.ts';
import { combined, LoadGrid, stepOf } from './series.ts';
import type { LoadSeries, Part } from './series.ts';

/** Steps of a chart, and of one of many hosts, every one of which is asked. */
const POINTS = 360;
const MANY_POINTS = 120;
const MANY = 16;
const HALF_HOUR = 1_800_000;
const UNWATCHED = 300_000;
/** A silence longer than this may have been filled at the host meanwhile: it is asked again. Clocks may differ by less. */
const SILENCE = 30_000;
/** Hosts asked at once. */
const AT_ONCE = 8;
/** ms a host costs those who look at many: those are put together less often. */
const REST = 2;

/** Null: the host does not say. @throws Fault why it cannot be asked, or refuses */
export type Ask = (host: HostId, args: Args<'load.history'>) => Promise<Remembered | null>;

/** What is looked at, by this tab's clock (ms): the last `span`, or a part of the past. */
export type Window = { readonly span: number; readonly zoom: { readonly from: number; readonly to: number } | null };

/** What a chart shows, and of whom it still knows only what this tab has heard. */
export type LoadChart = {
  /** By this tab's clock. */
  readonly series: LoadSeries;
  /** Hosts that have not answered yet. */
  readonly coming: number;
  /** Hosts that could not be asked, or refused. */
  readonly faults: ReadonlyMap<HostId, Fault>;
};

type Entry = {
  readonly host: HostId;
  readonly vm: VmId | null;
  readonly window: Window;
  readonly points: number;
  readonly grid: LoadGrid;
  told: 'coming' | 'told' | Fault;
  /** How far the host's clock is ahead, ms; 0 when by little. */
  ahead: number;
  /** The host is to be asked, and has not answered. */
  asking: boolean;
  /** Of the newest live reading, by the host's clock; and of the host itself. */
  heardAt: number | null;
  hostAt: number | null;
  readonly begunAt: number;
  lookedAt: number;
  /** Counts its changes. */
  version: number;
};
type Made = { readonly chart: LoadChart; readonly stamp: string; readonly at: number };

/** Mutable; owned by the fleet view, which feeds it every fleet it shows. */
export class LoadHistory {
  readonly #ask: Ask;
  readonly #onChanged: () => void;
  readonly #now: () => number;
  readonly #entries = new Map<string, Entry>();
  readonly #charts = new Map<string, Made>();
  readonly #queue: Entry[] = [];
  #closely: ReadonlySet<HostId> = new Set();
  #asking = 0;
  #later: ReturnType<typeof setTimeout> | null = null;

  /** @param onChanged some chart is another now. Not called from within `chart` */
  constructor(ask: Ask, onChanged: () => void, now: () => number = Date.now) {
    this.#ask = ask;
    this.#onChanged = onChanged;
    this.#now = now;
  }

  /** Hosts of which few are looked at together: every reading of them shows. Another set when it is no longer the same. */
  get closely(): ReadonlySet<HostId> {
    const now = new Set<HostId>();
    for (const { host, points } of this.#entries.values()) if (points === POINTS) now.add(host);
    if (now.size !== this.#closely.size || !now.isSubsetOf(this.#closely)) this.#closely = now;
    return this.#closely;
  }

  /**
   * Hosts together (see `combined`), or one VM of one host. The same object until something is new; of very many hosts
   * for a moment longer. Until they have answered for a closer look, it shows what is known of the whole span.
   */
  chart(hosts: readonly Host[], vm: VmId | null, window: Window): LoadChart {
    const now = this.#now();
    const points = hosts.length > MANY ? MANY_POINTS : POINTS;
    const entries = hosts.map((host) => this.#entry(host, vm, window, points));
    const key = `${hosts.map(({ id }) => id).join()} ${vm ?? ''} ${nameOf(window)}`;
    const made = this.#charts.get(key);
    const stamp = entries
      .map(({ version, told, ahead }, at) => `${version} ${told === 'coming' || awaited(told, hosts[at])} ${ahead}`)
      .join();
    if (made?.stamp === stamp) return made.chart;
    const rest = made === undefined ? 0 : made.at + (hosts.length - 1) * REST - now;
    if (made !== undefined && rest > 0) {
      this.#soon(rest);
      return made.chart;
    }
    const chart = this.#put(hosts, entries, points);
    this.#charts.set(key, { chart, stamp, at: now });
    return chart;
  }

  /** The last half hour of a host or of one VM of it, oldest first, without what nobody knows. */
  samples(host: Host, vm: VmId | null): readonly Sample[] {
    return samplesOf(this.chart([host], vm, { span: HALF_HOUR, zoom: null }).series);
  }

  /** Asks those again that could not be asked for this. */
  again(hosts: readonly Host[], vm: VmId | null, window: Window): void {
    for (const host of hosts) {
      const entry = this.#entry(host, vm, window, hosts.length > MANY ? MANY_POINTS : POINTS);
      if (entry.told instanceof Fault) this.#want(entry);
    }
    this.#onChanged();
  }

  /** Takes what is new in `fleet` for what is being looked at. */
  feed(fleet: Fleet): void {
    let changed = false;
    const now = this.#now();
    for (const [key, entry] of this.#entries) {
      if (now - entry.lookedAt > UNWATCHED) {
        this.#entries.delete(key);
        this.#charts.clear();
        continue;
      }
      const host = fleet.hosts.get(entry.host);
      if (host === undefined || !this.#hear(entry, host)) continue;
      entry.version++;
      changed = true;
    }
    if (changed) this.#onChanged();
  }

  /** @returns whether anything is new */
  #hear(entry: Entry, host: Host): boolean {
    if (host.load !== null && host.load.at !== entry.hostAt) {
      entry.hostAt = host.load.at;
      const ahead = aheadOf(host);
      if (Math.abs(ahead - entry.ahead) > SILENCE) {
        entry.ahead = ahead;
        this.#want(entry);
      }
    }
    const load = entry.vm === null ? host.load : (host.vmLoads.get(entry.vm) ?? null);
    if (load === null || load.at === entry.heardAt) return false;
    const before = entry.heardAt ?? entry.begunAt + entry.ahead;
    // That something is heard means that a link is back.
    const missed = entry.told instanceof Fault ? isAway(entry.told) : load.at - before > SILENCE;
    if (!entry.asking && missed) this.#want(entry);
    entry.heardAt = load.at;
    const { zoom } = entry.window;
    if (zoom !== null && load.at - entry.ahead >= zoom.to) return false;
    entry.grid.add(load);
    return true;
  }

  #entry(host: Host, vm: VmId | null, window: Window, points: number): Entry {
    const key = `${host.id} ${vm ?? ''} ${points} ${nameOf(window)}`;
    let entry = this.#entries.get(key);
    if (entry === undefined) {
      const step = stepOf(lengthOf(window), points);
      entry = {
        host: host.id,
        vm,
        window,
        points,
        grid: new LoadGrid(step, Math.ceil(lengthOf(window) / step) + (window.zoom === null ? 0 : 1)),
        told: 'coming',
        ahead: aheadOf(host),
        asking: true,
        heardAt: null,
        hostAt: host.load?.at ?? null,
        begunAt: this.#now(),
        lookedAt: 0,
        version: 0
      };
      this.#entries.set(key, entry);
      this.#hear(entry, host);
      this.#want(entry);
    }
    entry.lookedAt = this.#now();
    return entry;
  }

  #put(hosts: readonly Host[], entries: readonly Entry[], points: number): LoadChart {
    const parts = entries.map((entry, index): Part => {
      const { told, window, host, vm } = entry;
      const whole = this.#entries.get(`${host} ${vm ?? ''} ${points} ${nameOf({ ...window, zoom: null })}`);
      const shown = told === 'coming' && whole !== undefined ? whole : entry;
      return { grid: shown.grid, cpus: hosts[index]?.facts?.cpus ?? 1, ahead: shown.ahead };
    });
    const [only] = parts;
    const window = entries[0]?.window ?? { span: 0, zoom: null };
    const step = parts.length === 1 && only ? only.grid.step : stepOf(lengthOf(window), points);
    const most = parts.reduce((length, { grid }) => Math.max(length, grid.step * grid.points), 0);
    const said = entries.map(({ told }, index) => (awaited(told, hosts[index]) ? 'coming' : told));
    const faults = new Map(entries.flatMap(({ host }, at) => (said[at] instanceof Fault ? [[host, said[at]]] : [])));
    return {
      series: combined(parts, step, Math.ceil(most / step)),
      coming: said.filter((one) => one === 'coming').length,
      faults
    };
  }

  #soon(ms: number): void {
    if (this.#later !== null) return;
    this.#later = setTimeout(() => {
      this.#later = null;
      this.#onChanged();
    }, ms);
  }

  #want(entry: Entry): void {
    entry.asking = true;
    if (entry.told !== 'told') entry.told = 'coming';
    entry.version++;
    this.#queue.push(entry);
    this.#next();
  }

  #next(): void {
    while (this.#asking < AT_ONCE) {
      const entry = this.#queue.shift();
      if (entry === undefined) return;
      this.#asking++;
      void this.#fill(entry).finally(() => {
        this.#asking--;
        this.#next();
      });
    }
  }

  /** Never rejects: what cannot be had is not known, and why is kept. */
  async #fill(entry: Entry): Promise<void> {
    const { host, vm, window, ahead } = entry;
    const step = stepOf(lengthOf(window), entry.points);
    const now = this.#now() + ahead;
    const { from, to } = asked(window, step, now, ahead);
    const args = { vm, from: millis(from), to: millis(to), points: (to - from) / step };
    try {
      const said = await this.#ask(host, args);
      entry.told = 'told';
      if (said !== null && entry.ahead === ahead) entry.grid.remember(said, Math.min(now, to));
    } catch (thrown) {
      // It stays what this tab has heard itself.
      entry.told = Fault.from(thrown);
    } finally {
      entry.asking = false;
      entry.version++;
      this.#onChanged();
    }
  }
}

const lengthOf = ({ span, zoom }: Window): number => (zoom === null ? span : zoom.to - zoom.from);
const nameOf = ({ span, zoom }: Window): string => (zoom === null ? `${span}` : `${span} ${zoom.from} ${zoom.to}`);
const isAway = ({ code }: Fault): boolean => code === 'offline' || code === 'unanswered';

/** It could not be asked before it was linked, and is asked again with its first reading. */
const awaited = (told: Entry['told'], host: Host | undefined): boolean =>
  told instanceof Fault && isAway(told) && (host?.link === 'connecting' || host?.link === 'online');

/** How far a host's clock is ahead of this tab's, in whole steps that agents remember; what may be delay is nothing. */
function aheadOf({ link, load, heardAt }: Host): number {
  if (link !== 'online' || load === null || heardAt === null) return 0;
  const ahead = load.at - heardAt;
  return Math.abs(ahead) > SILENCE ? Math.round(ahead / 10_000) * 10_000 : 0;
}

/** Whole steps by the host's clock, which is `hostNow`. */
function asked({ span, zoom }: Window, step: number, hostNow: number, ahead: number): { from: number; to: number } {
  const to = zoom === null ? (Math.floor(hostNow / step) + 1) * step : Math.ceil((zoom.to + ahead) / step) * step;
  const from = zoom === null ? to - Math.ceil(span / step) * step : Math.floor((zoom.from + ahead) / step) * step;
  return { from: Math.max(0, from), to };
}
