// A host is emptied for maintenance: what is asked for, and which plans did it.
import type { Maintenance } from '#lib/model/fleet.ts';
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

/** Plans that empty the host for this maintenance of it, as approved in this browser, and are not undone; in the order given. */
export const evacuationsFor = (plans: readonly Plan[], host: HostId, { since }: Maintenance): readonly Plan[] =>
  plans.filter(
    ({ id, emptying }) =>
      emptying.some((one) => one.host === host && one.since === since) &&
      !plans.some(({ request, run }) => request.back?.of === id && run?.progress.some(({ state }) => state === 'done'))
  );
