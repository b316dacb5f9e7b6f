// `smps solve`: the placement search on the files of the machine reassignment problem, in a worker for each core. What it answers
// can be held against every published result.
import { readFileSync, writeFileSync } from 'node:fs';
import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { Fault } from '../lib/model/fault.ts';
import { check } from '../lib/plan/check.ts';
import { evaluate } from '../lib/plan/evaluate.ts';
import { formatAssignment, parseAssignment, parseModel } from '../lib/plan/gmrp.ts';
import type { Assignment, Problem } from '../lib/plan/problem.ts';
import type { SolveNews, SolveTask } from './solve-worker.ts';
import { STATUS, usage } from './status.ts';
import type { Status } from './status.ts';
import type { Output } from './terminal.ts';

export type SolveRequest = {
  /** Paths of files. */
  readonly model: string;
  readonly assignment: string;
  readonly out: string | null;
  /** Of each worker. */
  readonly cpuSeconds: number;
  readonly workers: number;
  readonly seed: number;
  readonly json: boolean;
};

/** What the workers found together. */
export type Solved = { readonly cost: number; readonly assignment: Assignment; readonly proposals: number };

/**
 * Runs until the time is used up, or until `signal` aborts: then with the best so far.
 * @throws Fault `bad-argument` for files that are not what they should be
 */
export async function solve(request: SolveRequest, output: Output, signal: AbortSignal): Promise<Status> {
  const problem = readProblem(request.model, request.assignment);
  const before = evaluate(problem, problem.home).total;
  const broken = check(problem, problem.home);
  if (broken.length > 0) usage(`${request.assignment} breaks ${broken.length} rules of the model: it must be feasible`);
  const told = (cost: number): void => {
    if (!request.json) output.err(`${cost}  (${((100 * cost) / before).toFixed(2)} % of what it was)`);
  };
  const { cost, assignment, proposals } = await solveWith(problem, request, told, signal);
  if (check(problem, assignment).length > 0 || evaluate(problem, assignment).total !== cost) {
    throw new Fault('internal', { reason: 'the search answered an assignment that is not what it said' });
  }
  if (request.out !== null) writeFileSync(request.out, formatAssignment(assignment));
  const moved = assignment.reduce((count, host, vm) => count + Number(host !== problem.home[vm]), 0);
  if (request.json) output.out(JSON.stringify({ before, ...evaluate(problem, assignment), moved, proposals }, null, 2));
  else output.out(`${before} -> ${cost}: ${moved} of ${problem.vms} moved`);
  return STATUS.done;
}

/** @throws Fault `bad-argument`, or what reading throws */
export function readProblem(model: string, assignment: string): Problem {
  const problem = parseModel(readFileSync(model, 'utf8'));
  return { ...problem, home: parseAssignment(readFileSync(assignment, 'utf8'), problem) };
}

/** @param told each time the best of all workers becomes better */
export async function solveWith(
  problem: Problem,
  { cpuSeconds, workers, seed }: Pick<SolveRequest, 'cpuSeconds' | 'workers' | 'seed'>,
  told: (cost: number) => void,
  signal: AbortSignal
): Promise<Solved> {
  let best = { cost: evaluate(problem, problem.home).total, assignment: problem.home };
  const news = ({ found }: SolveNews): void => {
    if (found === null || found.cost >= best.cost) return;
    best = found;
    told(found.cost);
  };
  const tasks = Array.from({ length: workers }, (_, n): SolveTask => ({ problem, cpuSeconds, seed: seed + n }));
  const counts = await Promise.all(tasks.map((task) => worked(task, news, signal)));
  return { ...best, proposals: counts.reduce((sum, count) => sum + count, 0) };
}

/** @returns how many proposals the worker made */
function worked(task: SolveTask, news: (found: SolveNews) => void, signal: AbortSignal): Promise<number> {
  const worker = new Worker(new URL(`solve-worker${extname(import.meta.url)}`, import.meta.url), { workerData: task });
  const stop = (): void => void worker.terminate();
  signal.addEventListener('abort', stop);
  let proposals = 0;
  worker.on('message', (said: SolveNews) => {
    proposals = said.proposals;
    news(said);
  });
  return new Promise<number>((resolve, reject) => {
    worker.once('error', reject);
    worker.once('exit', () => resolve(proposals));
  }).finally(() => signal.removeEventListener('abort', stop));
}
