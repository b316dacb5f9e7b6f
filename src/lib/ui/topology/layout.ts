// Where everything lies on the map, by d3-hierarchy: sites divide the plane by their number of hosts, hosts divide a site
// evenly, and in a host the area of a VM grows with the square root of its memory, on one scale for the whole map.
import { hierarchy, treemap, treemapBinary, treemapSquarify } from 'd3';
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
      else (node.depth === 0 ? treemapBinary : treemapSquarify.ratio(1.4))(node, x0, y0, x1, y1);
    })
    .paddingOuter(GAP)
    .paddingInner(GAP)
    .paddingTop((node) => (node.depth === 1 ? SITE_HEAD : GAP))(
    hierarchy<Node>(tree).sum((node) => (node.kind === 'host' ? 1 : 0))
  );
  // One scale for all hosts: the fullest decides how much area a weight gets; at least six small VMs are thought of.
  const weights = hosts.map((host) => host.vms.reduce((sum, vm) => sum + weight(vm), 0));
  const typical = Math.max(1, median(hosts.flatMap((host) => host.vms.map(weight))));
  const scale = Math.max(...weights, typical * 6);
  return {
    width,
    height: rootHeight,
    sites: (root.children ?? []).map((site) => ({
      ...box(site),
      site: site.data.name,
      hosts: (site.children ?? []).flatMap((node) => {
        const host = byId.get(node.data.name);
        return host ? [{ ...box(node), id: host.id, vms: layoutVms(host, box(node), scale) }] : [];
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

type Leaf = { readonly id: VmId | null; readonly weight: number; readonly children: readonly Leaf[] };

/** The VMs of a host, largest first; what the scale leaves over stays empty, at the end. */
function layoutVms(host: MapHost, area: Box, scale: number): VmBox[] {
  const inner = {
    x: area.x + GAP,
    y: area.y + HOST_HEAD,
    width: area.width - 2 * GAP,
    height: area.height - HOST_HEAD - GAP
  };
  if (inner.width < 4 || inner.height < 4 || host.vms.length === 0) return [];
  const leaves: Leaf[] = host.vms.map((vm) => ({ id: vm.id, weight: weight(vm), children: [] }));
  leaves.sort((a, b) => b.weight - a.weight);
  const used = leaves.reduce((sum, leaf) => sum + leaf.weight, 0);
  if (scale > used) leaves.push({ id: null, weight: scale - used, children: [] });
  const root = treemap<Leaf>()
    .size([inner.width, inner.height])
    .round(true)
    .paddingInner(5)
    .tile(treemapSquarify.ratio(1))(
    hierarchy<Leaf>({ id: null, weight: 0, children: leaves }).sum((leaf) => leaf.weight)
  );
  return (root.children ?? []).flatMap((node) =>
    node.data.id === null
      ? []
      : [
          {
            id: node.data.id,
            x: inner.x + node.x0,
            y: inner.y + node.y0,
            width: node.x1 - node.x0,
            height: node.y1 - node.y0
          }
        ]
  );
}

/** `text` cut to about `width` pixels at `size` px, with an ellipsis; empty when not even three letters fit. */
export function fitText(text: string, width: number, size = 12): string {
  const letters = Math.floor(width / (size * 0.58));
  if (letters < 3) return '';
  const points = [...text];
  return points.length <= letters ? text : `${points.slice(0, letters - 1).join('')}…`;
}
