// A host is emptied for maintenance, and filled again afterwards: what is asked for, and what became of it.
import type { Fleet, Host, Vm } from '#lib/model/fleet.ts';
import type { HostId, VmId } from '#lib/model/ids.ts';
import { checkMoves } from '#lib/plan/check-moves.ts';
import { costAfter } from '#lib/plan/made/figures.ts';
import type { Answer, Plan } from '#lib/plan/made/plan.ts';
import { movesIn, plannedMoves } from '#lib/plan/made/planned-move.ts';
import { NEW_REQUEST, type PlanRequest } from '#lib/plan/made/request.ts';
import type { Move } from '#lib/plugin/scheduler.ts';
import type { Planner } from './planner.svelte.ts';

/** Tried in this order. */
const USUAL = ['evacuate', 'min-cost'];
const BUDGET = 5_000;

/** What empties the host; null when no scheduler can be used. */
export function evacuationOf(host: HostId, { plugins }: Planner): PlanRequest | null {
  const ids = plugins.usable.map(({ id }) => id);
  const scheduler = USUAL.find((id) => ids.includes(id)) ?? ids[0];
  return scheduler === undefined
    ? null
    : { ...NEW_REQUEST, kind: 'evacuate', leave: [host], schedulers: [scheduler], budget: BUDGET };
}

/** The newest plan of this browser that empties the host and was approved; null: none. */
export const evacuationFor = (plans: readonly Plan[], host: HostId): Plan | null =>
  plans.find(({ request, run }) => request.kind === 'evacuate' && request.leave.includes(host) && run !== null) ?? null;

export type Away = { readonly vm: Vm; readonly at: Host };

/** VMs that the plan moved away from the host and that are still where it put them. */
export function awayFrom({ run }: Plan, host: HostId, { hosts }: Fleet): readonly Away[] {
  const last = new Map<string, string>();
  for (const [at, step] of (run?.steps ?? []).entries()) {
    if (step.kind !== 'move' || run?.progress[at]?.state !== 'done') continue;
    // One that went by way of another host was here at first.
    if (step.from === host || last.has(step.vm)) last.set(step.vm, step.host);
  }
  return [...last].flatMap(([id, to]) => {
    const at = hosts.get(to as HostId);
    const vm = at?.vms.get(id as VmId);
    return at === undefined || vm === undefined ? [] : [{ vm, at }];
  });
}

/**
 * Keeps a plan that brings VMs back, as far as they fit together.
 * @returns its id, null when none can come; `without`: how many cannot
 */
export function refill(
  planner: Planner,
  host: HostId,
  away: readonly Away[],
  title: string
): { readonly plan: string | null; readonly without: number } {
  const request: PlanRequest = {
    ...NEW_REQUEST,
    scope: { kind: 'hosts', hosts: [host] },
    schedulers: planner.plugins.usable.slice(0, 1).map(({ id }) => id)
  };
  // Scope is for asking again: what comes back is elsewhere now.
  const ground = planner.groundNow({ ...request, scope: { kind: 'all' } });
  const { columns } = ground;
  const wanted = movesIn(
    columns,
    away.map(({ vm, at }) => ({
      ...{ vm: vm.id, name: vm.name, from: at.id, to: host, toName: '' },
      ...{ vcpus: vm.vcpus, memory: vm.memory }
    }))
  );
  let moves: readonly Move[] = [];
  for (const move of wanted) {
    if (move.vm < 0 || move.host < 0) continue;
    if (checkMoves(columns, [...moves, move]).length === 0) moves = [...moves, move];
  }
  const without = away.length - moves.length;
  if (moves.length === 0) return { plan: null, without };
  const cost = costAfter(ground.was, planner.planning.weights, []);
  const answer: Answer = {
    ...{ scheduler: 'refill', title, fault: null, note: '', refused: 0, refusal: null, took: 0 },
    state: 'done',
    moves: plannedMoves(columns, moves),
    samples: [
      { at: 0, cost, moves: 0 },
      { at: 0, cost: costAfter(columns, planner.planning.weights, moves), moves: moves.length }
    ]
  };
  return { plan: planner.adopt(request, [answer], ground), without };
}
