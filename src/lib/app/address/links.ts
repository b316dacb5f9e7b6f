// The address of every view. What a view shows is in its path; selection and filter are in the query.
import { resolve } from '$app/paths';
import type { ResolvedPathname } from '$app/types';
import type { HostId, VmId } from '#lib/model/ids.ts';

/** The part of `page.url` that views read. */
export type Address = {
  readonly pathname: string;
  readonly search: string;
  readonly searchParams: { get(name: string): string | null };
};
/** Null and empty parameters are left out. */
export type Query = Readonly<Record<string, string | null>>;
export type VmTab = 'disks' | 'networks' | 'console' | 'console/full' | 'placement' | 'activity';
export type SiteTab = 'vms' | 'hosts' | 'load' | 'activity';
export type HostTab = 'map' | 'vms' | 'storage' | 'networks' | 'operators' | 'activity';

function search(query: Query): '' | `?${string}` {
  const given = Object.entries(query).filter((pair): pair is [string, string] => pair[1] !== null && pair[1] !== '');
  return given.length === 0 ? '' : `?${new URLSearchParams(given)}`;
}

/** The path with a query. */
export const plus = (path: ResolvedPathname, query: Query): ResolvedPathname =>
  `${path}${search(query)}` as ResolvedPathname;

/** A host that was never reached has no site yet: `~` stands for that in an address. */
const siteParam = (site: string): string => (site === '' ? '~' : encodeURIComponent(site));
/** The inverse of what a site's address carries. */
export const siteOf = (param: string | undefined): string => (param === undefined || param === '~' ? '' : param);

export const fleetLink = (query: Query = {}): ResolvedPathname => plus(resolve('/'), query);
export const vmsLink = (query: Query = {}): ResolvedPathname => plus(resolve('/vms'), query);
export const hostsLink = (query: Query = {}): ResolvedPathname => plus(resolve('/hosts'), query);
export const loadLink = (query: Query = {}): ResolvedPathname => plus(resolve('/load'), query);
export const activityLink = (query: Query = {}): ResolvedPathname => plus(resolve('/activity'), query);
/**
 * @param place the scheduler that finds the host, `auto`: the usual one; null: by hand
 * @param fill `like`: a VM whose sizes, disks and networks the form begins with; `name`
 */
export const createVmLink = (host: HostId | null, place: string | null = null, fill: Query = {}): ResolvedPathname =>
  plus(resolve('/vms/new'), { place, host, ...fill });
export const vmLink = (vm: VmId, query: Query = {}): ResolvedPathname => plus(resolve('/vms/[vm]', { vm }), query);
export const vmTabLink = (vm: VmId, tab: VmTab, query: Query = {}): ResolvedPathname =>
  plus(resolve(`/vms/[vm]/${tab}`, { vm }), query);
export const siteLink = (site: string, query: Query = {}): ResolvedPathname =>
  plus(resolve('/sites/[site]', { site: siteParam(site) }), query);
export const siteTabLink = (site: string, tab: SiteTab, query: Query = {}): ResolvedPathname =>
  plus(resolve(`/sites/[site]/${tab}`, { site: siteParam(site) }), query);
export const hostLink = (host: HostId, query: Query = {}): ResolvedPathname =>
  plus(resolve('/hosts/[host]', { host }), query);
export const hostTabLink = (host: HostId, tab: HostTab, query: Query = {}): ResolvedPathname =>
  plus(resolve(`/hosts/[host]/${tab}`, { host }), query);
export const addHostLink = (): ResolvedPathname => resolve('/add-host');
export const plansLink = (query: Query = {}): ResolvedPathname => plus(resolve('/plans'), query);
export const tasksLink = (query: Query = {}): ResolvedPathname => plus(resolve('/tasks'), query);
export const settingsLink = (): ResolvedPathname => resolve('/settings');
export const pluginsLink = (): ResolvedPathname => resolve('/settings/plugins');

/** The same view with some of its query changed. */
export function withQuery(url: Address, changes: Query): ResolvedPathname {
  const query = new URLSearchParams(url.search);
  for (const [name, value] of Object.entries(changes)) {
    if (value === null || value === '') query.delete(name);
    else query.set(name, value);
  }
  const text = query.toString();
  return `${url.pathname}${text === '' ? '' : `?${text}`}` as ResolvedPathname;
}
