// Where everything lies on the map, by d3-hierarchy: sites divide the plane by their number of hosts, hosts stand in a grid
// of equal cells, and VMs stand on shelves in their host, their area growing with the square root of their memory.
import { hierarchy, treemap, treemapBinary } from 'd3';
import type { HierarchyRectangularNode } from 'd3';
import type { HostId, VmId } from '#lib/model/ids.ts';

export type MapVm = { readonly id: VmId; readonly memory: number };
export type MapHost = { readonly id: HostId; readonly site: string; readonly vms: readonly MapVm[] };
export type Box = { readonly x: number; readonly y: number; readonly width: number; readonly height: number };
export type VmBox = Box & { readonly id: VmId };
export type HostBox = Box & { readonly id: HostId; readonly vms: readonly VmBox[] };
export type SiteBox = Box & { readonly site: string; readonly hosts: readonly HostBox[] };
export type MapLayout = { readonly width: number; readonly height: number; readonly sites: readonly SiteBox[] };

const SITE_HEAD = 30;
const HOST_HEAD = 46;
const GAP = 10;
const TILE_GAP = 5;
/** Width to height of a host and of a typical VM, as near as can be. */
const HOST_SHAPE = 1.9;
const VM_SHAPE = 1.25;
/** Narrower than this, sites are stacked and the map grows downwards. */
export const NARROW = 560;
const NARROW_HOST_HEIGHT = 150;

type Node = { readonly kind: 'root' | 'site' | 'host'; readonly name: string; readonly children: readonly Node[] };

const box = (node: HierarchyRectangularNode<Node>): Box => ({
  x: node.x0,
  y: node.y0,
  width: Math.max(0, node.x1 - node.x0),
  height: Math.max(0, node.y1 - node.y0)
});

/** `hosts` in the order they are to be read. `height` is what there is; a narrow map is as high as it needs. */
export function layoutMap(hosts: readonly MapHost[], width: number, height: number): MapLayout {
  if (hosts.length === 0 || width < 1) return { width, height, sites: [] };
  const byId = new Map<string, MapHost>(hosts.map((host) => [host.id, host]));
  const sites = [...new Set(hosts.map((host) => host.site))];
  const narrow = width < NARROW;
  const rootHeight = narrow ? sites.length * (SITE_HEAD + GAP) + hosts.length * (NARROW_HOST_HEIGHT + GAP) : height;
  const tree: Node = {
    kind: 'root',
    name: '',
    children: sites.map((site) => ({
      kind: 'site',
      name: site,
      children: hosts
        .filter((host) => host.site === site)
        .map((host) => ({ kind: 'host', name: host.id, children: [] }))
    }))
  };
  const root = treemap<Node>()
    .size([width, rootHeight])
    .round(true)
    .tile((node, x0, y0, x1, y1) => {
      if (narrow) stack(node, x0, y0, x1, y1);
      else if (node.depth === 0) treemapBinary(node, x0, y0, x1, y1);
      else grid(node, x0, y0, x1, y1);
    })
    .paddingOuter(GAP)
    .paddingInner(GAP)
    .paddingTop((node) => (node.depth === 1 ? SITE_HEAD : GAP))(
    hierarchy<Node>(tree).sum((node) => (node.kind === 'host' ? 1 : 0))
  );
  // One scale for all hosts, so that equal VMs look alike; only a host far fuller than most has a denser one of its own.
  const weights = hosts.map((host) => host.vms.reduce((sum, vm) => sum + weight(vm), 0));
  const typical = Math.max(1, median(hosts.flatMap((host) => host.vms.map(weight))));
  const scale = Math.max(Math.min(Math.max(...weights), median(weights) * 2.5), typical * 6);
  return {
    width,
    height: rootHeight,
    sites: (root.children ?? []).map((site) => ({
      ...box(site),
      site: site.data.name,
      hosts: (site.children ?? []).flatMap((node) => {
        const host = byId.get(node.data.name);
        return host ? [{ ...box(node), id: host.id, vms: layoutVms(host, box(node), scale, typical) }] : [];
      })
    }))
  };
}

const weight = (vm: MapVm): number => Math.sqrt(Math.max(1, vm.memory));

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}

