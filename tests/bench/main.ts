// `npm run bench -- NAME [--json] [--rounds N]`: measures, prints, and with --json nothing but one JSON object on stdout.
// Ends with status 1 when a goal was missed. Goals and results: docs/BENCHMARKS.md.
import { parseArgs } from 'node:util';
import { machine, printed } from './report.ts';
import type { Result } from './report.ts';

/** Loaded when asked for: a benchmark should not carry the others' modules in its memory. */
const BENCHES: Record<string, (rounds: number) => Promise<Result>> = {
  link: async () => (await import('./link.ts')).link(),
  relay: async () => (await import('./relay.ts')).relayThroughput(),
  'gateway-memory': async () => (await import('./relay.ts')).gatewayMemory(),
  footprint: async () => (await import('./footprint.ts')).footprint(),
  hotplug: async (rounds) => (await import('./hotplug.ts')).hotplug(rounds)
};

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { json: { type: 'boolean', default: false }, rounds: { type: 'string', default: '12' } }
});
const [name = ''] = positionals;
const bench = BENCHES[name];
const rounds = Number(values.rounds);
if (bench === undefined || !Number.isInteger(rounds) || rounds < 1) {
  console.error(`usage: npm run bench -- ${Object.keys(BENCHES).join('|')} [--json] [--rounds N (hotplug)]`);
  process.exit(2);
}
const about = { bench: name, date: new Date().toISOString(), machine: machine() };
const result = await bench(rounds);
if (values.json) console.log(JSON.stringify({ ...about, ...result }, null, 2));
else console.log(`${name}, ${about.date}, ${about.machine.cpu} x${about.machine.cores}\n${printed(result)}`);
process.exit(result.verdicts.every(({ met }) => met) ? 0 : 1);
