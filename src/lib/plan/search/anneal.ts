// The search: a plain descent, then simulated annealing (Kirkpatrick, Gelatt, Vecchi 1983) over moves and exchanges. While it is
// warm, capacity has a price instead of a limit, so that the walk passes through what may not be; towards the end it has not.
import { lowerBound } from '../evaluate.ts';
import type { Assignment, Problem } from '../problem.ts';
import { Prices } from './prices.ts';
import { proposer } from './proposals.ts';
import { Random } from './random.ts';
import { Walk } from './walk.ts';

export type Options = {
  readonly seed: number;
  /** Where to begin; feasible. */
  readonly from: Assignment;
  /**
   * Which share of the budget is used up, 0 to 1 and more; asked again and again with the number of proposals made so far, never
   * falls. From the number alone the search is the same every time; from a clock it goes as far as the time allows.
   */
  readonly progress: (proposals: number) => number;
};

/** A feasible assignment that costs less than all before it. */
export type Better = {
  readonly cost: number;
  readonly assignment: Assignment;
  /** Moves and exchanges considered until then. */
  readonly proposals: number;
};

/** Proposals between two looks at the progress. */
const ROUND = 2_048;
/** The descent takes so many proposals for each VM: begun before it has settled, annealing is too hot. */
const SETTLED = 50;
/** Shares of the budget: the descent ends, at the earliest and at the latest; */
const DESCENT = 0.04;
const DESCENT_AT_LAST = 0.3;
/** of what follows: capacity becomes a limit again, and it must be kept. */
const STRICT = 0.85;
const STRICT_AT_LAST = 0.95;
/** Temperatures of begin and end, in what each VM costs above the lower bound after the descent, */
const HOT = 30;
const COLD = 0.05;
/** but never above this share of what a whole VM costs above the safety level: hotter, everything is taken. */
const HOTTEST = 0.4;
/** Proposals for each VM between two changes of prices. */
const REPRICING = 2;

/** Yields ever better assignments until the budget is used up; the last one is the answer, nothing when `from` stays the best. */
export function* anneal(problem: Problem, { seed, from, progress }: Options): Generator<Better> {
  const { vms } = problem;
  if (vms === 0 || problem.hosts < 2) return;
  const random = new Random(seed);
  const walk = new Walk(problem, from, random);
  const propose = proposer(problem, walk, random);
  if (propose === null) return;
  let proposals = 0;
  let told = walk.bestCost;
  const round = (): void => {
    for (let i = 0; i < ROUND; i++) propose();
    proposals += ROUND;
  };
  const news = function* (): Generator<Better> {
    if (walk.bestCost >= told) return;
    told = walk.bestCost;
    yield { cost: told, assignment: walk.best(), proposals };
  };

  for (;;) {
    const used = progress(proposals);
    if (used >= (proposals < SETTLED * vms ? DESCENT_AT_LAST : DESCENT)) break;
    round();
    yield* news();
  }

  const scale = Math.max(0, walk.bestCost - lowerBound(problem)) / vms;
  if (scale === 0) return; // nothing can cost less
  // Where no load costs anything, there is nothing of it to measure by.
  const hot = Math.min(HOT * scale, HOTTEST * wholeCost(problem) || Infinity);
  const cold = Math.min(COLD * scale, hot);
  const prices = new Prices(problem, walk.rows);
  const repricing = Math.ceil((REPRICING * vms) / ROUND);
  const begun = Math.max(DESCENT, progress(proposals));
  walk.strict = false;
  for (let rounds = 1; ; rounds++) {
    const used = progress(proposals);
    if (used >= 1) return;
    const share = (used - begun) / (1 - begun);
    walk.temperature = hot * (cold / hot) ** share;
    round();
    yield* news();
    if (walk.strict) continue;
    if (share < STRICT) {
      if (rounds % repricing === 0) prices.follow(1 - share / STRICT);
    } else if (walk.feasible) {
      walk.strict = true;
    } else if (share < STRICT_AT_LAST) {
      prices.squeeze();
    } else {
      walk.returnTo(walk.best());
      walk.strict = true;
    }
  }
}

/** What a VM costs at the most, the mean of all: where all of its demand is above the safety level, and its share of all hosts on. */
function wholeCost({ vms, resources, demand, loadWeight, onCost }: Problem): number {
  const load = demand.reduce((sum, amount, at) => sum + amount * loadWeight[at % resources]!, 0);
  return onCost.reduce((sum, cost) => sum + cost, load) / vms;
}
