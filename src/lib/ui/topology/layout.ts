// Where everything lies on the map, by d3-hierarchy: sites divide the plane, hosts stand in strips in their site, both by
// the memory of the hosts. It depends on what there is and how large that is, never on load: nothing jumps.
import { hierarchy, median, quantile, treemap, treemapBinary } from 'd3';
import type { HierarchyRectangularNode } from 'd3';
import type { HostId } from '#lib/model/ids.ts';
import type { Box, Grain, HostBox, MapLayout } from './boxes.ts';
import { shelve, weightOf, type MapVm } from './shelves.ts';

/** `memory` in MiB; null when the host was never reached. */
export type MapHost = {
  readonly id: HostId;
  readonly site: string;
  readonly memory: number | null;
  readonly vms: readonly MapVm[];
};

const SITE_HEAD = 30;
const HOST_HEAD = 46;
const GAP = 10;
/** Width to height of a host, as near as can be. */
const HOST_SHAPE = 1.9;
/** What a host and a VM should have at least, in map units squared: enough for their words at zoom 1. */
const HOST_AREA = 250 * 130;
const VM_AREA = 1500;
/** Narrower than this, the sites of a small fleet are stacked and the map grows downwards. */
const NARROW = 560;
const MOST_STACKED = 12;
const STACKED_HOST = 150;

type Node = { readonly kind: 'root' | 'site' | 'host'; readonly name: string; readonly children: readonly Node[] };
type Placed = HierarchyRectangularNode<Node>;

const boxOfNode = (node: Placed): Box => ({
  x: node.x0,
  y: node.y0,
  width: Math.max(0, node.x1 - node.x0),
  height: Math.max(0, node.y1 - node.y0)
});

/** Whether a map so wide is as high as its hosts need, instead of fitting into the height there is. */
export const isStacked = (hosts: number, width: number): boolean =>
  width > 0 && width < NARROW && hosts <= MOST_STACKED;

/**
 * `hosts` in the order they are to be read; `width` and `height` of what the whole map shall fit in, pixels. `grain` of the
 * layout before is kept while it still suits, so that a VM that comes or goes moves what is on its host and nothing else.
 */
export function layoutMap(
  hosts: readonly MapHost[],
  width: number,
  height: number,
  grain: Grain | null = null
): MapLayout {
  if (hosts.length === 0 || width < 1 || height < 1)
    return { x: 0, y: 0, width, height, scale: 1, grain, sites: [], hosts: new Map() };
  const bySite = Map.groupBy(hosts, (host) => host.site);
  const stacked = isStacked(hosts.length, width);
  const needed = hosts.reduce((sum, { vms }) => sum + Math.max(HOST_AREA, vms.length * VM_AREA), 0);
  const scale = stacked ? 1 : Math.max(1, Math.sqrt(needed / (width * height)));
  const size: [number, number] = stacked
    ? [width, bySite.size * (SITE_HEAD + GAP) + hosts.length * (STACKED_HOST + GAP) + GAP]
    : [width * scale, height * scale];
  const tree: Node = {
    kind: 'root',
    name: '',
    children: [...bySite].map(([name, members]) => ({
      kind: 'site',
      name,
      children: members.map(({ id }) => ({ kind: 'host', name: id, children: [] }))
    }))
  };
  const areas = hostAreas(hosts);
  // Between sites the eye needs distance at every scale; where a site is small, its head and gaps give way to its hosts.
  const small = (node: Placed, wanted: number, part: number): number =>
    Math.min(wanted, (node.y1 - node.y0) * part, (node.x1 - node.x0) * part);
  const root = treemap<Node>()
    .size(size)
    .round(true)
    .tile((node, x0, y0, x1, y1) => {
      if (stacked) stack(node, x0, y0, x1, y1);
      else if (node.depth === 0) treemapBinary(node, x0, y0, x1, y1);
      else strips(node, x0, y0, x1, y1);
    })
    .paddingOuter((node) => small(node, GAP * (node.depth === 0 ? scale : Math.min(scale, 2)), 0.06))
    .paddingInner((node) => small(node, GAP * (node.depth === 0 ? scale : 1), 0.06))
    .paddingTop((node) => (node.depth === 1 ? small(node, SITE_HEAD * scale, 0.25) : small(node, GAP * scale, 0.06)))(
    hierarchy<Node>(tree).sum((node) => (node.kind === 'host' ? (areas.get(node.name) ?? 1) : 0))
  );
  const leaves = new Map(root.leaves().map((node) => [node.data.name, boxOfNode(node)]));
  const { placed, grain: now } = placeHosts(hosts, leaves, grain);
  return {
    x: 0,
    y: 0,
    width: size[0],
    height: size[1],
    scale,
    grain: now,
    sites: (root.children ?? []).map((site) => ({
      ...boxOfNode(site),
      site: site.data.name,
      head: small(site, SITE_HEAD * scale, 0.25),
      hosts: (site.children ?? []).flatMap((node) => placed.get(node.data.name as HostId) ?? [])
    })),
    hosts: placed
  };
}

