// Load over time for what is being looked at: asked once of the host, which remembers a day, then kept up with what this tab
// hears anyway. What nobody has looked at for a few minutes is let go: a fleet of 20,000 VMs costs nothing here.
import type { Fleet, Host, HostLoad } from '#lib/model/fleet.ts';
import type { HostId, VmId } from '#lib/model/ids.ts';
import { millis, percent } from '#lib/model/units.ts';
import type { BytesPerSecond, Mib, Millis } from '#lib/model/units.ts';
import type { Args, LoadHistory as Remembered } from '#lib/protocol/schema.ts';
import { combined, LoadGrid, stepOf } from './load-series.ts';
import type { LoadSeries, Part } from './load-series.ts';

/** Steps of a chart of one host or VM, and of a whole site, which is asked of every one of its hosts. */
const POINTS = 360;
const SITE_POINTS = 120;
const UNWATCHED = 300_000;
/** A silence longer than this may have been filled at the host meanwhile: it is asked again. */
const SILENCE = 30_000;
/** Hosts asked at once. */
const AT_ONCE = 8;

/** Null: the host does not say (it is offline, it is older than this operation). */
export type Ask = (host: HostId, args: Args<'load.history'>) => Promise<Remembered | null>;

type Entry = {
  readonly host: HostId;
  readonly vm: VmId | null;
  readonly span: number;
  readonly points: number;
  grid: LoadGrid;
  /** Live readings before the host has answered: they go onto its grid. */
  live: HostLoad[] | null;
  /** Of the newest live reading. */
  heardAt: number | null;
  readonly begunAt: number;
  lookedAt: number;
  series: LoadSeries | null;
};

/** Mutable; owned by the fleet view, which feeds it every fleet it shows. */
export class LoadHistory {
  readonly #ask: Ask;
  readonly #onChanged: () => void;
  readonly #now: () => number;
  readonly #entries = new Map<string, Entry>();
  readonly #queue: Entry[] = [];
  #asking = 0;

  /** @param onChanged some series is another now. Not called from within `of` or `ofSite` */
  constructor(ask: Ask, onChanged: () => void, now: () => number = Date.now) {
    this.#ask = ask;
    this.#onChanged = onChanged;
    this.#now = now;
  }

  /** The last `span` ms of a host, or of one of its VMs. The same object until something is new. */
  of(host: HostId, vm: VmId | null, span: number): LoadSeries {
    const entry = this.#entry(host, vm, span, POINTS);
    return (entry.series ??= entry.grid.series());
  }

  /** The last `span` ms of many hosts together, see `combined`. */
  ofSite(hosts: readonly Host[], span: number): LoadSeries {
    const parts = hosts.map(({ id, facts }): Part => ({
      grid: this.#entry(id, null, span, SITE_POINTS).grid,
      cpus: facts?.cpus ?? 1
    }));
    return combined(parts, stepOf(span, SITE_POINTS), SITE_POINTS);
  }

  /** Takes what is new in `fleet` for what is being looked at. */
  feed(fleet: Fleet): void {
    let changed = false;
    const now = this.#now();
    for (const [key, entry] of this.#entries) {
      if (now - entry.lookedAt > UNWATCHED) {
        this.#entries.delete(key);
        continue;
      }
      const host = fleet.hosts.get(entry.host);
      const load = entry.vm === null ? (host?.load ?? null) : (host?.vmLoads.get(entry.vm) ?? null);
      if (load === null || load.at === entry.heardAt) continue;
      if (entry.live === null && load.at - (entry.heardAt ?? entry.begunAt) > SILENCE) this.#want(entry);
      entry.heardAt = load.at;
      entry.live?.push(load);
      entry.grid.add(load);
      entry.series = null;
      changed = true;
    }
    if (changed) this.#onChanged();
  }

  #entry(host: HostId, vm: VmId | null, span: number, points: number): Entry {
    const key = `${host} ${vm ?? ''} ${span} ${points}`;
    let entry = this.#entries.get(key);
    if (entry === undefined) {
      const grid = new LoadGrid(stepOf(span, points), points);
      entry = {
        host,
        vm,
        span,
        points,
        grid,
        live: [],
        heardAt: null,
        begunAt: this.#now(),
        lookedAt: 0,
        series: null
      };
      this.#entries.set(key, entry);
      this.#want(entry);
    }
    entry.lookedAt = this.#now();
    return entry;
  }

  #want(entry: Entry): void {
    entry.live ??= [];
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

  /** Never rejects: what cannot be had is not known. */
  async #fill(entry: Entry): Promise<void> {
    const { host, vm, span, points } = entry;
    const step = stepOf(span, points);
    const to = (Math.floor(this.#now() / step) + 1) * step;
    const args = { vm, from: millis(Math.max(0, to - step * points)), to: millis(to), points };
    try {
      const said = await this.#ask(host, args);
      if (said === null) return;
      // A host with very many VMs remembers them in larger steps.
      const grid = said.step === entry.grid.step ? entry.grid : new LoadGrid(said.step, Math.ceil(span / said.step));
      grid.remember(said);
      if (grid !== entry.grid) for (const load of entry.live ?? []) grid.add(load);
      entry.grid = grid;
      entry.series = null;
      this.#onChanged();
    } catch {
      // It stays what this tab has heard itself.
    } finally {
      entry.live = null;
    }
  }
}

export type Sample = HostLoad;
/** A young chart is empty on the left, instead of two samples drawn as wide as the whole. */
const FEWEST = 60;
/** A gap longer than this is drawn as one, if steps are not longer themselves. */
export const GAP = 15_000 as Millis;

/** The steps of which anything is known. */
export const samplesOf = (series: LoadSeries): readonly Sample[] =>
  Array.from(series.at).flatMap((at, index): Sample[] => {
    const sample: Sample = {
      at: at as Millis,
      cpu: ((value) => (value === null ? null : percent(value)))(series.cpu[index] ?? null),
      memoryUsed: (series.memoryUsed[index] ?? null) as Mib | null,
      diskRead: (series.diskRead[index] ?? null) as BytesPerSecond | null,
      diskWrite: (series.diskWrite[index] ?? null) as BytesPerSecond | null,
      netReceive: (series.netReceive[index] ?? null) as BytesPerSecond | null,
      netTransmit: (series.netTransmit[index] ?? null) as BytesPerSecond | null
    };
    return Object.entries(sample).some(([name, value]) => name !== 'at' && value !== null) ? [sample] : [];
  });

/**
 * One figure for a sparkline: `FEWEST` to about `points` values (each the mean of its span), with a null where nothing is known
 * for longer than `GAP` (or than the samples are apart).
 */
export function series(
  samples: readonly Sample[],
  figure: (sample: Sample) => number | null,
  points = 120
): readonly (number | null)[] {
  const values: (number | null)[] = [];
  const span = Math.max(1, Math.ceil(samples.length / points));
  const apart = samples
    .slice(1)
    .reduce((least, { at }, index) => Math.min(least, at - (samples[index]?.at ?? 0)), Infinity);
  const gap = Math.max(GAP, Number.isFinite(apart) ? apart : 0);
  for (let from = 0; from < samples.length; from += span) {
    const first = samples[from];
    const before = samples[from - 1];
    if (first && before && first.at - before.at > gap) values.push(null);
    const known = samples.slice(from, from + span).flatMap((sample) => figure(sample) ?? []);
    values.push(known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0) / known.length);
  }
  return [...Array<null>(Math.max(0, FEWEST - values.length)).fill(null), ...values];
}
