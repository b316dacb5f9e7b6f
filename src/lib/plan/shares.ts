// What VMs get of the CPUs of their hosts, as columns have it: what a plan makes of it, and what a cap keeps from a VM.
import {
  CPU,
  SHARE_CAP,
  SHARE_LEAST,
  SHARE_WANTED,
  SHARE_WEIGHT,
  SHARE_WIDTH,
  VCPUS,
  VM_RUNNING,
  WIDTH
} from '../plugin/columns.ts';
import type { Columns } from '../plugin/columns.ts';
import type { Share } from '../plugin/scheduler.ts';

/** Milli-CPUs in a percent of one CPU. */
export const MILLI_OF_PERCENT = 10;
/** Percent of one CPU that a vCPU can use, and milli-CPUs. */
export const PERCENT = 100;
const MILLI = 1_000;

/** Whether a plan may change its share, on a host that can. */
export const yields = ({ share, vmFlags }: Columns, vm: number): boolean =>
  share[vm * SHARE_WIDTH + SHARE_LEAST]! > 0 && (vmFlags[vm]! & VM_RUNNING) !== 0;

/** Milli-CPUs that a VM which yields is to be expected to use. @param cap percent of one CPU; 0: none */
export function expectedWith({ share }: Columns, vm: number, cap: number): number {
  const wanted = share[vm * SHARE_WIDTH + SHARE_WANTED]!;
  return cap === 0 ? wanted : Math.min(wanted, cap * MILLI_OF_PERCENT);
}

/** Milli-CPUs that its vCPUs could use and a cap keeps from it. @param cap percent of one CPU; 0: none */
export const withheld = ({ demand }: Columns, vm: number, cap: number): number =>
  cap === 0 ? 0 : Math.max(0, demand[vm * WIDTH + VCPUS]! * MILLI - cap * MILLI_OF_PERCENT);

/** The columns as they are once VMs have these shares. */
export function withShares(columns: Columns, shares: readonly Share[]): Columns {
  if (shares.length === 0) return columns;
  const [demand, share] = [columns.demand.slice(), columns.share.slice()];
  for (const { vm, weight, cap } of shares) {
    share[vm * SHARE_WIDTH + SHARE_WEIGHT] = weight;
    share[vm * SHARE_WIDTH + SHARE_CAP] = cap ?? 0;
    demand[vm * WIDTH + CPU] = expectedWith(columns, vm, cap ?? 0);
  }
  return { ...columns, demand, share };
}
