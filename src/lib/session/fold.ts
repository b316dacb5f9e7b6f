// The store: a fleet and what became known make a new fleet. Pure, with structural sharing: whatever did not change is
// the same object before and after, so a view can compare by identity. Batches copy each map at most once.
import { isInactive } from '../model/fleet.ts';
import type {
  Activity,
  Fleet,
  Host,
  HostFacts,
  Inventory,
  LinkState,
  Progress,
  Role,
  Vm,
  VmLoad
} from '../model/fleet.ts';
import type { CommandId, HostId, VmId } from '../model/ids.ts';
import { sameData } from '../model/same-data.ts';
import type { Millis } from '../model/units.ts';
import type { Event } from '../protocol/schema.ts';

/** Something that became known about one host. Updates for a host that is not in the fleet change nothing. */
export type FleetUpdate =
  /** The host is managed from now on. For a host already there: what was known stays. */
  | {
      readonly kind: 'paired';
      readonly host: HostId;
      readonly name: string;
      readonly site: string;
      readonly role: Role;
    }
  | { readonly kind: 'forgotten'; readonly host: HostId }
  | { readonly kind: 'link'; readonly host: HostId; readonly link: LinkState; readonly reason: string | null }
  /** Everything the host has: replaces what was known. */
  | {
      readonly kind: 'inventory';
      readonly host: HostId;
      readonly inventory: Inventory;
      readonly role: Role | null;
      readonly at: Millis;
    }
  | { readonly kind: 'event'; readonly host: HostId; readonly event: Event; readonly at: Millis }
  /** One VM as a reply showed it. */
  | { readonly kind: 'vm'; readonly host: HostId; readonly vm: Vm; readonly at: Millis }
  /** Merged by number with what is known; `replace`: what was known belongs to another history. */
  | {
      readonly kind: 'activities';
      readonly host: HostId;
      readonly activities: readonly Activity[];
      readonly replace: boolean;
      readonly at: Millis;
    };

export const EMPTY_FLEET: Fleet = { hosts: new Map() };

const MAX_ACTIVITIES = 500;
/** Ms: clocks less apart are taken as one, and a difference that moves less is the same difference. */
const CLOCKS_AGREE = 60_000;
const CLOCK_JITTER = 5_000;

/** A copy of one host that this batch owns and may change; its maps are still the old ones until first written to. */
class Draft {
  readonly before: Host;
  now: { -readonly [K in keyof Host]: Host[K] };
  #vms: Map<VmId, Vm> | null = null;
  #loads: Map<VmId, VmLoad> | null = null;

  constructor(host: Host) {
    this.before = host;
    this.now = { ...host };
  }

  setVm(vm: Vm): void {
    const shared = share(this.now.vms.get(vm.id), vm);
    if (shared !== this.now.vms.get(vm.id)) this.#ownVms().set(vm.id, shared);
    if (isInactive(vm)) this.removeLoad(vm.id);
  }

  setVms(vms: readonly Vm[]): void {
    const before = this.now.vms;
    const after = new Map(vms.map((vm) => [vm.id, share(before.get(vm.id), vm)]));
    if (!sameEntries(before, after)) this.now.vms = this.#vms = after;
    for (const id of this.now.vmLoads.keys()) if (!after.has(id)) this.removeLoad(id);
  }

  removeVm(id: VmId): void {
    if (this.now.vms.has(id)) this.#ownVms().delete(id);
    this.removeLoad(id);
  }

  setLoad(load: VmLoad): void {
    this.#loads ??= new Map(this.now.vmLoads);
    this.now.vmLoads = this.#loads.set(load.vm, load);
  }

  removeLoad(id: VmId): void {
    if (!this.now.vmLoads.has(id)) return;
    this.#loads ??= new Map(this.now.vmLoads);
    this.#loads.delete(id);
    this.now.vmLoads = this.#loads;
  }

  /** The host as it was when nothing changed, else the new one. */
  finish(): Host {
    const changed = (Object.keys(this.now) as (keyof Host)[]).some((key) => this.now[key] !== this.before[key]);
    return changed ? this.now : this.before;
  }

  #ownVms(): Map<VmId, Vm> {
    this.#vms ??= new Map(this.now.vms);
    this.now.vms = this.#vms;
    return this.#vms;
  }
}

/** The fleet after one update; the same fleet when it says nothing new. */
export const fold = (fleet: Fleet, update: FleetUpdate): Fleet => foldAll(fleet, [update]);

/** As folding them one after the other, but each map is copied at most once: for a burst of events. */
export function foldAll(fleet: Fleet, updates: Iterable<FleetUpdate>): Fleet {
  const drafts = new Map<HostId, Draft | null>(); // null: forgotten in this batch
  const draftOf = (host: HostId): Draft | null => {
    const known = drafts.get(host);
    if (known !== undefined) return known;
    const existing = fleet.hosts.get(host);
    if (!existing) return null;
    const draft = new Draft(existing);
    drafts.set(host, draft);
    return draft;
  };
  for (const update of updates) {
    const draft = draftOf(update.host);
    if (update.kind === 'forgotten') drafts.set(update.host, null);
    else if (draft) apply(draft, update);
    else if (update.kind === 'paired') drafts.set(update.host, new Draft(unreached(update)));
  }
  let hosts: Map<HostId, Host> | null = null;
  for (const [id, draft] of drafts) {
    const after = draft?.finish();
    if (after === fleet.hosts.get(id)) continue;
    hosts ??= new Map(fleet.hosts);
    if (after) hosts.set(id, after);
    else hosts.delete(id);
  }
  return hosts ? { hosts } : fleet;
}

