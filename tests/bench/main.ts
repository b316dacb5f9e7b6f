// `npm run bench -- NAME [--json]`: measures, prints, and with --json nothing but one JSON object on stdout.
// Ends with status 1 when a goal was missed. Goals and results: docs/BENCHMARKS.md.
import { parseArgs } from 'node:util';
import { machine, printed } from './report.ts';
import type { Result } from './report.ts';

/** Loaded when asked for: a benchmark should not carry the others' modules in its memory. */
const BENCHES: Record<string, () => Promise<Result>> = {
  link: async () => (await import('./link.ts')).link(),
  relay: async () => (await import('./relay.ts')).relayThroughput(),
  'gateway-memory': async () => (await import('./relay.ts')).gatewayMemory(),
  footprint: async () => (await import('./footprint.ts')).footprint(),
  fleet: async () => (await import('./fleet.ts')).fleet(),
  hotplug: async () => (await import('./hotplug.ts')).hotplug(),
  query: async () => (await import('./query.ts')).query(),
  map: async () => (await import('./map.ts')).map()
};

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { json: { type: 'boolean', default: false } }
});
const [name = ''] = positionals;
const bench = BENCHES[name];
if (bench === undefined) {
  console.error(`usage: npm run bench -- ${Object.keys(BENCHES).join('|')} [--json]`);
  process.exit(2);
}
const about = { bench: name, date: new Date().toISOString(), machine: machine() };
const result = await bench();
if (values.json) console.log(JSON.stringify({ ...about, ...result }, null, 2));
else console.log(`${name}, ${about.date}, ${about.machine.cpu} x${about.machine.cores}\n${printed(result)}`);
process.exit(result.verdicts.every(({ met }) => met) ? 0 : 1);
