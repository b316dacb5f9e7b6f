// A worker of `smps solve`: searches as long as its own processor time lasts, and says what it finds.
import { parentPort, workerData } from 'node:worker_threads';
import type { Assignment, Problem } from '../lib/plan/problem.ts';
import { anneal } from '../lib/plan/search/anneal.ts';

export type SolveTask = {
  readonly problem: Problem;
  readonly cpuSeconds: number;
  readonly seed: number;
};
/** `found`: null when it is no better than what was said before. `proposals`: made so far. */
export type SolveNews = {
  readonly found: { readonly cost: number; readonly assignment: Assignment } | null;
  readonly proposals: number;
};

/** An improvement is said at most so often, ms. */
const PAUSE = 100;

const { problem, cpuSeconds, seed } = workerData as SolveTask;
/** Asking takes as long as dozens of proposals: it is asked once in so many calls. */
const ASKED = 8;
let calls = 0;
let share = 0;
let made = 0;
const used = (proposals: number): number => {
  made = proposals;
  if (calls++ % ASKED === 0) {
    const { user, system } = process.threadCpuUsage();
    share = (user + system) / 1e6 / cpuSeconds;
  }
  return share;
};
let found: SolveNews['found'] = null;
let saidAt = 0;
const say = (): void => {
  const news: SolveNews = { found, proposals: made };
  parentPort?.postMessage(news);
  found = null;
  saidAt = performance.now();
};
for (const { cost, assignment } of anneal(problem, { seed, from: problem.home, progress: used })) {
  found = { cost, assignment };
  if (performance.now() - saidAt >= PAUSE) say();
}
say();
