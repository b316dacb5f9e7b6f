// What lies where on the map, in map units: a map is laid out as large as its hosts need, and seen through a transform.
// One thing on it is named by what it is, not by its place.
import type { HostId, VmId } from '#lib/model/ids.ts';

export type Box = { readonly x: number; readonly y: number; readonly width: number; readonly height: number };
export type VmBox = Box & { readonly id: VmId };
/** `head` is the height of the part above the VMs. */
export type HostBox = Box & { readonly id: HostId; readonly head: number; readonly vms: readonly VmBox[] };
export type SiteBox = Box & { readonly site: string; readonly head: number; readonly hosts: readonly HostBox[] };
/** How densely VMs stand: the weight of a usual VM, and how much of it a usual host has room for. */
export type Grain = { readonly typical: number; readonly room: number };
export type MapLayout = Box & {
  /** Map units to a pixel where the whole map fits what it was laid out for; 1 or more. */
  readonly scale: number;
  /** Null while there are no hosts. */
  readonly grain: Grain | null;
  readonly sites: readonly SiteBox[];
  readonly hosts: ReadonlyMap<HostId, HostBox>;
};

export type Item =
  | { readonly kind: 'site'; readonly site: string }
  | { readonly kind: 'host'; readonly host: HostId }
  | { readonly kind: 'vm'; readonly host: HostId; readonly vm: VmId };

export const itemKey = (item: Item): string =>
  item.kind === 'site' ? `site ${item.site}` : item.kind === 'host' ? item.host : `${item.host} ${item.vm}`;
export const sameItem = (a: Item | null, b: Item | null): boolean =>
  a === b || (a !== null && b !== null && a.kind === b.kind && itemKey(a) === itemKey(b));

export const contains = (box: Box, x: number, y: number): boolean =>
  x >= box.x && y >= box.y && x < box.x + box.width && y < box.y + box.height;

/** Null when it is not on the map (any more). */
export function boxOf(layout: MapLayout, item: Item): Box | null {
  if (item.kind === 'site') return layout.sites.find((box) => box.site === item.site) ?? null;
  const host = layout.hosts.get(item.host);
  if (item.kind === 'host' || host === undefined) return host ?? null;
  return host.vms.find((box) => box.id === item.vm) ?? null;
}

/** Smaller than this on the screen, a VM is not drawn by itself and cannot be pointed at. Pixels. */
export const LEAST_TILE = 4;

/** What lies at a point of the map, the innermost; `zoom` is pixels to a map unit. A walk down the tree: a few µs with 20,000 VMs. */
export function hitTest(layout: MapLayout, x: number, y: number, zoom: number): Item | null {
  const site = layout.sites.find((box) => contains(box, x, y));
  if (site === undefined) return null;
  const host = site.hosts.find((box) => contains(box, x, y));
  if (host === undefined) return { kind: 'site', site: site.site };
  const vm = host.vms.find((box) => contains(box, x, y));
  const seen = vm !== undefined && Math.min(vm.width, vm.height) * zoom >= LEAST_TILE;
  return seen ? { kind: 'vm', host: host.id, vm: vm.id } : { kind: 'host', host: host.id };
}
