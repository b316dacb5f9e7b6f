// What became different between two fleets, as single items: `smps watch`. Load figures are left out, they always differ.
import type { Activity, Fleet, Host, Pending, Vm } from '../lib/model/fleet.ts';

/** One line of `smps watch --json`, without its time. */
export type NewsItem =
  | { readonly kind: 'host'; readonly host: string; readonly state: Host['link']; readonly reason: string | null }
  | { readonly kind: 'trouble'; readonly host: string; readonly reason: string | null }
  | { readonly kind: 'vm-added' | 'vm-removed'; readonly host: string; readonly vm: string; readonly name: string }
  | {
      readonly kind: 'vm';
      readonly host: string;
      readonly vm: string;
      readonly name: string;
      /** By field: what it was, what it is. */
      readonly changed: Readonly<Record<string, { readonly from: unknown; readonly to: unknown }>>;
    }
  | ({ readonly kind: 'activity'; readonly host: string } & Activity);

/** In the order of the hosts. What a host tells when it is first reached, or again after a loss, counts as news too. */
export function news(before: Fleet, after: Fleet): NewsItem[] {
  const items: NewsItem[] = [];
  for (const [id, host] of after.hosts) {
    const was = before.hosts.get(id);
    if (was !== host) items.push(...hostNews(was ?? null, host));
  }
  return items;
}

function hostNews(was: Host | null, host: Host): NewsItem[] {
  const items: NewsItem[] = [];
  if (was?.link !== host.link) items.push({ kind: 'host', host: host.id, state: host.link, reason: host.reason });
  if ((was?.trouble ?? null) !== host.trouble) items.push({ kind: 'trouble', host: host.id, reason: host.trouble });
  const known = was?.vms ?? new Map<never, never>();
  if (known !== host.vms) {
    for (const vm of host.vms.values()) {
      const old = known.get(vm.id);
      const about = { host: host.id, vm: vm.id, name: vm.name };
      if (!old) items.push({ kind: 'vm-added', ...about });
      else if (old !== vm) {
        const changed = changes(old, vm);
        if (Object.keys(changed).length > 0) items.push({ kind: 'vm', ...about, changed });
      }
    }
    for (const vm of known.values()) {
      if (!host.vms.has(vm.id)) items.push({ kind: 'vm-removed', host: host.id, vm: vm.id, name: vm.name });
    }
  }
  return [...items, ...activityNews(was, host)];
}

/** Only what happens from the first listing on: the past is in activity.list. */
function activityNews(was: Host | null, host: Host): NewsItem[] {
  if (!was || was.heardAt === null || was.activity === host.activity) return [];
  const known = new Set(was.activity);
  const newest = was.activity[0]?.number ?? Number.NEGATIVE_INFINITY;
  const old = was.activity.at(-1)?.number ?? newest;
  return host.activity
    .filter((one) => !known.has(one) && one.number >= old)
    .map((one): NewsItem => ({ kind: 'activity', host: host.id, ...one }))
    .reverse();
}

function changes(old: Vm, vm: Vm): Record<string, { from: unknown; to: unknown }> {
  const changed: Record<string, { from: unknown; to: unknown }> = {};
  for (const key of Object.keys(vm) as (keyof Vm)[]) {
    // The digest of the rest, and the instant of the last look, say nothing by themselves.
    if (key === 'revision') continue;
    const [from, to] = key === 'seen' ? [sight(old), sight(vm)] : [old[key], vm[key]];
    if (JSON.stringify(from) !== JSON.stringify(to)) changed[key] = { from, to };
  }
  return changed;
}

const sight = ({ seen }: Vm) => seen && { by: seen.by, vcpus: seen.vcpus, memory: seen.memory };

/** One line for a person. */
export function newsLine(item: NewsItem): string {
  switch (item.kind) {
    case 'host':
      return `${item.host}: ${item.state}${item.reason === null ? '' : ` (${item.reason})`}`;
    case 'trouble':
      return `${item.host}: ${item.reason ?? 'well again'}`;
    case 'vm-added':
      return `${item.host}: VM ${item.name} is there (${item.vm})`;
    case 'vm-removed':
      return `${item.host}: VM ${item.name} is gone (${item.vm})`;
    case 'vm':
      return `${item.host}: VM ${item.name}: ${Object.entries(item.changed).map(changeText).join(', ')}`;
    case 'activity':
      return `${item.host}: ${item.summary}: ${item.status}${item.reason === null ? '' : ` (${item.reason})`}, by ${item.operatorLabel}`;
  }
}

const changeText = ([name, { from, to }]: [string, { from: unknown; to: unknown }]): string =>
  `${name} ${plain(name, from)} -> ${plain(name, to)}`;

/** A field of a VM, short. What is not one of these is a word or a number. */
function plain(name: string, value: unknown): string {
  if (value === null) return 'none';
  switch (name) {
    case 'disks':
      return listed(
        (value as Vm['disks']).map((disk) => withSight(disk.target, size(disk.capacity), size(disk.seen), disk.pending))
      );
    case 'nics':
      return listed((value as Vm['nics']).map((nic) => withSight(nic.mac, nic.network, nic.seen, nic.pending)));
    case 'seen': {
      const { by, vcpus, memory } = value as NonNullable<ReturnType<typeof sight>>;
      return `${vcpus ?? '?'} vCPUs and ${memory ?? '?'} MiB (by ${by})`;
    }
    case 'startedAt':
    case 'savedAt':
      return new Date(value as number).toISOString();
    default:
      return typeof value === 'string' ? value : JSON.stringify(value);
  }
}

const listed = (items: readonly string[]): string => (items.length === 0 ? 'none' : items.join(' and '));
const size = (bytes: number | null): string | null => (bytes === null ? null : `${Math.floor(bytes / 2 ** 20)} MiB`);
const withSight = (name: string, what: string | null, seen: string | null, pending: Pending | null): string =>
  `${name} (${what ?? 'empty'}${seen === null ? '' : `, seen: ${seen}`}${pending === null ? '' : `, ${pending} at next boot`})`;
