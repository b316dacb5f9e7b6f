// The thread in which `smps plan` runs a scheduler: what it proposes goes out, the last proposal is the plan.
import { parentPort, workerData } from 'node:worker_threads';
import { placeByScore } from '../lib/plan/place/by-score.ts';
import { Random } from '../lib/plan/search/random.ts';
import type { Columns } from '../lib/plugin/columns.ts';
import { FleetView } from '../lib/plugin/fleet-view.ts';
import { configOf, parseManifest } from '../lib/plugin/manifest.ts';
import type { Intent, Proposal, Scheduler } from '../lib/plugin/scheduler.ts';

export type PlanTask = Pick<Intent, 'kind' | 'place' | 'leave' | 'weights' | 'seed' | 'budget'> & {
  readonly url: string;
  readonly columns: Columns;
};
export type PlanNews =
  | { readonly is: 'loaded'; readonly id: string; readonly version: string }
  | ({ readonly is: 'proposal' } & Proposal)
  | { readonly is: 'done' };

const { url, columns, ...wanted } = workerData as PlanTask;
const say = (news: PlanNews): void => parentPort?.postMessage(news);

const { default: scheduler } = (await import(url)) as { default: Scheduler };
const manifest = parseManifest(scheduler.manifest);
say({ is: 'loaded', id: manifest.id, version: manifest.version });

const random = new Random(wanted.seed);
const begun = performance.now();
const intent: Intent = {
  ...wanted,
  config: configOf(manifest),
  elapsed: () => performance.now() - begun,
  random: () => random.next()
};
const fleet = new FleetView(columns);
const answer =
  scheduler.propose === undefined ? placeByScore(scheduler, fleet, intent) : scheduler.propose(fleet, intent);
for (const { moves, shares = [], note } of Symbol.iterator in answer ? answer : [answer]) {
  say({ is: 'proposal', moves, shares, ...(note === undefined ? {} : { note }) });
  if (intent.elapsed() >= intent.budget) break;
}
say({ is: 'done' });
