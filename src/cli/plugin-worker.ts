// The thread in which `smps plugin` runs a plugin: what it imports is noted, what it answers tried or timed.
import { registerHooks } from 'node:module';
import { parentPort, workerData } from 'node:worker_threads';
import { costTerms, totalOf } from '../lib/plan/cost/terms.ts';
import { withShares } from '../lib/plan/shares.ts';
import { aFleet, testScheduler } from '../lib/plan/testkit/index.ts';
import type { Finding } from '../lib/plan/testkit/index.ts';
import { placedAfter } from '../lib/plan/testkit/recount.ts';
import type { Columns } from '../lib/plugin/columns.ts';
import { FleetView } from '../lib/plugin/fleet-view.ts';
import { configOf, parseManifest } from '../lib/plugin/manifest.ts';
import { fits } from '../lib/plugin/rules.ts';
import type { Intent, Move, Proposal, Scheduler, Share } from '../lib/plugin/scheduler.ts';
import { DEFAULT_WEIGHTS } from '../lib/plugin/weights.ts';
import { Random } from '../lib/plan/search/random.ts';

export type PluginTask = { readonly task: 'test' | 'bench'; readonly url: string };

export type Benched = {
  /** Filter and score of one VM over all hosts; null: it has neither. */
  readonly rank: { readonly hosts: number; readonly allowed: number; readonly medianMs: number } | null;
  /** Null: it has no `propose`. Cost is what the fleet costs by the default weights; after it with the cost of moving. */
  readonly propose: {
    readonly hosts: number;
    readonly vms: number;
    readonly ms: number;
    readonly moves: number;
    readonly before: number;
    readonly after: number;
  } | null;
};

export type PluginSaid = {
  readonly id: string | null;
  readonly version: string | null;
  /** What it imported at run time, as it is written there. */
  readonly imports: readonly string[];
  readonly findings: readonly Finding[];
  readonly bench: Benched | null;
};

const RANKS = 50;
const BUDGET = 5000;

const { task, url } = workerData as PluginTask;
const imports = new Set<string>();
registerHooks({
  resolve(specifier, context, next) {
    if (context.parentURL === url) imports.add(specifier);
    return next(specifier, context);
  }
});
const said = await work();
parentPort?.postMessage({ ...said, imports: [...imports] } satisfies PluginSaid);

async function work(): Promise<Omit<PluginSaid, 'imports'>> {
  const nothing = { id: null, version: null, findings: [], bench: null };
  let scheduler: unknown;
  try {
    ({ default: scheduler } = (await import(url)) as { default: unknown });
  } catch (thrown) {
    const text = `cannot be loaded: ${thrown instanceof Error ? thrown.message : String(thrown)}`;
    return { ...nothing, findings: [{ of: 'manifest', on: '', text }] };
  }
  if (task === 'test') {
    const findings = testScheduler(scheduler);
    return { ...nothing, ...named(scheduler), findings };
  }
  const { manifest } = scheduler as Scheduler;
  const { id, version } = parseManifest(manifest);
  return { id, version, findings: [], bench: bench(scheduler as Scheduler) };
}

function named(scheduler: unknown): { id: string | null; version: string | null } {
  try {
    const { id, version } = parseManifest((scheduler as Scheduler).manifest);
    return { id, version };
  } catch {
    return { id: null, version: null };
  }
}

function bench(scheduler: Scheduler): Benched {
  const hasRank = scheduler.filter !== undefined || scheduler.score !== undefined;
  return {
    rank: hasRank ? ranked(scheduler, aFleet({ hosts: 5000, vms: 20_000, fresh: RANKS, sites: 20 })) : null,
    propose:
      scheduler.propose === undefined ? null : proposed(scheduler, aFleet({ hosts: 1000, vms: 20_000, sites: 10 }))
  };
}

function intentFor(scheduler: Scheduler, kind: Intent['kind'], place: readonly number[]): Intent {
  const random = new Random(1);
  const began = performance.now();
  return {
    ...{
      kind,
      place,
      leave: [],
      weights: DEFAULT_WEIGHTS,
      config: configOf(scheduler.manifest),
      budget: BUDGET,
      seed: 1
    },
    elapsed: () => performance.now() - began,
    random: () => random.next()
  };
}

/** Each of the new VMs in turn, of which every other one was placed: what is kept between two questions does not help. */
function ranked(scheduler: Scheduler, columns: Columns): Benched['rank'] {
  const fleet = new FleetView(columns);
  const place = Array.from({ length: RANKS }, (_, index) => columns.vms - RANKS + index);
  const intent = intentFor(scheduler, 'place', place);
  const times: number[] = [];
  let allowed = 0;
  for (const vm of place) {
    const began = performance.now();
    allowed = 0;
    let [best, most] = [-1, -1];
    for (let host = 0; host < fleet.hosts; host++) {
      if (!fits(fleet, vm, host) || (scheduler.filter?.(vm, host, fleet, intent) ?? true) !== true) continue;
      allowed += 1;
      const score = scheduler.score?.(vm, host, fleet, intent) ?? 0;
      if (score > most) [best, most] = [host, score];
    }
    times.push(performance.now() - began);
    fleet.assign(vm, best);
  }
  times.sort((a, b) => a - b);
  return { hosts: fleet.hosts, allowed, medianMs: times[times.length >> 1] ?? 0 };
}

function proposed(scheduler: Scheduler, columns: Columns): Benched['propose'] {
  const fleet = new FleetView(columns);
  const intent = intentFor(scheduler, 'rebalance', []);
  let moves: readonly Move[] = [];
  let shares: readonly Share[] = [];
  const answer = scheduler.propose?.(fleet, intent) as Proposal | Iterable<Proposal>;
  for (const proposal of Symbol.iterator in answer ? answer : [answer]) {
    moves = proposal.moves;
    shares = proposal.shares ?? [];
    if (intent.elapsed() >= BUDGET) break;
  }
  const ms = intent.elapsed();
  const cost = (of: Columns, placed: Int32Array, changes = 0): number =>
    totalOf(costTerms(of, DEFAULT_WEIGHTS, placed, changes));
  return {
    ...{ hosts: columns.hosts, vms: columns.vms, ms, moves: moves.length },
    ...{
      before: cost(columns, columns.vmHost),
      after: cost(withShares(columns, shares), placedAfter(columns, moves), shares.length)
    }
  };
}
