// The search as plugin authors get it (`smps-vmm/plugin/search`): ever better proposals for a fleet until the intent's time is over,
// and what putting one VM on one host costs.
import { CPU, MEMORY, WIDTH } from '../../plugin/columns.ts';
import type { Columns } from '../../plugin/columns.ts';
import { FleetView } from '../../plugin/fleet-view.ts';
import type { Intent, Move, Proposal } from '../../plugin/scheduler.ts';
import type { Weights } from '../../plugin/weights.ts';
import { checkMoves } from '../check-moves.ts';
import { LOADS, ratesOf } from '../cost/terms.ts';
import type { Rates } from '../cost/terms.ts';
import { problemOf } from '../fleet/problem-of-columns.ts';
import type { Task } from '../fleet/problem-of-columns.ts';
import { anneal } from './anneal.ts';
import { LEAST_GAIN, SharedPlans, uncapped, yielding } from './yielding.ts';
import type { Assignment } from '../problem.ts';

/** Ms between two proposals: telling costs a pass over all VMs. */
const PAUSE = 100;

/**
 * Every proposal costs less than the one before, by the weights of the intent; the first one is there at once and gives a host to
 * all that need one. The same for the same seed, as far as the clock lets it.
 */
export function* search(fleet: FleetView, intent: Intent): Generator<Proposal> {
  const vms = intent.kind === 'rebalance' ? yielding(fleet.columns) : [];
  if (vms.length === 0) yield* searchMoves(fleet, intent);
  else yield* searchWithShares(fleet, intent, vms);
}

/** Of its time: what is left is for the moves that shares make needless. */
const SEARCHED = 0.9;

/**
 * VMs that yield are searched for as if they had no cap: moving may be what lets them have none. Each plan found, and the one in
 * which nothing moves that need not, is given its shares; told is what costs least with them.
 */
function* searchWithShares(fleet: FleetView, intent: Intent, vms: readonly number[]): Generator<Proposal> {
  const { columns } = fleet;
  const plans = new SharedPlans(columns, intent.weights, vms);
  const free = new FleetView(uncapped(columns, vms));
  for (let vm = 0; vm < fleet.vms; vm++) free.assign(vm, fleet.placedOn[vm]!);
  let least = Infinity;
  let [last, said]: [readonly Move[], Omit<Proposal, 'moves' | 'shares'>] = [[], {}];
  for (const { moves, ...note } of searchMoves(free, { ...intent, budget: intent.budget * SEARCHED })) {
    [last, said] = [moves, note];
    const { shares, cost } = plans.with(moves);
    if (cost > least - LEAST_GAIN) continue;
    least = cost;
    yield { moves, shares, ...note };
  }
  const fewer = plans.without(last, () => intent.elapsed() < intent.budget);
  const { shares, cost } = plans.with(fewer);
  if (cost < least - LEAST_GAIN && checkMoves(columns, fewer).length === 0) yield { moves: fewer, shares, ...said };
}

function* searchMoves(fleet: FleetView, intent: Intent): Generator<Proposal> {
  const task = problemOf(fleet, intent);
  const note = task.stuck.length === 0 ? {} : { note: `${task.stuck.length} VMs find no host` };
  yield { moves: movesOf(fleet, task, task.from), ...note };
  const { seed, budget } = intent;
  let told = intent.elapsed();
  let best: Assignment | null = null;
  const progress = (): number => intent.elapsed() / budget;
  for (const { assignment } of anneal(task.problem, { seed, from: task.from, progress })) {
    best = assignment;
    if (intent.elapsed() - told < PAUSE) continue;
    told = intent.elapsed();
    yield { moves: movesOf(fleet, task, best), ...note };
    best = null;
  }
  if (best !== null) yield { moves: movesOf(fleet, task, best), ...note };
}

function movesOf({ columns }: FleetView, { vms }: Task, assignment: Assignment): readonly Move[] {
  const moves: Move[] = [];
  for (const [index, vm] of vms.entries()) {
    if (columns.vmHost[vm] !== assignment[index]) moves.push({ vm, host: assignment[index]! });
  }
  return moves;
}

/** Those asked for last: asked again for every host, and there is seldom more than one fleet. */
let known: { readonly columns: Columns; readonly weights: Weights; readonly rates: Rates } | null = null;
const MEASURED = LOADS.map(([, resource]) => resource);

/**
 * Points that a host costs more with a VM than without: load, power, and the move if it is one; balance is left out, as no single
 * VM makes it. Of the VM and this host alone.
 */
export function costOfAdding(fleet: FleetView, weights: Weights, vm: number, host: number): number {
  const { columns, used } = fleet;
  const { perUnit } = ratesFor(columns, weights);
  const row = host * WIDTH;
  const there = fleet.placedOn[vm] === host ? 1 : 0;
  let cost = fleet.running[host]! <= there ? (weights.power * columns.idleWatts[host]!) / 100 : 0;
  for (const r of MEASURED) {
    const amount = columns.demand[vm * WIDTH + r]!;
    const above = used[row + r]! - columns.safety[row + r]! - there * amount;
    const more = above + amount;
    if (more > 0) cost += perUnit[r]! * (more - Math.max(0, above));
  }
  const home = columns.vmHost[vm]!;
  if (home < 0 || home === host) return cost;
  const far = columns.hostSite[home] === columns.hostSite[host] ? 1 : weights.betweenSites;
  return cost + weights.move + (weights.moveGib * far * columns.moveMib[vm]!) / 1024;
}

/** Share of the host in use with the VM, of CPU or memory, whichever is more. 0 and up. */
export function shareWith({ columns, used, placedOn }: FleetView, vm: number, host: number): number {
  const row = host * WIDTH;
  const comes = placedOn[vm] === host ? 0 : 1;
  const share = (r: number): number => {
    const capacity = columns.capacity[row + r]!;
    return capacity > 0 ? (used[row + r]! + comes * columns.demand[vm * WIDTH + r]!) / capacity : 1;
  };
  return Math.max(share(CPU), share(MEMORY));
}

function ratesFor(columns: Columns, weights: Weights): Rates {
  if (known?.columns !== columns || known.weights !== weights) {
    known = { columns, weights, rates: ratesOf(columns, weights) };
  }
  return known.rates;
}
