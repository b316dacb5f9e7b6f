// The configuration of a simulated host as agent.json carries it: strictly read, like everything from outside.
import { CAPABILITIES } from '../../../src/lib/model/fleet.ts';
import type { Fields } from '../../files/fields.ts';
import { OPERATIONS } from './config.ts';
import type { SimulatedConfig } from './config.ts';

const MAX_VMS = 10_000;
const DAY = 86_400_000;

/** @throws Fault `corrupt-state` for what is unknown or out of range */
export function parseSimulated(fields: Fields): SimulatedConfig {
  const whole = (name: string, min: number, max: number): number | null =>
    fields.maybe(name, () => fields.whole(name, min, max));
  const given = {
    seed: whole('seed', 0, 2 ** 32 - 1),
    cpus: whole('cpus', 1, 4096),
    memory: whole('memory', 64, 2 ** 33),
    storage: whole('storage', 0, 2 ** 33),
    vms: whole('vms', 0, MAX_VMS),
    speed: whole('speed', 1, 1_000_000),
    latency: fields.maybe('latency', () => parseLatency(fields.object('latency'))),
    capabilities: fields.maybe('capabilities', () => parseCapabilities(fields.object('capabilities')))
  };
  fields.end();
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== null));
}

function parseLatency(fields: Fields): NonNullable<SimulatedConfig['latency']> {
  const given = OPERATIONS.map((name) => [name, fields.maybe(name, () => fields.whole(name, 0, DAY))] as const);
  fields.end();
  return Object.fromEntries(given.filter(([, value]) => value !== null));
}

function parseCapabilities(fields: Fields): NonNullable<SimulatedConfig['capabilities']> {
  const given = CAPABILITIES.map((name) => {
    const capability = fields.maybe(name, () => {
      const each = fields.object(name);
      const live = each.flag('live');
      const reason = each.maybe('reason', () => each.text('reason'));
      const means = each.maybe('means', () => each.text('means'));
      each.end();
      return means === null ? { live, reason } : { live, reason, means };
    });
    return [name, capability] as const;
  });
  fields.end();
  return Object.fromEntries(given.filter(([, value]) => value !== null));
}
