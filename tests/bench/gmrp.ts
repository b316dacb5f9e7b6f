// The placement search on the instances of the machine reassignment problem (ROADEF/EURO challenge 2012), by `smps solve` as anyone
// would run it; every answer is held against the checker that comes with the instances. They are not ours to pass on: a directory
// that has them is given, or they are not there and that is said.
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { rounded, verdict } from './report.ts';
import type { Figure, Result } from './report.ts';

const DIRECTORY = join(import.meta.dirname, '../../../shared/gmrp');
const CLI = join(import.meta.dirname, '../../src/cli.ts');
const WORKERS = 2;
/** Of each worker. */
const SECONDS = 60;
/** What the challenge's winner reached in as much processor time on such a machine, and at five times as much. */
const MUST = 0.77;
const GOAL = 0.49;
const QUICK = 2;

export type GmrpOptions = { readonly dir: string | null; readonly seconds: number | null; readonly seeds: number };
type Known = { readonly instances: Readonly<Record<string, { readonly initial: number; readonly best: number }>> };

export async function gmrp({ dir, seconds, seeds }: GmrpOptions): Promise<Result> {
  const from = dir ?? DIRECTORY;
  if (!existsSync(join(from, 'best-known.json'))) {
    throw new Error(`the instances are not in ${from}: --dir names the directory that has them`);
  }
  const { instances } = JSON.parse(readFileSync(join(from, 'best-known.json'), 'utf8')) as Known;
  const names = readdirSync(from).flatMap((file) => /^model_(.+)\.txt\.gz$/.exec(file)?.[1] ?? []);
  const work = mkdtempSync(join(tmpdir(), 'smps-gmrp-'));
  const figures: Figure[] = [];
  let sum = 0;
  try {
    for (const name of names) {
      const known = instances[name];
      if (known === undefined) continue;
      const files = { model: unpacked(from, work, `model_${name}`), home: unpacked(from, work, `assignment_${name}`) };
      const scores: number[] = [];
      for (let seed = 1; seed <= seeds; seed++) {
        const cost = await solved(from, files, join(work, 'answer.txt'), seconds ?? SECONDS, seed * WORKERS);
        scores.push((100 * (cost - known.best)) / known.initial);
      }
      const score = scores.toSorted((a, b) => a - b)[Math.floor(scores.length / 2)] ?? NaN;
      sum += score;
      figures.push({ name: `${name}, score, median of ${seeds}`, unit: '%', value: rounded(score) });
    }
  } finally {
    rmSync(work, { recursive: true });
  }
  const mean = sum / figures.length;
  const goals = (seconds ?? SECONDS) < SECONDS ? [QUICK] : [MUST, GOAL];
  return {
    figures,
    verdicts: goals.map((atMost) => verdict('mean score', mean, '%', { atMost })),
    notes: [
      'score = 100 (cost - best known) / initial cost',
      `${WORKERS} workers, ${seconds ?? SECONDS} s of processor time each; every answer passed the checker of the instances`
    ]
  };
}

function unpacked(from: string, into: string, name: string): string {
  const path = join(into, `${name}.txt`);
  writeFileSync(path, gunzipSync(readFileSync(join(from, `${name}.txt.gz`))));
  return path;
}

/** @returns the cost, as the checker has it. @throws Error for an answer that it does not accept */
async function solved(
  from: string,
  { model, home }: { readonly model: string; readonly home: string },
  out: string,
  seconds: number,
  seed: number
): Promise<number> {
  const given = ['--model', model, '--assignment', home, '--out', out, '--seed', `${seed}`];
  const budget = ['--cpu-seconds', `${seconds}`, '--workers', `${WORKERS}`, '--json'];
  const child = spawn(process.execPath, [CLI, 'solve', ...given, ...budget], {
    stdio: ['ignore', 'ignore', 'inherit']
  });
  const status = await new Promise((resolve) => child.once('exit', resolve));
  if (status !== 0) throw new Error(`smps solve ended with status ${String(status)}`);
  const options = { env: { ...process.env, BRIEF: '1' }, encoding: 'utf8' } as const;
  const said = execFileSync(process.execPath, [join(from, 'checker.mjs'), model, home, out], options);
  const [, cost] = /^ok (\d+)$/m.exec(said) ?? [];
  if (cost === undefined) throw new Error(`the checker does not accept the answer: ${said}`);
  return Number(cost);
}
