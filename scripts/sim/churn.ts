// What happens in a simulated fleet by itself: VMs start, stop, pause, crash, change size, and move from host to host.
import type { VmId } from '../../src/lib/model/ids.ts';
import { mib, vcpus } from '../../src/lib/model/units.ts';
import type { SimulatedDriver } from '../../host-agent/drivers/simulated/driver.ts';
import { always, poweredOff, poweredOn } from '../../host-agent/drivers/simulated/guest.ts';
import type { Guest } from '../../host-agent/drivers/simulated/guest.ts';

const TICK = 20;

export class Churn {
  readonly #drivers: readonly SimulatedDriver[];
  readonly #random: () => number;
  readonly #timer: NodeJS.Timeout | null;

  /** @param perSecond changes, spread evenly over time and by chance over hosts */
  constructor(drivers: readonly SimulatedDriver[], perSecond: number, random: () => number) {
    this.#drivers = drivers;
    this.#random = random;
    let due = 0;
    let last = performance.now();
    const tick = (): void => {
      const now = performance.now();
      // After a stall it goes on at its pace: what was missed is not made up for in one burst.
      due = Math.min(due + ((now - last) * perSecond) / 1000, perSecond / 2 + 1);
      last = now;
      for (; due >= 1; due--) this.once();
    };
    this.#timer = perSecond === 0 ? null : setInterval(tick, TICK);
  }

  stop(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
  }

  /** One change of one VM; nothing when chance picks a host that has none. */
  once(): void {
    const from = this.#pick(this.#drivers);
    const vm = from === undefined ? undefined : this.#pick(from.behind.vms());
    if (from === undefined || vm === undefined) return;
    const dice = this.#random();
    if (dice < 0.05) this.#move(from, vm);
    else if (dice < 0.5) from.behind.change(vm, (guest) => this.#otherState(guest));
    else if (dice < 0.9) from.behind.change(vm, (guest) => this.#otherSize(guest));
    else from.behind.change(vm, (guest) => ({ ...guest, description: `Looked at ${new Date().toISOString()}` }));
  }

  #move(from: SimulatedDriver, vm: VmId): void {
    const to = this.#pick(this.#drivers);
    if (to === undefined || to === from) return;
    const moved = from.behind.take(vm);
    if (moved !== null) to.behind.put(moved);
  }

  #otherState(guest: Guest): Guest {
    const now = Date.now();
    const dice = this.#random();
    switch (guest.state) {
      case 'running':
        if (dice < 0.6) return { ...guest, state: 'paused' };
        return dice < 0.97 ? poweredOff(guest) : { ...poweredOff(guest), state: 'crashed' };
      case 'paused':
        return { ...guest, state: 'running' };
      default:
        return poweredOn(guest, now, now);
    }
  }

  #otherSize(guest: Guest): Guest {
    const { live } = guest;
    const count = vcpus(1 + Math.floor(this.#random() * guest.vcpusMax));
    const memory = mib(Math.max(256, Math.round((guest.memoryMax * (0.3 + 0.6 * this.#random())) / 256) * 256));
    const given =
      live === null ? null : { ...live, vcpus: count, memory, seenVcpus: always(count), seenMemory: always(memory) };
    return { ...guest, vcpus: count, memory, live: given };
  }

  #pick<Value>(values: readonly Value[]): Value | undefined {
    return values[Math.floor(this.#random() * values.length)];
  }
}
