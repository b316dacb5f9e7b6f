// A part of a plan: what of the rest it cannot do without.
import type { Columns } from '../../plugin/columns.ts';
import type { Move, Share } from '../../plugin/scheduler.ts';
import { checkMoves } from '../check-moves.ts';
import { checkShares } from '../check-shares.ts';
import type { Violation } from '../check-moves.ts';

export type Part = {
  readonly violations: readonly Violation[];
  /** VMs of moves left out without which the others cannot be; empty when that is not so simple. */
  readonly needs: readonly number[];
};

/** @param taken of `moves` @param shares that are taken */
export function checkPart(
  columns: Columns,
  moves: readonly Move[],
  taken: readonly Move[],
  shares: readonly Share[] = []
): Part {
  const violations = [...checkMoves(columns, taken), ...checkShares(columns, taken, shares)];
  if (violations.length === 0) return { violations, needs: [] };
  const chosen = new Set(taken.map(({ vm }) => vm));
  const rest = moves.filter(({ vm }) => !chosen.has(vm));
  const needed = rest.filter((move) => violations.some((violation) => mayMend(columns, move, violation)));
  const mended = checkMoves(columns, [...taken, ...needed]).length === 0;
  return { violations, needs: mended ? needed.map(({ vm }) => vm) : [] };
}

/** It leaves a host that is too full, or is of the rule that would be broken. */
function mayMend({ vmHost, rules }: Columns, { vm }: Move, { host, reason }: Violation): boolean {
  if (host >= 0) return vmHost[vm] === host;
  if (reason.kind !== 'rule-broken') return false;
  return rules.some((rule) => {
    const vms = rule.kind === 'needs' ? [...rule.vms, ...rule.of] : [...rule.vms];
    return reason.between === rule.kind && reason.rule === rule.name && vms.includes(vm);
  });
}
