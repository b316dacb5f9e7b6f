// Weights and caps as a QEMU host's cgroups measure them. libvirt hands its numbers on as they are, so the two versions of cgroups
// differ: cpu.shares 2 to 262,144 with 1,024 as ordinary, cpu.weight 1 to 10,000 with 100 (https://docs.kernel.org/admin-guide/cgroup-v2.html).
import { existsSync, readFileSync } from 'node:fs';
import { MAX_WEIGHT, ORDINARY } from '../../../src/lib/model/cpu-share.ts';

export type Scale = {
  /** What has weight 256. */
  readonly ordinary: number;
  readonly least: number;
  readonly most: number;
};
export const SHARES: Scale = { ordinary: 1024, least: 2, most: 262_144 };
export const WEIGHT: Scale = { ordinary: 100, least: 1, most: 10_000 };

/** Microseconds in which a quota is counted. */
export const PERIOD = 100_000;

const clamp = (value: number, least: number, most: number): number =>
  Math.min(most, Math.max(least, Math.round(value)));

/** The nearest there is. */
export const sharesOf = (weight: number, { ordinary, least, most }: Scale): number =>
  clamp((weight * ordinary) / ORDINARY.weight, least, most);
export const weightOf = (shares: number, { ordinary }: Scale): number =>
  clamp((shares * ORDINARY.weight) / ordinary, 1, MAX_WEIGHT);

/** Of the machine the agent runs on; null: its cgroups do not divide CPUs. @param root where cgroups are mounted */
export function scaleHere(root = '/sys/fs/cgroup'): Scale | null {
  const controllers = `${root}/cgroup.controllers`;
  if (existsSync(controllers)) {
    return /(?:^| )cpu(?: |$)/m.test(readFileSync(controllers, 'utf8')) ? WEIGHT : null;
  }
  return existsSync(`${root}/cpu/cpu.shares`) || existsSync(`${root}/cpu,cpuacct/cpu.shares`) ? SHARES : null;
}
