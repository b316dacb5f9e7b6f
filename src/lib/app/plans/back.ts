// The answer of a plan that undoes another: its moves are given, so no scheduler is asked. Pure.
import { costAfter } from '#lib/plan/made/figures.ts';
import type { Ground } from '#lib/plan/made/ground.ts';
import type { Answer } from '#lib/plan/made/plan.ts';
import { movesIn, plannedMoves } from '#lib/plan/made/planned-move.ts';
import { sharesIn, plannedShares } from '#lib/plan/made/planned-share.ts';
import type { PlanRequest } from '#lib/plan/made/request.ts';
import type { Weights } from '#lib/plugin/weights.ts';

/** Stands where a scheduler does. */
const UNDO = 'undo';

/** VMs and hosts that are gone are left out. @param took ms since it was begun */
export function backAnswer(
  { back }: PlanRequest,
  { columns, was, before }: Ground,
  weights: Weights,
  took: () => number
): Answer {
  const moves = movesIn(columns, back?.moves ?? []).filter(({ vm, host }) => vm >= 0 && host >= 0);
  const shares = sharesIn(columns, back?.shares ?? []).filter(({ vm }) => vm >= 0);
  const samples = [
    { at: 0, cost: costAfter(was, weights, []), moves: 0 },
    { at: took(), cost: costAfter(columns, weights, moves, before, shares), moves: moves.length }
  ];
  return {
    ...{ scheduler: UNDO, title: '', state: 'done', fault: null, note: '', refused: 0, refusal: null, samples },
    moves: plannedMoves(columns, moves),
    shares: plannedShares(columns, shares),
    took: took()
  };
}
