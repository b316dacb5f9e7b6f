// The program: reads its arguments, runs one command, and answers with the exit status. Everything from outside comes in
// as parameters, so that tests run it as it is.
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { Fault } from '../lib/model/fault.ts';
import { commandId, revision } from '../lib/model/ids.ts';
import { parseOp } from './arguments.ts';
import { connect, reportAway, settled } from './connection.ts';
import { findPairing } from './find.ts';
import { HELP, helpOn } from './help.ts';
import { Home, homeDirectory } from './home.ts';
import { listing, printList } from './list.ts';
import { migrate } from './migrate.ts';
import type { MigrateRequest } from './migrate.ts';
import { pair } from './pair.ts';
import { plan, sizesOf, weightsOf } from './plan.ts';
import type { PlanRequest } from './plan.ts';
import { plugin } from './plugin.ts';
import { run } from './run.ts';
import { solve } from './solve.ts';
import type { SolveRequest } from './solve.ts';
import { STATUS, statusOfFault, usage } from './status.ts';
import type { Status } from './status.ts';
import { visible } from './terminal.ts';
import type { Output } from './terminal.ts';
import { watch } from './watch.ts';

const OPTIONS = {
  json: { type: 'boolean' },
  host: { type: 'string' },
  wait: { type: 'string' },
  gateway: { type: 'string' },
  label: { type: 'string' },
  expect: { type: 'string' },
  id: { type: 'string' },
  within: { type: 'string' },
  model: { type: 'string' },
  assignment: { type: 'string' },
  'cpu-seconds': { type: 'string' },
  workers: { type: 'string' },
  seed: { type: 'string' },
  out: { type: 'string' },
  scheduler: { type: 'string' },
  leave: { type: 'string' },
  'off-too': { type: 'boolean' },
  resize: { type: 'string' },
  seconds: { type: 'string' },
  weights: { type: 'string' },
  bandwidth: { type: 'string' },
  'auto-converge': { type: 'boolean' },
  downtime: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean' }
} as const;
type Flag = 'json' | 'auto-converge' | 'off-too' | 'help' | 'version';
type Options = Partial<Record<Exclude<keyof typeof OPTIONS, Flag>, string>> & Partial<Record<Flag, boolean>>;

/** What each command understands besides --wait. */
const TAKES: Readonly<Record<string, readonly (keyof Options)[]>> = {
  pair: ['json', 'gateway', 'label'],
  ls: ['json', 'host'],
  run: ['json', 'host', 'expect', 'id', 'within'],
  watch: ['json', 'host'],
  migrate: ['json', 'bandwidth', 'auto-converge', 'downtime'],
  plan: ['json', 'scheduler', 'leave', 'off-too', 'resize', 'seconds', 'seed', 'weights'],
  solve: ['json', 'model', 'assignment', 'cpu-seconds', 'workers', 'seed', 'out'],
  plugin: ['json'],
  forget: [],
  'accept-journal': []
};

export type Surroundings = Output & {
  readonly env: NodeJS.ProcessEnv;
  /** The version of this program. */
  readonly version: string;
  /** Aborts when the operator interrupts (Ctrl-C). */
  readonly signal: AbortSignal;
};

/** Never throws: what went wrong is said on standard error. @returns the exit status */
export async function main(words: readonly string[], around: Surroundings): Promise<Status> {
  try {
    return await dispatch(words, around);
  } catch (thrown) {
    if (around.signal.aborted) {
      around.err('smps: interrupted; what was sent may still be carried out');
      return STATUS.unknown;
    }
    const fault = Fault.from(thrown);
    // A usage fault says itself what can be done, and quotes only what was typed.
    const advice = fault.code === 'usage' ? '' : `. ${fault.advice}`;
    const text = fault.message.split('\n').map(visible).join('\n');
    around.err(`smps: ${text}${advice}`);
    const status = statusOfFault(fault);
    // A program that asked for an object gets one, whatever happened.
    if (words.includes('--json')) around.out(JSON.stringify(faultEntry(fault, status), null, 2));
    return status;
  }
}

function faultEntry({ code, message, advice, detail }: Fault, status: Status) {
  const [name] = Object.entries(STATUS).find(([, value]) => value === status) ?? ['failed'];
  return { status: name, fault: { code, message, advice, detail } };
}

async function dispatch(argv: readonly string[], around: Surroundings): Promise<Status> {
  const { options, words } = read(argv);
  const [command, ...rest] = words;
  if (options.version) {
    around.out(around.version);
    return STATUS.done;
  }
  if (options.help || command === undefined || command === 'help') {
    if (command === undefined && !options.help) usage(HELP);
    around.out(helpOn(command === 'help' ? rest : words));
    return STATUS.done;
  }
  const takes = TAKES[command] ?? usage(`there is no command “${command}”; see smps --help`);
  for (const name of Object.keys(options) as (keyof Options)[]) {
    if (name !== 'wait' && !takes.includes(name)) usage(`smps ${command} has no option --${name}`);
  }
  if (command === 'solve') {
    none(command, rest);
    return await solve(solveRequest(options), around, around.signal);
  }
  if (command === 'plugin') {
    const request = { words: rest, json: options.json ?? false, version: around.version };
    return await plugin(request, around, around.signal);
  }
  return await perform(command, rest, options, around);
}

