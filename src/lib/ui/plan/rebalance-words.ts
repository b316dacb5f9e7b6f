// Why the rebalance loop did what it did, in words. Pure.
import type { Round } from '#lib/app/rebalance/round-store.ts';
import type { Messages } from '#lib/messages/messages.ts';
import type { Millis } from '#lib/model/units.ts';
import { absoluteTime } from '../format.ts';
import { formatCost } from './plan-words.ts';

type Words = Pick<Messages, 'rebalance' | 'plans' | 'common'>;

/** “2 moves, 1 CPU share”. @param found null: nothing */
export function foundWords({ plans, common }: Pick<Messages, 'plans' | 'common'>, found: Round['found']): string {
  const { moves, shares } = found ?? { moves: 0, shares: 0 };
  const parts = [
    ...(moves > 0 || shares === 0 ? [plans.movesCount(moves)] : []),
    ...(shares > 0 ? [plans.sharesCount(shares)] : [])
  ];
  return parts.join(common.comma);
}

/** @param least points that it was to save */
export function whyWords({ rebalance: m, plans, common }: Words, round: Round, least: number | null): string {
  const { decision, cost, found } = round;
  const now = formatCost(cost);
  const [saves, costs] = [formatCost(found?.saves ?? 0), formatCost(found?.costs ?? 0)];
  const moves = foundWords({ plans, common }, found);
  switch (decision.is) {
    case 'hindered':
      return m.hindrance[decision.by];
    case 'balanced':
      return m.whyBalanced(now, least === null ? '' : formatCost(least));
    case 'settled':
      return m.whySettled(now);
    case 'standing':
      return m.whyStanding;
    case 'gone':
      return m.whyGone;
    case 'no-better':
      return m.whyNoBetter(now);
    case 'too-dear':
      return m.whyTooDear(saves, moves, costs);
    case 'cooling':
      return m.whyCooling(absoluteTime(decision.until as Millis));
    case 'holds':
      return m.whyHolds(saves, moves, decision.rounds, decision.of);
    case 'propose':
      return decision.because === 'level'
        ? m.whyPropose(saves, moves, costs)
        : `${m.whyPropose(saves, moves, costs)} ${m.because[decision.because]}`;
    case 'run':
      return m.whyPropose(saves, moves, costs);
  }
}

/** Rounds in a row that were decided alike, as one: the newest of them, with how many there were. */
export type Stretch = { readonly round: Round; readonly since: number; readonly count: number };

const kindOf = ({ decision }: Round): string => (decision.is === 'hindered' ? decision.by : decision.is);

/** Newest first. @param rounds oldest first */
export function stretches(rounds: readonly Round[]): readonly Stretch[] {
  const found: Stretch[] = [];
  for (const round of rounds) {
    const last = found.at(-1);
    if (last !== undefined && kindOf(last.round) === kindOf(round)) {
      found[found.length - 1] = { round, since: last.since, count: last.count + 1 };
    } else found.push({ round, since: round.at, count: 1 });
  }
  return found.reverse();
}
