// `npm run bench -- NAME [--json] [--rounds N]`: measures, prints, and with --json nothing but one JSON object on stdout.
// Ends with status 1 when a goal was missed. Goals and results: docs/BENCHMARKS.md.
import { parseArgs } from 'node:util';
import type { GmrpOptions } from './gmrp.ts';
import { machine, printed } from './report.ts';
import type { Result } from './report.ts';

/** Loaded when asked for: a benchmark should not carry the others' modules in its memory. */
const BENCHES: Record<string, (rounds: number, given: GmrpOptions) => Promise<Result>> = {
  link: async () => (await import('./link.ts')).link(),
  relay: async () => (await import('./relay.ts')).relayThroughput(),
  'gateway-memory': async () => (await import('./relay.ts')).gatewayMemory(),
  footprint: async () => (await import('./footprint.ts')).footprint(),
  fleet: async () => (await import('./fleet.ts')).fleet(),
  start: async () => (await import('./start.ts')).start(),
  hotplug: async (rounds) => (await import('./hotplug.ts')).hotplug(rounds),
  migration: async (rounds) => (await import('./migration.ts')).migration(Math.ceil(rounds / 2)),
  console: async () => (await import('./console.ts')).consoles(),
  screen: async () => (await import('./screen.ts')).screen(),
  xen: async (rounds) => (await import('./xen.ts')).xen(Math.ceil(rounds / 2)),
  query: async () => (await import('./query.ts')).query(),
  sandbox: async () => (await import('./sandbox.ts')).sandbox(),
  map: async () => (await import('./map.ts')).map(),
  replan: async () => (await import('./replan.ts')).replan(),
  online: async (_rounds, given) => (await import('./online.ts')).online(given.dir),
  gmrp: async (_rounds, given) => (await import('./gmrp.ts')).gmrp(given)
};

const USAGE = `Usage: npm run bench -- ${Object.keys(BENCHES).join('|')} [--json] [--rounds N (hotplug, migration, xen)] [--dir D (gmrp, online) --seconds S --seeds N (gmrp)]`;

type Asked = { readonly name: string; readonly bench: () => Promise<Result>; readonly json: boolean };

/** Null: help is wanted. @throws Error with what is wrong about `args` */
function readOptions(args: readonly string[]): Asked | null {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      json: { type: 'boolean', default: false },
      rounds: { type: 'string', default: '12' },
      dir: { type: 'string' },
      seconds: { type: 'string' },
      seeds: { type: 'string', default: '3' },
      help: { type: 'boolean', default: false }
    }
  });
  if (values.help) return null;
  const [name = '', ...more] = positionals;
  const bench = Object.hasOwn(BENCHES, name) ? BENCHES[name] : undefined;
  if (bench === undefined || more.length > 0) throw new Error('it takes the name of one benchmark');
  const rounds = whole('rounds', values.rounds);
  const seconds = values.seconds === undefined ? null : whole('seconds', values.seconds);
  const given = { dir: values.dir ?? null, seconds, seeds: whole('seeds', values.seeds) };
  return { name, bench: () => bench(rounds, given), json: values.json };
}

function whole(name: string, text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new Error(`--${name} takes a whole number from 1`);
  return value;
}

let asked: Asked | null;
try {
  asked = readOptions(process.argv.slice(2));
} catch (error) {
  console.error(`bench: ${error instanceof Error ? error.message : String(error)}\n${USAGE}`);
  process.exit(2);
}
if (asked === null) {
  console.log(USAGE);
  process.exit(0);
}
const { name, bench, json } = asked;
const about = { bench: name, date: new Date().toISOString(), machine: machine() };
let result: Result;
try {
  result = await bench();
} catch (error) {
  console.error(`bench: ${name} broke off`, error);
  process.exit(1);
}
if (json) console.log(JSON.stringify({ ...about, ...result }, null, 2));
else console.log(`${name}, ${about.date}, ${about.machine.cpu} x${about.machine.cores}\n${printed(result)}`);
process.exit(result.verdicts.every(({ met }) => met) ? 0 : 1);
