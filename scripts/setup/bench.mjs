// `npm run bench`: each benchmark gets what it measures on, and the baseline it measures against, before it runs.
import { ensureBrowser } from '../browser.mjs';
import { aptInstall, canInstall } from './apt.mjs';
import { run, sync } from './ground.mjs';
import { HYPERVISOR_PACKAGES } from './hypervisor.mjs';
import { XEN_PACKAGES } from './xen.mjs';

/** `page`: it builds one of its own, by the tsconfig that SvelteKit writes.
 * @typedef {{ built?: boolean, browser?: boolean, page?: boolean, packages?: readonly string[] }} Needs */

/** By name of the benchmark; one that is not here needs nothing but Node. @type {Readonly<Record<string, Needs>>} */
const NEEDS = {
  console: { packages: ['websockify', 'procps'] },
  fleet: { built: true, browser: true },
  footprint: { packages: HYPERVISOR_PACKAGES },
  hotplug: { packages: HYPERVISOR_PACKAGES },
  map: { browser: true, page: true },
  migration: { packages: [...HYPERVISOR_PACKAGES, 'iproute2', 'bindfs'] },
  sandbox: { browser: true, page: true },
  screen: { browser: true, page: true, packages: ['websockify', 'procps'] },
  start: { built: true, browser: true },
  xen: { packages: XEN_PACKAGES }
};

/** @param {{ node: string, env: NodeJS.ProcessEnv, builds: () => Promise<void> }} ground @param {string[]} args @returns {Promise<number>} exit status */
export async function bench({ node, env, builds }, args) {
  const { built = false, browser = false, page = false, packages = [] } = NEEDS[args[0] ?? ''] ?? {};
  if (packages.length > 0 && canInstall()) await aptInstall(packages, 'the benchmark or its baseline needs them');
  if (browser) env.CHROMIUM_PATH = await ensureBrowser();
  if (built) await builds();
  else if (page) await sync(node, env);
  return run(node, ['tests/bench/main.ts', ...args], env);
}
