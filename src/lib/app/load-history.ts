// The last half hour of load, as this tab saw it: one ring of samples per host and per VM. Nothing is asked of a host for it.
import type { Fleet, HostLoad, VmLoad } from '#lib/model/fleet.ts';
import type { HostId, VmId } from '#lib/model/ids.ts';
import type { Millis } from '#lib/model/units.ts';

export type Sample = Omit<HostLoad, never>;
/** Samples come every two seconds: half an hour. */
const KEPT = 900;
/** A young chart is empty on the left, instead of two samples drawn as wide as the whole. */
const FEWEST = 60;
/** A gap longer than this is drawn as one. */
export const GAP = 15_000 as Millis;

/** Mutable; owned by the fleet view, which feeds it every fleet it shows. */
export class LoadHistory {
  readonly #rings = new Map<HostId | VmId, Sample[]>();

  /** Takes what is new in `fleet`; a VM that is gone, or no longer loads anything, keeps its ring until it is full of age. */
  feed(fleet: Fleet): void {
    for (const host of fleet.hosts.values()) {
      if (host.load !== null) this.#push(host.id, host.load);
      for (const load of host.vmLoads.values()) this.#push(load.vm, load);
    }
  }

  /** Oldest first. A new array each time. */
  of(id: HostId | VmId): readonly Sample[] {
    return [...(this.#rings.get(id) ?? [])];
  }

  #push(id: HostId | VmId, sample: HostLoad | VmLoad): void {
    const ring = this.#rings.get(id) ?? [];
    if (ring.at(-1)?.at === sample.at) return;
    ring.push(sample);
    if (ring.length > KEPT) ring.splice(0, ring.length - KEPT);
    this.#rings.set(id, ring);
  }
}

/**
 * One figure of a ring for a sparkline: `FEWEST` to about `points` values (each the mean of its span), with a null where the tab
 * heard nothing for longer than `GAP`.
 */
export function series(
  samples: readonly Sample[],
  figure: (sample: Sample) => number | null,
  points = 120
): readonly (number | null)[] {
  const values: (number | null)[] = [];
  const span = Math.max(1, Math.ceil(samples.length / points));
  for (let from = 0; from < samples.length; from += span) {
    const first = samples[from];
    const before = samples[from - 1];
    if (first && before && first.at - before.at > GAP) values.push(null);
    const known = samples.slice(from, from + span).flatMap((sample) => figure(sample) ?? []);
    values.push(known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0) / known.length);
  }
  return [...Array<null>(Math.max(0, FEWEST - values.length)).fill(null), ...values];
}
