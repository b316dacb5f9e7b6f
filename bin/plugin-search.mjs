// `smps-vmm/plugin/search` under Node, from where plugin.mjs has the rest.
import { existsSync } from 'node:fs';

const source = new URL('../src/lib/plan/search/plan-search.ts', import.meta.url);
const compiled = new URL('../dist/src/lib/plan/search/plan-search.js', import.meta.url);

export const { costOfAdding, search, shareWith } = await import((existsSync(source) ? source : compiled).href);
