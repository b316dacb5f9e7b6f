// Simplified Chinese. Loaded when chosen.
import { common } from './zh/common.ts';
import { frame } from './zh/frame.ts';
import { map } from './zh/map.ts';
import { table } from './zh/table.ts';
import { vm } from './zh/vm.ts';
import { create } from './zh/create.ts';
import { host } from './zh/host.ts';
import { tasks } from './zh/tasks.ts';
import { pairing } from './zh/pairing.ts';
import { trust } from './zh/trust.ts';
import { faults } from './zh/faults.ts';
import { charts } from './zh/charts.ts';
import type { Messages } from './messages.ts';
export const zh: Messages = { common, frame, map, table, vm, create, host, tasks, pairing, trust, faults, charts };
