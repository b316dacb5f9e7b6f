// `virsh schedinfo`: the scheduler's own figures of a domain that runs.
import { MAX_CAP, MAX_WEIGHT } from '../../../src/lib/model/cpu-share.ts';
import type { CpuShare } from '../../../src/lib/model/cpu-share.ts';
import { PERIOD, weightOf } from './cgroup.ts';
import type { Scale } from './cgroup.ts';

const figure = (text: string, name: string): number | null => {
  const match = new RegExp(`^${name}\\s*:\\s*(-?\\d{1,15})\\s*$`, 'm').exec(text);
  return match === null ? null : Number(match[1]);
};

/** Xen's credit and credit2; null for another scheduler, or a domain that does not run. */
export function readCredit(text: string): CpuShare | null {
  const [weight, cap] = [figure(text, 'weight'), figure(text, 'cap')];
  if (weight === null || weight < 1 || weight > MAX_WEIGHT) return null;
  return { weight, cap: cap === null || cap < 1 ? null : Math.min(cap, MAX_CAP) };
}

/** QEMU's `posix`; null where cgroups say nothing. */
export function readPosix(text: string, scale: Scale): CpuShare | null {
  const [shares, quota] = [figure(text, 'cpu_shares'), figure(text, 'global_quota')];
  if (shares === null || shares < 1) return null;
  const period = figure(text, 'global_period') || PERIOD;
  const cap = quota === null || quota < 1 ? null : Math.min(MAX_CAP, Math.max(1, Math.round((100 * quota) / period)));
  return { weight: weightOf(shares, scale), cap };
}
