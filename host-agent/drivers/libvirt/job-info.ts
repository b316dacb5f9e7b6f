// What `virsh domjobinfo --rawstats` says of a migration. Pure.
import { bytes, bytesPerSecond } from '../../../src/lib/model/units.ts';
import type { Sent } from '../control.ts';

export type JobInfo = Sent & {
  /** Disks go first, memory after them. */
  readonly stage: 'copying' | 'moving';
  /** 0 to 1 of the stage; null before there is anything to count. */
  readonly share: number | null;
};

/** Null while no job has figures. */
export function parseJob(text: string): JobInfo | null {
  const figure = (name: string): number | null => {
    const match = new RegExp(`^\\s*${name}\\s*[:=]\\s*(\\d+)\\s*$`, 'm').exec(text);
    return match === null ? null : Number(match[1]);
  };
  const memory = figure('memory_total') ?? 0;
  const [total, left] = [
    figure(memory > 0 ? 'memory_total' : 'disk_total') ?? 0,
    figure(memory > 0 ? 'memory_remaining' : 'disk_remaining') ?? 0
  ];
  if (total === 0) return null;
  const rate = figure(memory > 0 ? 'memory_bps' : 'disk_bps');
  return {
    stage: memory > 0 ? 'moving' : 'copying',
    share: Math.min(1, Math.max(0, 1 - left / total)),
    remaining: bytes(left),
    rate: rate === null ? null : bytesPerSecond(rate),
    pass: memory > 0 ? figure('memory_iteration') || null : null
  };
}
