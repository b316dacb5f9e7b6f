// English, area by area. Every other language has the same keys, or it does not compile.
import { shell } from './en-shell.ts';
import { keys } from './en/keys.ts';
import { query } from './en/query.ts';
import { table } from './en/table.ts';
import { vm } from './en/vm.ts';
import { create } from './en/create.ts';
import { host } from './en/host.ts';
import { problem } from './en/problem.ts';
import { pairing } from './en/pairing.ts';
import { trust } from './en/trust.ts';
import { log } from './en/log.ts';
import { plans } from './en/plans.ts';
import { planRun } from './en/plan-run.ts';
import { plugins } from './en/plugins.ts';
import { charts } from './en/charts.ts';
import { place } from './en/place.ts';
import { maintenance } from './en/maintenance.ts';
import { rebalance } from './en/rebalance.ts';
import { reasons } from './en/reasons.ts';
import { consoles } from './en/consoles.ts';
export const en = {
  ...shell,
  keys,
  query,
  table,
  vm,
  create,
  host,
  problem,
  pairing,
  trust,
  log,
  charts,
  plans,
  planRun,
  plugins,
  place,
  maintenance,
  rebalance,
  reasons,
  consoles
};
