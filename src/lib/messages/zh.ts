// Simplified Chinese. Loaded when chosen.
import { common } from './zh/common.ts';
import { frame } from './zh/frame.ts';
import { search } from './zh/search.ts';
import { map } from './zh/map.ts';
import { keys } from './zh/keys.ts';
import { query } from './zh/query.ts';
import { table } from './zh/table.ts';
import { vm } from './zh/vm.ts';
import { create } from './zh/create.ts';
import { host } from './zh/host.ts';
import { tasks } from './zh/tasks.ts';
import { problem } from './zh/problem.ts';
import { pairing } from './zh/pairing.ts';
import { trust } from './zh/trust.ts';
import { faults } from './zh/faults.ts';
import { log } from './zh/log.ts';
import { plans } from './zh/plans.ts';
import { planRun } from './zh/plan-run.ts';
import { plugins } from './zh/plugins.ts';
import { charts } from './zh/charts.ts';
import { place } from './zh/place.ts';
import { maintenance } from './zh/maintenance.ts';
import { rebalance } from './zh/rebalance.ts';
import { reasons } from './zh/reasons.ts';
import { consoles } from './zh/consoles.ts';
import type { Messages } from './messages.ts';
export const zh: Messages = {
  common,
  frame,
  search,
  map,
  keys,
  query,
  table,
  vm,
  create,
  host,
  tasks,
  problem,
  pairing,
  trust,
  faults,
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
