// `smps-vmm/plugin/testkit` under Node, from where plugin.mjs has the rest.
import { existsSync } from 'node:fs';

const source = new URL('../src/lib/plan/testkit/index.ts', import.meta.url);
const compiled = new URL('../dist/src/lib/plan/testkit/index.js', import.meta.url);

export const { aFleet, testScheduler } = await import((existsSync(source) ? source : compiled).href);
