// What load is to be expected of each VM: an average that forgets, and a peak that fades, of what hosts report. One sample says
// little: a plan made on a passing burst would be undone by the next.
import type { Fleet, VmLoad } from '../../model/fleet.ts';
import type { VmId } from '../../model/ids.ts';

/** CPU in per cent of the VM's vCPUs; disk and network in bytes/s, both ways together. Null: never reported. */
export type Expected = { readonly cpu: number | null; readonly disk: number | null; readonly net: number | null };

const FIGURES = 3;
/** Ms after which a sample counts half: ten minutes for the average (a plan should outlast a burst), an hour for the peak. */
const AVERAGE_HALF = 600_000;
const PEAK_HALF = 3_600_000;
/** What of the way from average to peak is expected. Half: peaks of different VMs seldom meet. */
const PEAK_SHARE = 0.5;

type Memory = { at: number; readonly average: number[]; readonly peak: number[] };

/** Exponentially weighted moving averages (Roberts 1959). Fed with fleets, in the order in which they were seen. */
export class ExpectedLoad {
  readonly #memories = new Map<VmId, Memory>();
  /** As they were observed last. */
  #hosts: Fleet['hosts'] = new Map();

  /** Takes in every load that is newer than what is known; forgets VMs that are gone. @returns of which VMs something else is expected now */
  observe({ hosts }: Fleet): readonly VmId[] {
    const others: VmId[] = [];
    let loads = 0;
    for (const [host, { vmLoads }] of hosts) {
      loads += vmLoads.size;
      if (this.#hosts.get(host)?.vmLoads === vmLoads) continue;
      for (const [id, load] of vmLoads) if (this.#take(id, load)) others.push(id);
    }
    this.#hosts = hosts;
    if (this.#memories.size > loads) this.#forget(hosts, others);
    return others;
  }

  of(vm: VmId): Expected | null {
    const memory = this.#memories.get(vm);
    if (memory === undefined) return null;
    const [cpu = null, disk = null, net = null] = memory.average.map((average, figure) =>
      Number.isNaN(average) ? null : average + PEAK_SHARE * Math.max(0, memory.peak[figure]! - average)
    );
    return { cpu, disk, net };
  }

  #forget(hosts: Fleet['hosts'], forgotten: VmId[]): void {
    const seen = new Set([...hosts.values()].flatMap(({ vmLoads }) => [...vmLoads.keys()]));
    for (const id of this.#memories.keys()) {
      if (seen.has(id)) continue;
      this.#memories.delete(id);
      forgotten.push(id);
    }
  }

  /** @returns false when it is no news */
  #take(id: VmId, load: VmLoad): boolean {
    const known = this.#memories.get(id);
    if (known !== undefined && load.at <= known.at) return false;
    const memory = known ?? {
      at: load.at,
      average: Array<number>(FIGURES).fill(NaN),
      peak: Array<number>(FIGURES).fill(0)
    };
    if (known === undefined) this.#memories.set(id, memory);
    const passed = load.at - memory.at;
    memory.at = load.at;
    const figures = [load.cpu, sum(load.diskRead, load.diskWrite), sum(load.netReceive, load.netTransmit)];
    const [keep, fade] = [0.5 ** (passed / AVERAGE_HALF), 0.5 ** (passed / PEAK_HALF)];
    for (const [figure, value] of figures.entries()) {
      if (value === null) continue;
      const average = memory.average[figure]!;
      memory.average[figure] = Number.isNaN(average) ? value : keep * average + (1 - keep) * value;
      memory.peak[figure] = Math.max(value, memory.peak[figure]! * fade);
    }
    return true;
  }
}

const sum = (one: number | null, other: number | null): number | null =>
  one === null && other === null ? null : (one ?? 0) + (other ?? 0);
