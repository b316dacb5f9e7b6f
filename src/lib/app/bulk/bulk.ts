// One thing done to many VMs: who it can be done to, and why not to the others. Pure, and decided before anything is sent.
import { isInactive, roleAllows, type Role, type VmState } from '#lib/model/fleet.ts';
import type { VmId } from '#lib/model/ids.ts';
import type { Placed } from '../fleet/view.svelte.ts';
import { POWER_ACTIONS, powerFits, type PowerAction } from '../jobs/power.ts';

export const BULK_ACTIONS = [...POWER_ACTIONS, 'tag', 'delete'] as const;
export type BulkAction = PowerAction | 'tag' | 'delete';

/** Why one VM is left out. */
export type Obstacle =
  | { readonly code: 'link' }
  | { readonly code: 'role'; readonly role: Role }
  | { readonly code: 'state'; readonly state: VmState }
  | { readonly code: 'protected' }
  | { readonly code: 'unmanaged' }
  /** In the host's own words, where it says any. */
  | { readonly code: 'host'; readonly reason: string | null };
export type Skipped = { readonly placed: Placed; readonly why: Obstacle };
export type BulkPlan = {
  readonly action: BulkAction;
  readonly fits: readonly Placed[];
  readonly skipped: readonly Skipped[];
};

export function planBulk(action: BulkAction, rows: readonly Placed[]): BulkPlan {
  const judged = rows.map((placed) => ({ placed, why: obstacle(action, placed) }));
  return {
    action,
    fits: judged.filter(({ why }) => why === null).map(({ placed }) => placed),
    skipped: judged.filter((each): each is Skipped => each.why !== null)
  };
}

/** Asked back before it is done, because something may be lost. */
export const isDrastic = (action: BulkAction): boolean =>
  action === 'shutdown' ||
  action === 'reboot' ||
  action === 'save' ||
  action === 'discard-saved' ||
  action === 'power-off' ||
  action === 'delete';

function obstacle(action: BulkAction, { host, vm }: Placed): Obstacle | null {
  if (host.link !== 'online') return { code: 'link' };
  if (host.role !== null && !roleAllows(host.role, 'operator')) return { code: 'role', role: host.role };
  if (vm.unmanaged !== null) return { code: 'unmanaged' };
  if (action === 'tag') return null;
  if (action === 'delete') {
    if (vm.protected) return { code: 'protected' };
    return isInactive(vm) ? null : { code: 'state', state: vm.state };
  }
  if (!powerFits(action, vm.state)) return { code: 'state', state: vm.state };
  const needs = action === 'resume' ? 'pause' : action;
  const capability = host.facts?.capabilities.find(({ name }) => name === needs);
  return capability?.live === false ? { code: 'host', reason: capability.reason } : null;
}

/** At most so many at a time: in all, and on one host. */
export type BulkLimits = { readonly all: number; readonly perHost: number };
export const LIMITS: BulkLimits = { all: 8, perHost: 2 };

type Turn = { readonly id: VmId; readonly host: string; readonly status: string };
/** Who comes next, in order, given those that run; null when nobody may now. */
export function nextInTurn<Item extends Turn>(items: readonly Item[], limits: BulkLimits = LIMITS): Item | null {
  const running = items.filter(({ status }) => status === 'running');
  if (running.length >= limits.all) return null;
  const busy = (host: string): boolean => running.filter((item) => item.host === host).length >= limits.perHost;
  return items.find(({ status, host }) => status === 'waiting' && !busy(host)) ?? null;
}
