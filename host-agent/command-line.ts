// What the agent's administrator types: parsed strictly, into one of a few intentions.
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { Fault } from '../src/lib/model/fault.ts';
import { ROLES } from '../src/lib/model/fleet.ts';
import type { Role } from '../src/lib/model/fleet.ts';
import { hostId, operatorKey } from '../src/lib/model/ids.ts';
import type { OperatorKey } from '../src/lib/model/ids.ts';
import { DRIVERS } from './driver-config.ts';
import type { AgentConfig } from './state.ts';

export const USAGE = `smps-agent, or smps agent: makes this host manageable by the operators it knows

  init  --state DIR --id ID --driver libvirt|simulated [--name NAME] [--site SITE] [--address 127.0.0.1] [--port 7440]
        libvirt:   --uri qemu:///system --images DIR
        simulated: [--vms N] [--seed N]
  run   --state DIR [--port N] [--log debug|info|warn|error]
  pair  --state DIR [--role viewer|operator|admin]     prints a pairing ticket, good for ten minutes and one use
  pin   --state DIR                                    prints the certificate pin for the gateway's host table
  operators --state DIR [--revoke KEY | --set-role ROLE --key KEY]
  doctor [--state DIR] [--uri URI] [--json]            looks into all that the agent stands on, and says what to do

Exit status: 0 done, 1 failed (doctor: something is to be mended), 2 usage or configuration.
`;

export type Intention =
  | { readonly verb: 'help' }
  | { readonly verb: 'init'; readonly state: string; readonly config: AgentConfig }
  | {
      readonly verb: 'run';
      readonly state: string;
      readonly port: number | null;
      readonly log: 'debug' | 'info' | 'warn' | 'error';
    }
  | { readonly verb: 'pair'; readonly state: string; readonly role: Role }
  | { readonly verb: 'pin'; readonly state: string }
  | {
      readonly verb: 'operators';
      readonly state: string;
      readonly change: { readonly key: OperatorKey; readonly role: Role | null } | null;
    }
  | { readonly verb: 'doctor'; readonly state: string | null; readonly uri: string | null; readonly json: boolean };

const OPTIONS = {
  init: ['id', 'name', 'site', 'driver', 'address', 'port', 'uri', 'images', 'vms', 'seed'],
  run: ['port', 'log'],
  pair: ['role'],
  pin: [],
  operators: ['revoke', 'set-role', 'key'],
  doctor: ['uri']
} as const;
/** Options without a value. */
const FLAGS: Partial<Record<keyof typeof OPTIONS, readonly string[]>> = { doctor: ['json'] };
const DEFAULT_PORT = 7440;

const usage = (reason: string): Fault => new Fault('usage', { reason });

/** @param args without the program's own name @throws Fault `usage`, `bad-argument` */
export function parseCommandLine(args: readonly string[]): Intention {
  const [verb, ...rest] = args;
  if (verb === undefined || verb === 'help' || verb === '--help' || verb === '-h') return { verb: 'help' };
  if (!Object.hasOwn(OPTIONS, verb)) throw usage(`there is no “${verb}”: see --help`);
  const known = verb as keyof typeof OPTIONS;
  const values = read(known, rest);
  if (values === null) return { verb: 'help' };
  if (known === 'doctor') {
    const optional = (name: string): string | null => (values.has(name) ? required(values, name) : null);
    return { verb: known, state: optional('state'), uri: optional('uri'), json: values.has('json') };
  }
  const state = required(values, 'state');
  switch (known) {
    case 'init':
      return { verb: known, state, config: parseInit(values) };
    case 'run': {
      const port = values.get('port');
      const log = choice('log', values.get('log') ?? 'info', ['debug', 'info', 'warn', 'error'] as const);
      return { verb: known, state, port: port === undefined ? null : whole('port', port, 65_535), log };
    }
    case 'pair':
      return { verb: known, state, role: choice('role', values.get('role') ?? 'admin', ROLES) };
    case 'pin':
      return { verb: known, state };
    case 'operators':
      return { verb: known, state, change: parseChange(values) };
  }
}

function read(verb: keyof typeof OPTIONS, args: string[]): ReadonlyMap<string, string> | null {
  const names = ['state', ...OPTIONS[verb]];
  const strings = Object.fromEntries(names.map((name) => [name, { type: 'string' as const }]));
  const flags = Object.fromEntries((FLAGS[verb] ?? []).map((name) => [name, { type: 'boolean' as const }]));
  try {
    const { values } = parseArgs({
      args,
      options: { ...strings, ...flags, help: { type: 'boolean', short: 'h' } },
      strict: true
    });
    if (values['help'] === true) return null;
    return new Map(Object.entries(values).map(([name, value]) => [name, String(value)]));
  } catch (cause) {
    throw usage(`${verb}: ${cause instanceof Error ? cause.message : String(cause)}`);
  }
}

function parseInit(values: ReadonlyMap<string, string>): AgentConfig {
  const id = hostId(required(values, 'id'));
  const kind = choice('driver', required(values, 'driver'), DRIVERS);
  const foreign = (kind === 'libvirt' ? ['vms', 'seed'] : ['uri', 'images']).find((name) => values.has(name));
  if (foreign !== undefined) throw usage(`--${foreign} has no meaning for the driver ${kind}`);
  const config =
    kind === 'libvirt'
      ? { uri: required(values, 'uri'), images: resolve(required(values, 'images')) }
      : Object.fromEntries(
          ['vms', 'seed'].flatMap((name) => {
            const value = values.get(name);
            return value === undefined ? [] : [[name, whole(name, value, 2 ** 32 - 1)]];
          })
        );
  return {
    id,
    name: values.get('name') ?? id,
    site: values.get('site') ?? 'default',
    address: values.get('address') ?? '127.0.0.1',
    port: whole('port', values.get('port') ?? String(DEFAULT_PORT), 65_535),
    driver: { kind, config }
  };
}

function parseChange(values: ReadonlyMap<string, string>): { key: OperatorKey; role: Role | null } | null {
  const revoke = values.get('revoke');
  const role = values.get('set-role');
  if (revoke !== undefined && role !== undefined) throw usage('either --revoke or --set-role');
  if (revoke !== undefined) return { key: operatorKey(revoke), role: null };
  if (role === undefined) return null;
  return { key: operatorKey(required(values, 'key')), role: choice('set-role', role, ROLES) };
}

function required(values: ReadonlyMap<string, string>, name: string): string {
  const value = values.get(name);
  if (value === undefined || value === '') throw usage(`--${name} is missing`);
  return value;
}

function whole(name: string, value: string, max: number): number {
  if (!/^[0-9]{1,10}$/.test(value) || Number(value) > max) {
    throw new Fault('bad-argument', { name: `--${name}`, value, reason: `must be a whole number up to ${max}` });
  }
  return Number(value);
}

function choice<const Values extends readonly string[]>(name: string, value: string, values: Values): Values[number] {
  const found = values.find((each) => each === value);
  if (found === undefined) {
    throw new Fault('bad-argument', { name: `--${name}`, value, reason: `must be one of ${values.join(', ')}` });
  }
  return found;
}
