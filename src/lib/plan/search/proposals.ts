// What the search considers next: by chance, among what could be at all.
import type { Problem } from '../problem.ts';
import type { Random } from './random.ts';
import type { Walk } from './walk.ts';

const EXCHANGES = 0.4;
/**
 * How often a VM is tried at its home. Being away costs, and where it blocks room there it has to be worth it; by chance alone a VM
 * would go back too seldom, there being so many other hosts.
 */
const HOMING = 0.2;

/** @returns what makes one proposal to a walk; null when no VM can be moved */
export function proposer(problem: Problem, walk: Walk, random: Random): (() => void) | null {
  const { home } = problem;
  const draw = movable(problem, random);
  if (draw === null) return null;
  const target = targets(problem, random);
  return () => {
    const vm = draw();
    if (random.next() < EXCHANGES) walk.tryExchange(vm, draw());
    else walk.tryMove(vm, random.next() < HOMING ? home[vm]! : target(vm));
  };
}

/** @returns what draws a VM that is not fixed; null when all are */
function movable({ vms, fixed }: Problem, random: Random): (() => number) | null {
  if (!fixed.includes(1)) return () => random.below(vms);
  const free = Int32Array.from({ length: vms }, (_, vm) => vm).filter((vm) => fixed[vm] !== 1);
  return free.length === 0 ? null : () => free[random.below(free.length)]!;
}

/** @returns what draws a host for a VM: one of those where it may be, its home included */
function targets({ hosts, mask, masks }: Problem, random: Random): (vm: number) => number {
  if (!masks.includes(0)) return () => random.below(hosts);
  const rows = Array.from({ length: masks.length / hosts }, (_, row) =>
    Int32Array.from({ length: hosts }, (__, host) => host).filter((host) => masks[row * hosts + host] === 1)
  );
  return (vm) => {
    const row = rows[mask[vm]!]!;
    return row[random.below(row.length)]!;
  };
}
