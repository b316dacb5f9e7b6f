import { afterEach, expect, test } from 'vitest';
import { en } from '#lib/messages/en.ts';
import type { Messages } from '#lib/messages/messages.ts';
import type { Fleet } from '#lib/model/fleet.ts';
import { mib, vcpus } from '#lib/model/units.ts';
import { DEFAULT_REBALANCE, type RebalanceSettings } from '#lib/plan/rebalance/settings.ts';
import { aFleet, aHost } from '../../../../tests/support/a-fleet.ts';
import { aVm } from '../../../../tests/support/fake-host.ts';
import { Planner } from '../plans/planner.svelte.ts';
import { Planning } from '../plans/planning.svelte.ts';
import type { Plugins } from '../plugins/plugins.svelte.ts';
import { Tasks } from '../tasks/tasks.svelte.ts';
import { Toasts } from '../notices/toasts.svelte.ts';
import { Rebalance } from './loop.svelte.ts';

const HOUR = 3_600_000;
const OFF: RebalanceSettings = { ...DEFAULT_REBALANCE, level: 'off', every: HOUR };
const ON: RebalanceSettings = { ...OFF, level: 'advise' };
/** One host: every round is hindered, and decided at once. */
const ALONE = aFleet(aHost('a'));
const ends: (() => void)[] = [];

/** No scheduler, and words that are there. */
const NOTHING = { plugins: { usable: [], list: [] }, messages: () => Promise.resolve(en) };

/** The loop of a tab, which asks for its fleet again and again. */
type More = { plugins: object; messages: () => Promise<Messages>; toasts?: Toasts };
async function loop(fleet: () => Fleet, { toasts = new Toasts(), ...more }: More = NOTHING) {
  const tasks = new Tasks(
    () => null,
    () => null,
    () => 0,
    () => Promise.resolve(en),
    () => undefined
  );
  const plugins = more.plugins as Plugins; // these of it are all that is used
  const planner = await Planner.open(new Planning(fleet, tasks), plugins, fleet, tasks);
  const planning = { planner: Promise.resolve(planner) } as unknown as Planning; // only this is used
  const opened = await Rebalance.open({ planning, fleet, toasts, messages: more.messages });
  ends.push(opened.start());
  return opened;
}

afterEach(() => {
  for (const end of ends.splice(0)) end();
  localStorage.removeItem('smps-rebalance');
});

const leads = (one: Rebalance): Promise<void> => expect.poll(() => one.leads).toBe(true);

test('switched off while it waits and on again at once, it leads', async () => {
  const one = await loop(() => ALONE);
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
    return ALONE;
  });
  during = () => (one.settings = OFF);
  one.settings = ON;
  await expect.poll(() => during).toBeNull();
  await expect.poll(() => one.leads).toBe(false);
  one.settings = ON;
  await leads(one);
});

test('its first round waits until the hosts of a page just loaded have been heard', async () => {
  let fleet: Fleet = aFleet({ ...aHost('a'), link: 'connecting', facts: null });
  let looks = 0;
  const one = await loop(() => {
    looks += 1;
    return fleet;
  });
  const { length } = one.rounds;
  one.settings = ON;
  const before = looks;
  await expect.poll(() => looks, { timeout: 5_000 }).toBeGreaterThan(before + 2);
  expect(one.rounds).toHaveLength(length);
  fleet = ALONE;
  await expect.poll(() => one.rounds.length, { timeout: 5_000 }).toBe(length + 1);
});

test('rounds that fail are told once, with why, until one comes to a decision', async () => {
  let broken = false;
  let failed = 0;
  const toasts = new Toasts();
  const plugins = {
    list: [],
    get usable() {
      if (!broken) return [];
      failed += 1;
      throw new Error('out of its mind');
    }
  };
  const one = await loop(() => ALONE, { ...NOTHING, plugins, toasts });
  broken = true;
  one.settings = { ...ON, every: 20 };
  await expect.poll(() => failed).toBeGreaterThan(2);
  expect(one.failure?.detail).toEqual({ reason: 'out of its mind' });
  expect(toasts.list.map(({ id, tone }) => ({ id, tone }))).toEqual([{ id: 1, tone: 'bad' }]);
  broken = false;
  await expect.poll(() => one.failure).toBeNull();
  expect(toasts.list.map(({ id }) => id)).toEqual([1]);
});

test('a plan it has decided to run is run, also where the words to say so cannot be loaded', async () => {
  const vms = [1, 2, 3, 4, 5, 6].map((n) => aVm(n, { vcpus: vcpus(2), memory: mib(1024) }));
  const fleet = aFleet(aHost('a', vms), aHost('b'));
  const manifest = { id: 'min-cost', version: '1.0.0', api: 1, title: 'Min cost', description: 'Moves half of them.' };
  const half = { vms: Int32Array.of(0, 1, 2), hosts: Int32Array.of(1, 1, 1), shares: new Int32Array(0), note: '' };
  const sandbox = {
    show: () => Promise.resolve(),
    propose: (_: unknown, take: (moves: typeof half) => void) => {
      take(half);
      return Promise.resolve();
    },
    close: () => undefined
  };
  const plugin = { id: manifest.id, manifest, config: {}, on: true, offered: null };
  const plugins = {
    usable: [plugin],
    list: [plugin],
    load: () => Promise.resolve(sandbox),
    configOf: () => ({}),
    worked: () => undefined
  };
  const one = await loop(() => fleet, { plugins, messages: () => Promise.reject(new Error('not loaded')) });
  one.settings = { ...ON, level: 'act', every: 100, rounds: 1, least: 0.001, factor: 0 };
  const isRun = (): boolean =>
    one.planner.plans.some(({ run, request }) => run !== null && request.kind === 'rebalance');
  await expect.poll(isRun, { timeout: 5_000 }).toBe(true);
});