/** One child under the other, in proportion to what they hold, each with room for the heads inside. */
function stack(node: HierarchyRectangularNode<Node>, x0: number, y0: number, x1: number, y1: number): void {
  const children = node.children ?? [];
  const room = (child: HierarchyRectangularNode<Node>): number =>
    child.depth === 1 ? SITE_HEAD + GAP + (child.value ?? 0) * (NARROW_HOST_HEIGHT + GAP) : NARROW_HOST_HEIGHT + GAP;
  const total = children.reduce((sum, child) => sum + room(child), 0);
  let y = y0;
  for (const child of children) {
    const next = y + ((y1 - y0) * room(child)) / total;
    Object.assign(child, { x0, x1, y0: y, y1: next });
    y = next;
  }
}

/** Equal cells in rows; the last row may stay short, so that hosts are equally large everywhere. */
function grid(node: HierarchyRectangularNode<Node>, x0: number, y0: number, x1: number, y1: number): void {
  const children = node.children ?? [];
  const columns = bestCount(children.length, (n) => {
    const rows = Math.ceil(children.length / n);
    return (x1 - x0) / n / ((y1 - y0) / rows) / HOST_SHAPE;
  });
  const [width, height] = [(x1 - x0) / columns, (y1 - y0) / Math.ceil(children.length / columns)];
  children.forEach((child, at) => {
    const [left, top] = [x0 + (at % columns) * width, y0 + Math.floor(at / columns) * height];
    Object.assign(child, { x0: left, x1: left + width, y0: top, y1: top + height });
  });
}

/** Of 1..`max`, the count whose `misfit` (1: perfect) is nearest to 1 as a ratio. */
function bestCount(max: number, misfit: (n: number) => number): number {
  let best = 1;
  for (let n = 2; n <= max; n++) if (Math.abs(Math.log(misfit(n))) < Math.abs(Math.log(misfit(best)))) best = n;
  return best;
}

/**
 * The VMs of a host on shelves of equal height, largest first, each on the first shelf with room. All shelves together
 * hold the weight `scale`, so that equal VMs look alike on every host; what is not used stays empty.
 */
function layoutVms(host: MapHost, area: Box, scale: number, typical: number): VmBox[] {
  const inner = {
    x: area.x + GAP,
    y: area.y + HOST_HEAD,
    width: area.width - 2 * GAP,
    height: area.height - HOST_HEAD - GAP
  };
  if (inner.width < 4 || inner.height < 4 || host.vms.length === 0) return [];
  const vms = host.vms.map((vm) => ({ id: vm.id, weight: weight(vm) })).sort((a, b) => b.weight - a.weight);
  const own = vms.reduce((sum, vm) => sum + vm.weight, 0);
  // Shelves do not fill up quite: give them more room in small steps until everything stands.
  for (let room = Math.max(scale, own); ; room *= 1.08) {
    const shelves = bestCount(64, (n) => (inner.width * typical * n) / room / (inner.height / n) / VM_SHAPE);
    const perPixel = room / shelves / inner.width;
    const used = Array.from({ length: shelves }, () => 0);
    const height = inner.height / shelves;
    const boxes: VmBox[] = [];
    for (const vm of vms) {
      const width = vm.weight / perPixel;
      const shelf = used.findIndex((filled) => filled + width <= inner.width + 0.01);
      if (shelf < 0) break;
      boxes.push({
        id: vm.id,
        x: Math.round(inner.x + (used[shelf] ?? 0)),
        y: Math.round(inner.y + shelf * height),
        width: Math.max(1, Math.floor(width - TILE_GAP)),
        height: Math.max(1, Math.floor(height - TILE_GAP))
      });
      used[shelf] = (used[shelf] ?? 0) + width;
    }
    if (boxes.length === vms.length) return boxes;
  }
}

/** `text` cut to about `width` pixels at `size` px, with an ellipsis; empty when not even three letters fit. */
export function fitText(text: string, width: number, size = 12): string {
  const letters = Math.floor(width / (size * 0.58));
  if (letters < 3) return '';
  const points = Array.from(text);
  return points.length <= letters ? text : `${points.slice(0, letters - 1).join('')}…`;
}
