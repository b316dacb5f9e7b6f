// A simulated fleet that stands still, in which a test knows every VM, and an operator's tab that is paired with it.
import type { Browser } from '@playwright/test';
import { simProcess } from '../bench/fleet/sim-process.ts';
import type { SimProcess } from '../bench/fleet/sim-process.ts';
import { Tab } from './tab.ts';

const FLEET = ['--hosts', '12', '--sites', '3', '--vms', '90', '--seed', '7', '--churn', '0', '--still', '--port', '0'];

export type StillFleet = { readonly sim: SimProcess; readonly tab: Tab };

/** The simulation is the caller's to stop. Takes up to two minutes on a busy machine. */
export async function stillFleet(browser: Browser): Promise<StillFleet> {
  const fleet = await unpairedFleet(browser);
  await fleet.tab.pair(fleet.sim.links[0] ?? '');
  return fleet;
}

/** The same before the tab knows of it. */
export async function unpairedFleet(browser: Browser): Promise<StillFleet> {
  const sim = await simProcess(FLEET);
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, reducedMotion: 'reduce' });
  return { sim, tab: new Tab(await context.newPage()) };
}
