// The VMs of one host on shelves of equal height, largest first: tiles as wide as the root of their memory. What the host
// has left stays empty.
import type { VmId } from '#lib/model/ids.ts';
import type { Box, VmBox } from './boxes.ts';

/** `memory` in MiB. */
export type MapVm = { readonly id: VmId; readonly memory: number };

const TILE_GAP = 5;
/** Width to height of a usual VM, as near as can be. */
const VM_SHAPE = 1.25;

export const weightOf = (memory: number): number => Math.sqrt(Math.max(1, memory));

/**
 * `room` is the weight all shelves hold together; when the VMs do not fit in it, they stand closer. `typical`: the
 * weight of a usual VM of the fleet, which gets the best shape; no VM counts as more than some of those.
 */
export function shelve(all: readonly MapVm[], area: Box, room: number, typical: number): VmBox[] {
  if (area.width < 1 || area.height < 1 || all.length === 0) return [];
  const vms = all
    .map(({ id, memory }) => ({ id, weight: Math.min(typical * 4, Math.max(typical / 3, weightOf(memory))) }))
    .sort((a, b) => b.weight - a.weight);
  const own = vms.reduce((sum, vm) => sum + vm.weight, 0);
  // Shelves do not fill up quite: give them more room in small steps until everything stands.
  for (let holds = Math.max(room, own); ; holds *= 1.06) {
    const shelves = Math.max(1, Math.round(Math.sqrt((area.height * holds * VM_SHAPE) / (area.width * typical))));
    const boxes = stand(vms, area, shelves, (area.width * shelves) / holds);
    if (boxes !== null) return boxes;
  }
}

/** Each VM on the first shelf with room; null when one finds none. `unit` is the width of one weight. */
function stand(
  vms: readonly { readonly id: VmId; readonly weight: number }[],
  area: Box,
  shelves: number,
  unit: number
): VmBox[] | null {
  const height = area.height / shelves;
  // Where tiles are small, so are the gaps between them.
  const gap = Math.min(TILE_GAP, height * 0.15);
  const used = Array.from({ length: shelves }, () => 0);
  const boxes: VmBox[] = [];
  for (const { id, weight } of vms) {
    const width = weight * unit;
    const shelf = used.findIndex((filled) => filled + width <= area.width + 0.01);
    if (shelf < 0) return null;
    const filled = used[shelf] ?? 0;
    used[shelf] = filled + width;
    boxes.push({
      id,
      x: area.x + filled,
      y: area.y + shelf * height,
      width: width - Math.min(gap, width * 0.15),
      height: height - gap
    });
  }
  return boxes;
}
