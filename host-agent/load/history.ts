// How busy the host and each of its VMs was over the last day, in memory, at a cost that is bounded whatever the host holds.
//
// The host has one sample per 10 s. So have its VMs up to 70 of them; what the rings of all VMs may take together is 14 MiB,
// so with more VMs each sample stands for longer: 30 s up to 212 VMs, 1 min up to 424, 5 min up to 2,123, 15 min up to 6,371,
// and VMs beyond that have no history. Steps only grow while the agent runs; a restart takes the finest that fits again.
import type { VmId } from '../../src/lib/model/ids.ts';
import { millis } from '../../src/lib/model/units.ts';
import type { Args, LoadHistory as Columns } from '../../src/lib/protocol/schema.ts';
import type { Stats } from '../drivers/driver.ts';
import { KEPT, LoadRing, ringBytes } from './ring.ts';

/** Milliseconds of one sample of the host, and of VMs while they are few. */
export const FINEST = 10_000;
export const STEPS = [FINEST, 30_000, 60_000, 300_000, 900_000] as const;
const BUDGET = 14 * 2 ** 20;
/** How long the ring of a VM that is gone is kept: it may come back (a domain that is defined anew). */
const GONE_AFTER = 3_600_000;

/** VMs that may have a ring of this step each, in `budget` bytes. */
export const roomFor = (step: number, budget = BUDGET): number => Math.floor(budget / ringBytes(step));

export class LoadHistory {
  #host: LoadRing;
  #step: number;
  #vms: Map<VmId, LoadRing>;
  readonly #budget: number;

  /**
   * @param kept what `load-file` read; rings of VMs all have `step`
   * @param budget bytes that the rings of all VMs may take together
   */
  constructor(
    kept: { readonly host: LoadRing; readonly step: number; readonly vms: Map<VmId, LoadRing> } | null = null,
    budget = BUDGET
  ) {
    this.#budget = budget;
    this.#host = kept?.host ?? new LoadRing(FINEST);
    this.#step = kept?.step ?? FINEST;
    this.#vms = kept?.vms ?? new Map<VmId, LoadRing>();
  }

  get host(): LoadRing {
    return this.#host;
  }
  /** Milliseconds of one sample of a VM. */
  get step(): number {
    return this.#step;
  }
  get vms(): ReadonlyMap<VmId, LoadRing> {
    return this.#vms;
  }

  add({ host, vms }: Stats): void {
    this.#host.add(host);
    for (const load of vms) {
      let ring = this.#vms.get(load.vm);
      if (ring === undefined) {
        if (!this.#makeRoom()) continue;
        this.#vms.set(load.vm, (ring = new LoadRing(this.#step)));
      }
      ring.add(load);
    }
  }

  /** Drops what nobody will ask for: VMs that were gone for an hour, and VMs that did nothing for a day. */
  sweep(now: number, isThere: (vm: VmId) => boolean): void {
    for (const [id, ring] of this.#vms) {
      const silent = now - (ring.newest + 1) * ring.step;
      if (silent > KEPT || (silent > GONE_AFTER && !isThere(id))) this.#vms.delete(id);
    }
  }

  /**
   * What is known of `from` to `to`, as far as that lies in the last day, in at most `points` steps.
   * The steps begin at a multiple of their length, so that histories of several hosts can be laid over one another.
   */
  read({ vm, from, to, points }: Args<'load.history'>, now: number): Columns {
    const ring = vm === null ? this.#host : (this.#vms.get(vm) ?? new LoadRing(this.#step));
    const begin = Math.max(from, now - KEPT);
    const end = Math.min(to, now + ring.step);
    const span = Math.max(0, end - begin);
    let step = ring.step * Math.max(1, Math.ceil(span / points / ring.step));
    const counted = (): number => (span === 0 ? 0 : Math.ceil(end / step) - Math.floor(begin / step));
    while (counted() > points) step += ring.step;
    const start = Math.floor(Math.max(0, begin) / step) * step;
    const count = counted();
    return { vm, start: millis(start), step: millis(step), count, ...ring.read(start, step, count) };
  }

  /** True when one more VM may have a ring; all of them get coarser for it if they must. */
  #makeRoom(): boolean {
    while (this.#vms.size >= roomFor(this.#step, this.#budget)) {
      const next = STEPS.find((step) => step > this.#step);
      if (next === undefined) return false;
      this.#step = next;
      // One at a time, so that both sizes are never in memory together.
      for (const [id, ring] of this.#vms) this.#vms.set(id, ring.coarser(next));
    }
    return true;
  }
}
