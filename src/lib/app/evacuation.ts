// A host is emptied for maintenance: what is asked for, and which plan did it.
import type { HostId } from '#lib/model/ids.ts';
import type { Plan } from '#lib/plan/made/plan.ts';
import { NEW_REQUEST, type PlanRequest } from '#lib/plan/made/request.ts';
import type { Planner } from './planner.svelte.ts';

/** Tried in this order. */
const USUAL = ['evacuate', 'min-cost'];
const BUDGET = 5_000;

/** What empties the host. @param off VMs that are off go too @returns null when no scheduler can be used */
export function evacuationOf(host: HostId, off: boolean, { plugins }: Planner): PlanRequest | null {
  const ids = plugins.usable.map(({ id }) => id);
  const scheduler = USUAL.find((id) => ids.includes(id)) ?? ids[0];
  return scheduler === undefined
    ? null
    : { ...NEW_REQUEST, kind: 'evacuate', leave: [host], off, schedulers: [scheduler], budget: BUDGET };
}

/** The newest plan of this browser that empties the host and was approved; null: none. */
export const evacuationFor = (plans: readonly Plan[], host: HostId): Plan | null =>
  plans.find(({ request, run }) => request.kind === 'evacuate' && request.leave.includes(host) && run !== null) ?? null;
