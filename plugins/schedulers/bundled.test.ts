import { expect, it } from 'vitest';
import { testScheduler } from 'smps-vmm/plugin/testkit';
import affinityFirst from './affinity-first.ts';
import evacuate from './evacuate.ts';
import minCost from './min-cost.ts';
import pack from './pack.ts';
import proxmoxStatic from './proxmox-static.ts';
import spread from './spread.ts';

const BUNDLED = [affinityFirst, evacuate, minCost, pack, proxmoxStatic, spread];
/** Ms: min-cost searches until each trial's budget is used up. */
const LONG = 60_000;

it.each(BUNDLED.map((plugin) => [plugin.manifest.id, plugin] as const))(
  '%s is without findings',
  (_, plugin) => {
    expect(testScheduler(plugin)).toEqual([]);
  },
  LONG
);
