// A VM whose name is the instant of its last change: whoever measures how long a change takes to the screen looks for it.
import type { SimulatedDriver } from '../../host-agent/drivers/simulated/driver.ts';
import type { VmId } from '../../src/lib/model/ids.ts';

export const MARK = 'mark-';

/** Renames the first VM of `driver` every `ms`. @returns its id, and what ends it; null when there is no VM */
export function mark(driver: SimulatedDriver, ms: number): { readonly vm: VmId; stop(): void } | null {
  const [vm] = driver.behind.vms();
  if (vm === undefined) return null;
  const timer = setInterval(() => {
    driver.behind.change(vm, (guest) => ({ ...guest, name: `${MARK}${Date.now()}` }));
  }, ms);
  return { vm, stop: () => clearInterval(timer) };
}