/** Areas grow with the square root of memory, and a host is never more than a few times the size of a usual one. */
function hostAreas(hosts: readonly MapHost[]): Map<string, number> {
  const root = (memory: number): number => Math.sqrt(Math.max(1, memory));
  const usual = median(hosts, ({ memory }) => (memory === null ? undefined : root(memory))) ?? 1;
  return new Map(
    hosts.map(({ id, memory }) => [
      id,
      memory === null ? usual : Math.min(usual * 3, Math.max(usual / 3, root(memory)))
    ])
  );
}

/** One grain for all hosts, so that equal VMs look alike; only a host far fuller than most has a denser one of its own. */
function placeHosts(
  hosts: readonly MapHost[],
  boxes: ReadonlyMap<string, Box>,
  before: Grain | null
): { placed: Map<HostId, HostBox>; grain: Grain } {
  const inner = hosts.map((host) => {
    const box = boxes.get(host.id) ?? { x: 0, y: 0, width: 0, height: 0 };
    const head = Math.min(HOST_HEAD, box.height * 0.36);
    const gap = Math.min(GAP, box.height * 0.08, box.width * 0.08);
    const area = { x: box.x + gap, y: box.y + head, width: box.width - 2 * gap, height: box.height - head - gap };
    return { host, box, head, area, weight: host.vms.reduce((sum, vm) => sum + weightOf(vm.memory), 0) };
  });
  const size = (area: Box): number => Math.max(1, area.width * area.height);
  const usualArea = median(inner, ({ area }) => size(area)) ?? 1;
  const usualWeight = median(inner, ({ weight }) => weight) ?? 0;
  const weights = hosts.flatMap(({ vms }) => vms.map((vm) => weightOf(vm.memory)));
  const typical = kept(before?.typical, Math.max(1, median(weights) ?? 1), 1 / 1.5, 1.5, 1);
  const full = quantile(inner, 0.9, ({ weight, area }) => (weight * usualArea) / size(area)) ?? 0;
  const needed = Math.max(Math.min(full, usualWeight * 2.5), typical * 6);
  const room = kept(before?.room, needed, 1, 2, 1.2);
  const placed = new Map(
    inner.map(({ host, box, head, area }) => [
      host.id,
      placeHost(host, box, head, area, (room * size(area)) / usualArea, typical)
    ])
  );
  return { placed, grain: { typical, room } };
}

const known = new WeakMap<MapHost, { readonly by: string; readonly box: HostBox }>();

/** The very same object for the same host at the same place: what is drawn of it need not be worked out again. */
function placeHost(host: MapHost, box: Box, head: number, area: Box, room: number, typical: number): HostBox {
  const by = [box.x, box.y, box.width, box.height, area.x, room, typical].join();
  const before = known.get(host);
  if (before?.by === by) return before.box;
  const placed = { ...box, id: host.id, head, vms: shelve(host.vms, area, room, typical) };
  known.set(host, { by, box: placed });
  return placed;
}

/** What it was, while that is `from` to `to` times what is needed now; else `fresh` times that. */
const kept = (before: number | undefined, needed: number, from: number, to: number, fresh: number): number =>
  before !== undefined && before >= needed * from && before <= needed * to ? before : needed * fresh;

/** One child under the other, in proportion to what they hold, each with room for the heads inside. */
function stack(node: Placed, x0: number, y0: number, x1: number, y1: number): void {
  const children = node.children ?? [];
  const room = (child: Placed): number =>
    child.depth === 1 ? SITE_HEAD + GAP + (child.children?.length ?? 0) * (STACKED_HOST + GAP) : STACKED_HOST + GAP;
  const total = children.reduce((sum, child) => sum + room(child), 0);
  let y = y0;
  for (const child of children) {
    const next = y + ((y1 - y0) * room(child)) / total;
    Object.assign(child, { x0, x1, y0: y, y1: next });
    y = next;
  }
}

/** In reading order, in strips of about equal weight: a strip is as high as it is heavy, so areas are exact. */
function strips(node: Placed, x0: number, y0: number, x1: number, y1: number): void {
  const children = node.children ?? [];
  const total = node.value ?? 1;
  const rows = bestCount(children.length, (n) => ((x1 - x0) * n) / children.length / ((y1 - y0) / n) / HOST_SHAPE);
  let [first, done, y] = [0, 0, y0];
  for (let row = 0; row < rows && first < children.length; row++) {
    let [next, weight] = [first, 0];
    // The last strip takes what is left; the others end where their share of the whole does.
    while (next < children.length) {
      const value = children[next]?.value ?? 0;
      if (row < rows - 1 && next > first && done + weight + value / 2 > (total * (row + 1)) / rows) break;
      weight += value;
      next += 1;
    }
    const bottom = y + ((y1 - y0) * weight) / total;
    let x = x0;
    for (const child of children.slice(first, next)) {
      const right = x + ((x1 - x0) * (child.value ?? 0)) / weight;
      Object.assign(child, { x0: x, x1: right, y0: y, y1: bottom });
      x = right;
    }
    [first, done, y] = [next, done + weight, bottom];
  }
}

/** Of 1..`max`, the count whose `misfit` (1: perfect) is nearest to 1 as a ratio. */
export function bestCount(max: number, misfit: (n: number) => number): number {
  let best = 1;
  for (let n = 2; n <= max; n++) if (Math.abs(Math.log(misfit(n))) < Math.abs(Math.log(misfit(best)))) best = n;
  return best;
}
