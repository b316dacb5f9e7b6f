// How each host and VM is to be drawn: colour step, faint, grey. Worked out per host when the host changes, not per frame.
import type { Host, Vm } from '#lib/model/fleet.ts';
import type { HostId } from '#lib/model/ids.ts';
import { loadStep } from '../signs/load-step.ts';
import type { HostBox, MapLayout } from './boxes.ts';
import { hostShare, vmShare, type Metric } from './figures.ts';

/** A mark is a step of the load ramp or `NONE`, plus `FAINT`, plus `STALE`. */
export const NONE = 6;
export const FAINT = 8;
export const STALE = 16;
/** All marks are below. */
export const MARKS = 32;

export type Matches = (host: Host, vm: Vm | null) => boolean;
export type HostMarks = {
  readonly host: Host;
  readonly box: HostBox;
  readonly mark: number;
  /** In the order of `box.vms`. */
  readonly tiles: Uint8Array;
};
export type Marks = ReadonlyMap<HostId, HostMarks>;

function marksOf(host: Host, box: HostBox, metric: Metric, matches: Matches): HostMarks {
  const stale = host.link === 'online' ? 0 : STALE;
  const tiles = Uint8Array.from(box.vms, ({ id }) => {
    const vm = host.vms.get(id);
    if (vm === undefined) return NONE | stale;
    return (loadStep(vmShare(host, vm, metric)) ?? NONE) | (matches(host, vm) ? 0 : FAINT) | stale;
  });
  return {
    host,
    box,
    tiles,
    mark: (loadStep(hostShare(host, metric)) ?? NONE) | (matches(host, null) ? 0 : FAINT) | stale
  };
}

/** `before`: marks for the same metric and filter, of which those of unchanged hosts are taken over; null for none. */
export function markFleet(
  hosts: readonly Host[],
  layout: MapLayout,
  metric: Metric,
  matches: Matches,
  before: Marks | null
): Marks {
  const marks = new Map<HostId, HostMarks>();
  for (const host of hosts) {
    const box = layout.hosts.get(host.id);
    if (box === undefined) continue;
    const known = before?.get(host.id);
    marks.set(host.id, known?.host === host && known.box === box ? known : marksOf(host, box, metric, matches));
  }
  return marks;
}