function apply(draft: Draft, update: Exclude<FleetUpdate, { kind: 'forgotten' }>): void {
  const { now } = draft;
  switch (update.kind) {
    case 'paired':
      // The host itself knows its name better than a pairing that may be older.
      now.name = now.facts?.name ?? update.name;
      now.site = now.facts?.site ?? update.site;
      now.role = update.role;
      return;
    case 'link':
      now.link = update.link;
      now.reason = update.reason;
      return;
    case 'inventory':
      setFacts(draft, update.inventory.host);
      draft.setVms(update.inventory.vms);
      now.pools = share(now.pools, update.inventory.pools);
      now.networks = share(now.networks, update.inventory.networks);
      now.images = share(now.images, update.inventory.images);
      now.role = update.role ?? now.role;
      now.trouble = null;
      // What still runs is told anew.
      if (now.progress.size > 0) now.progress = new Map();
      now.heardAt = update.at;
      return;
    case 'event':
      applyEvent(draft, update.event);
      now.clockAhead = aheadBy(now.clockAhead, update.event.at - update.at);
      now.heardAt = update.at;
      return;
    case 'vm':
      draft.setVm(update.vm);
      now.heardAt = update.at;
      return;
    case 'activities':
      now.activity = mergeActivities(update.replace ? [] : now.activity, update.activities);
      now.progress = mergeProgress(now.progress, [], update.activities);
      now.heardAt = update.at;
  }
}

function applyEvent(draft: Draft, event: Event): void {
  const { now } = draft;
  if (event.host) setFacts(draft, event.host);
  for (const vm of event.vms) draft.setVm(vm);
  for (const { id } of event.removed) draft.removeVm(id);
  if (event.storage) now.pools = share(now.pools, event.storage.pools);
  if (event.networks) now.networks = share(now.networks, event.networks.networks);
  if (event.images) now.images = share(now.images, event.images.images);
  if (event.load) now.load = event.load;
  // A figure of a VM that is not there (any more) is of no use to anyone.
  for (const load of event.vmLoads) if (now.vms.has(load.vm)) draft.setLoad(load);
  now.activity = mergeActivities(now.activity, event.activities);
  now.progress = mergeProgress(now.progress, event.progress, event.activities);
  if (event.trouble) now.trouble = event.trouble.reason === '' ? null : event.trouble.reason;
}

function setFacts({ now }: Draft, facts: HostFacts): void {
  now.facts = now.facts ? share(now.facts, facts) : facts;
  now.name = facts.name;
  now.site = facts.site;
}

const unreached = (pairing: Extract<FleetUpdate, { kind: 'paired' }>): Host => ({
  id: pairing.host,
  name: pairing.name,
  site: pairing.site,
  link: 'connecting',
  reason: null,
  trouble: null,
  heardAt: null,
  clockAhead: 0,
  role: pairing.role,
  facts: null,
  load: null,
  vms: new Map(),
  vmLoads: new Map(),
  pools: [],
  networks: [],
  images: [],
  activity: [],
  progress: new Map()
});

/** What the way here adds is no news of a clock. */
function aheadBy(known: number, measured: number): number {
  if (Math.abs(measured) < CLOCKS_AGREE) return 0;
  return Math.abs(measured - known) < CLOCK_JITTER ? known : measured;
}

/** Both newest first; of two with one number the one in `news` (its last) counts. */
function mergeActivities(known: readonly Activity[], news: readonly Activity[]): readonly Activity[] {
  if (news.length === 0) return known;
  const byNumber = new Map<number, Activity>();
  for (const activity of known) byNumber.set(activity.number, activity);
  for (const activity of news) byNumber.set(activity.number, share(byNumber.get(activity.number), activity));
  const merged = [...byNumber.values()].sort((a, b) => b.number - a.number).slice(0, MAX_ACTIVITIES);
  return merged.length === known.length && merged.every((activity, at) => activity === known[at]) ? known : merged;
}

/** With the latest word of each command, and without those that have ended. */
function mergeProgress(
  known: ReadonlyMap<CommandId, Progress>,
  news: readonly Progress[],
  activities: readonly Activity[]
): ReadonlyMap<CommandId, Progress> {
  if (known.size === 0 && news.length === 0) return known;
  const merged = new Map(known);
  for (const each of news) merged.set(each.command, share(known.get(each.command), each));
  for (const { command, status } of activities) if (status !== 'running') merged.delete(command);
  return sameEntries(known, merged) ? known : merged;
}

function sameEntries<Key, Value>(a: ReadonlyMap<Key, Value>, b: ReadonlyMap<Key, Value>): boolean {
  if (a.size !== b.size) return false;
  const others = b.entries();
  for (const [key, value] of a) {
    const other = others.next().value;
    if (!other || other[0] !== key || other[1] !== value) return false;
  }
  return true;
}

/** `before` when it says the same as `after`, so that an unchanged thing stays the same object. Plain data only. */
function share<Value>(before: Value | undefined, after: Value): Value {
  return before !== undefined && sameData(before, after) ? before : after;
}