async function perform(
  command: string,
  words: readonly string[],
  options: Options,
  around: Surroundings
): Promise<Status> {
  const home = new Home(homeDirectory(around.env));
  const json = options.json ?? false;
  const host = options.host ?? null;
  const wait = seconds('wait', options.wait) ?? 10;
  switch (command) {
    case 'pair':
      return await pair(
        home,
        { words, gateway: options.gateway ?? null, label: options.label ?? null, json, wait },
        around
      );
    case 'run': {
      const [op = usage('smps run OP key=value...; smps help run lists the operations'), ...pairs] = words;
      const expect = options.expect === undefined ? null : revision(options.expect);
      const id = options.id === undefined ? null : commandId(options.id);
      const within = seconds('within', options.within);
      const request = { op: parseOp(op), words: pairs, host, expect, id, within, json, wait };
      return await run(home, request, around, around.signal);
    }
    case 'watch':
      none(command, words);
      return await watch(home, { host, json, wait }, around, around.signal);
    case 'migrate':
      return await migrated(home, migrateRequest(words, options), wait, around);
    case 'ls':
      none(command, words);
      return await list(home, { host, json, wait }, around);
    case 'plan':
      none(command, words);
      return await planned(home, planRequest(options), wait, around);
    default:
      return change(command, home, one(command, words), around);
  }
}

function solveRequest(options: Options): SolveRequest {
  const { model, assignment, out } = options;
  if (model === undefined || assignment === undefined) usage('smps solve --model FILE --assignment FILE');
  return {
    ...{ model, assignment, out: out ?? null, json: options.json ?? false },
    cpuSeconds: whole('cpu-seconds', options['cpu-seconds'] ?? '10', 1),
    workers: whole('workers', options.workers ?? String(availableParallelism()), 1),
    seed: whole('seed', options.seed ?? '1', 0)
  };
}

function planRequest(options: Options): PlanRequest {
  if (options.leave !== undefined && options.resize !== undefined)
    usage('smps plan takes --leave or --resize, not both');
  if (options['off-too'] === true && options.leave === undefined) usage('--off-too goes with --leave');
  return {
    scheduler: options.scheduler ?? 'min-cost',
    leave: options.leave?.split(',').filter((name) => name !== '') ?? [],
    off: options['off-too'] ?? false,
    resizes: sizesOf(options.resize ?? ''),
    seconds: whole('seconds', options.seconds ?? '5', 1),
    seed: whole('seed', options.seed ?? '1', 0),
    weights: weightsOf(options.weights ?? ''),
    json: options.json ?? false
  };
}

function migrateRequest([vm, to, ...more]: readonly string[], options: Options): MigrateRequest {
  if (vm === undefined || to === undefined || more.length > 0) usage('smps migrate VM HOST');
  const { bandwidth, downtime, json = false } = options;
  return {
    vm,
    to,
    bandwidth: bandwidth === undefined ? null : whole('bandwidth', bandwidth, 1),
    autoConverge: options['auto-converge'] ?? false,
    downtime: downtime === undefined ? null : whole('downtime', downtime, 1),
    json
  };
}

async function migrated(home: Home, request: MigrateRequest, wait: number, around: Surroundings): Promise<Status> {
  const client = await connect(home, home.pairings(), around);
  try {
    await settled(client, wait);
    return await migrate(client, request, around, around.signal);
  } finally {
    client.close();
  }
}

async function planned(home: Home, request: PlanRequest, wait: number, around: Surroundings): Promise<Status> {
  const client = await connect(home, home.pairings(), around);
  try {
    await settled(client, wait);
    reportAway(client, around);
    return await plan(client.fleet, request, around, around.signal);
  } finally {
    client.close();
  }
}

async function list(
  home: Home,
  { host, json, wait }: { host: string | null; json: boolean; wait: number },
  output: Output
): Promise<Status> {
  const pairings = home.pairings();
  const wanted = host === null ? pairings : [findPairing(pairings, host)];
  const client = await connect(home, wanted, output);
  try {
    await settled(client, wait);
    const { fleet } = client;
    if (json) output.out(JSON.stringify(listing(fleet), null, 2));
    else printList(fleet, output);
    reportAway(client, output);
    const reached = [...fleet.hosts.values()].some(({ link }) => link === 'online');
    return reached || wanted.length === 0 ? STATUS.done : STATUS.failed;
  } finally {
    client.close();
  }
}

/** What changes only what is kept here; no host is asked. */
function change(command: string, home: Home, text: string, output: Output): Status {
  const pairing = findPairing(home.pairings(), text);
  if (command === 'forget') home.removePairing(pairing.host);
  else home.forgetJournal(pairing);
  output.out(
    command === 'forget' ? `${pairing.host} is forgotten here` : `the journal of ${pairing.host} is believed anew`
  );
  return STATUS.done;
}

function read(argv: readonly string[]): { options: Options; words: string[] } {
  try {
    const { values, positionals } = parseArgs({ args: [...argv], options: OPTIONS, allowPositionals: true });
    return { options: { ...values }, words: positionals };
  } catch (thrown) {
    return usage(`${(thrown as Error).message}; see smps --help`);
  }
}

function seconds(name: string, text: string | undefined): number | null {
  if (text === undefined) return null;
  const value = Number(text);
  return /^\d{1,5}$/.test(text) ? value : usage(`--${name} must be whole seconds, not “${text}”`);
}

function whole(name: string, text: string, least: number): number {
  const value = Number(text);
  return /^\d{1,9}$/.test(text) && value >= least
    ? value
    : usage(`--${name} must be a whole number from ${least}, not “${text}”`);
}

function none(command: string, words: readonly string[]): void {
  if (words[0] !== undefined) usage(`smps ${command} takes no “${words[0]}”`);
}

function one(command: string, words: readonly string[]): string {
  const [word, ...others] = words;
  return word !== undefined && others.length === 0 ? word : usage(`smps ${command} takes one HOST`);
}
