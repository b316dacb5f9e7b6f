// English, area by area. Every other language has the same keys, or it does not compile.
import { common } from './en/common.ts';
import { frame } from './en/frame.ts';
import { map } from './en/map.ts';
import { table } from './en/table.ts';
import { vm } from './en/vm.ts';
import { create } from './en/create.ts';
import { host } from './en/host.ts';
import { tasks } from './en/tasks.ts';
import { pairing } from './en/pairing.ts';
import { trust } from './en/trust.ts';
import { faults } from './en/faults.ts';
import { charts } from './en/charts.ts';
export const en = { common, frame, map, table, vm, create, host, tasks, pairing, trust, faults, charts };
