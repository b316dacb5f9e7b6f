// The addresses of plans, apart from those of the shell.
import { resolve } from '$app/paths';
import type { ResolvedPathname } from '$app/types';
import type { PlanKind } from '#lib/plan/made/request.ts';
import { plus } from '../address/links.ts';

/** What stands for a plan that is not there yet. */
export const NEW_PLAN = 'new';
export const planLink = (plan: string): ResolvedPathname => resolve('/plans/[plan]', { plan });
export const rebalanceLink = (): ResolvedPathname => resolve('/plans/rebalance');
/** @param like id of a plan whose request the new one begins with. @param kind what it is for, otherwise */
export const newPlanLink = (like: string | null = null, kind: PlanKind | null = null): ResolvedPathname =>
  plus(planLink(NEW_PLAN), { like, kind });
