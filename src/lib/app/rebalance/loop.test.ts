import { afterEach, expect, test } from 'vitest';
import { en } from '#lib/messages/en.ts';
import type { Fleet } from '#lib/model/fleet.ts';
import { DEFAULT_REBALANCE, type RebalanceSettings } from '#lib/plan/rebalance/settings.ts';
import { aFleet, aHost } from '../../../../tests/support/a-fleet.ts';
import { Planner } from '../plans/planner.svelte.ts';
import { Planning } from '../plans/planning.svelte.ts';
import type { Plugins } from '../plugins/plugins.svelte.ts';
import { Tasks } from '../tasks/tasks.svelte.ts';
import { Toasts } from '../notices/toasts.svelte.ts';
import { Rebalance } from './loop.svelte.ts';

const HOUR = 3_600_000;
const OFF: RebalanceSettings = { ...DEFAULT_REBALANCE, level: 'off', every: HOUR };
const ON: RebalanceSettings = { ...OFF, level: 'advise' };
const FLEET = aFleet(aHost('a'));
const ends: (() => void)[] = [];

/** The loop of a tab with one host: every round is hindered, and decided at once. @param look called with each look at the fleet */
async function loop(look: () => void): Promise<Rebalance> {
  const fleet = (): Fleet => {
    look();
    return FLEET;
  };
  const tasks = new Tasks(
    () => null,
    () => null,
    () => 0,
    () => Promise.resolve(en),
    () => undefined
  );
  const plugins = { usable: [], list: [] } as unknown as Plugins; // no scheduler is asked
  const planner = await Planner.open(new Planning(fleet, tasks), plugins, fleet, tasks);
  const planning = { planner: Promise.resolve(planner) } as unknown as Planning; // only this is used
  const opened = await Rebalance.open({ planning, fleet, toasts: new Toasts(), messages: () => Promise.resolve(en) });
  ends.push(opened.start());
  return opened;
}

afterEach(() => {
  for (const end of ends.splice(0)) end();
  localStorage.removeItem('smps-rebalance');
});

const leads = (one: Rebalance): Promise<void> => expect.poll(() => one.leads).toBe(true);

test('switched off while it waits and on again at once, it leads', async () => {
  const one = await loop(() => undefined);
  one.settings = ON;
  await leads(one);
  const { length } = one.rounds;
  one.settings = OFF;
  one.settings = ON;
  await expect.poll(() => one.rounds.length).toBeGreaterThan(length);
  await leads(one);
});

test('switched off while a round is decided, it ends with that round and not when the next is due', async () => {
  let during: (() => void) | null = null;
  const one = await loop(() => {
    during?.();
    during = null;
  });
  during = () => (one.settings = OFF);
  one.settings = ON;
  await expect.poll(() => during).toBeNull();
  await expect.poll(() => one.leads).toBe(false);
  one.settings = ON;
  await leads(one);
});
