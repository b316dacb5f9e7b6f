// The files of the ROADEF/EURO challenge 2012: a model and an assignment, whole numbers separated by white space.
import { Fault } from '../model/fault.ts';
import type { Assignment, Problem } from './problem.ts';

/** @throws Fault `bad-argument` unless the text is a whole model with nothing behind it */
export function parseModel(text: string): Problem {
  const next = reader('model', text);
  const resources = next.count();
  const transient = new Uint8Array(resources);
  const loadWeight = new Float64Array(resources);
  for (let r = 0; r < resources; r++) {
    transient[r] = next.below(2);
    loadWeight[r] = next.number();
  }
  const hosts = next.count();
  const [zone, site] = [new Int32Array(hosts), new Int32Array(hosts)];
  const [capacity, safety] = [new Float64Array(hosts * resources), new Float64Array(hosts * resources)];
  const pathCost = new Float64Array(hosts * hosts);
  for (let host = 0; host < hosts; host++) {
    zone[host] = next.count();
    site[host] = next.count();
    next.fill(capacity, host * resources, resources);
    next.fill(safety, host * resources, resources);
    next.fill(pathCost, host * hosts, hosts);
  }
  const services = next.count();
  const spread = new Int32Array(services);
  const needs: Int32Array[] = [];
  for (let service = 0; service < services; service++) {
    spread[service] = next.count();
    needs.push(Int32Array.from({ length: next.count() }, () => next.below(services)));
  }
  const vms = next.count();
  const service = new Int32Array(vms);
  const demand = new Float64Array(vms * resources);
  const moveCost = new Float64Array(vms);
  for (let vm = 0; vm < vms; vm++) {
    service[vm] = next.below(services);
    next.fill(demand, vm * resources, resources);
    moveCost[vm] = next.number();
  }
  const balances = Array.from({ length: next.count() }, () => ({
    of: next.below(resources),
    against: next.below(resources),
    target: next.number(),
    weight: next.number()
  }));
  const [moveWeight, serviceMoveCost, pathWeight] = [next.number(), next.number(), next.number()];
  next.end();
  const most = (column: Int32Array): number => column.reduce((top, value) => Math.max(top, value + 1), 1);
  return {
    ...{
      resources,
      transient,
      hard: new Uint8Array(resources).fill(1),
      loadWeight,
      hosts,
      capacity,
      safety,
      site,
      sites: most(site),
      zone,
      zones: most(zone)
    },
    ...{
      services,
      spread,
      needs,
      vms,
      serviceOf: service,
      demand,
      home: new Int32Array(vms),
      balances,
      serviceMoveCost
    },
    moveCost: moveCost.map((cost) => cost * moveWeight),
    pathCost: pathCost.map((cost) => cost * pathWeight),
    // Each VM is of one service and may be everywhere; each host is a class of its own.
    ...{ serviceStart: counted(vms + 1), apart: new Uint8Array(services).fill(1), path: counted(hosts), paths: hosts },
    ...{ mask: new Int32Array(vms), masks: new Uint8Array(hosts).fill(1), fixed: new Uint8Array(vms) },
    ...{ moveSize: new Float64Array(vms), pathRate: new Float64Array(hosts * hosts) },
    ...{ counts: new Uint8Array(vms), onCost: new Float64Array(hosts) }
  };
}

/** 0, 1, 2 and on. */
const counted = (length: number): Int32Array => Int32Array.from({ length }, (_, n) => n);

/** @throws Fault `bad-argument` unless the text names a host of the problem for every one of its VMs */
export function parseAssignment(text: string, { vms, hosts }: Problem): Assignment {
  const next = reader('assignment', text);
  const assignment = Int32Array.from({ length: vms }, () => next.below(hosts));
  next.end();
  return assignment;
}

export const formatAssignment = (assignment: Assignment): string => `${assignment.join(' ')}\n`;

const LARGEST_COUNT = 1_000_000;

function reader(name: string, text: string) {
  let at = 0;
  let index = 0;
  const bad = (reason: string): Fault => new Fault('bad-argument', { name, value: `number ${index}`, reason });
  const space = (): void => {
    while (at < text.length && text.charCodeAt(at) <= 32) at++;
  };
  const number = (): number => {
    space();
    index++;
    const from = at;
    let value = 0;
    for (; at < text.length; at++) {
      const digit = text.charCodeAt(at) - 48;
      if (digit < 0 || digit > 9) break;
      value = value * 10 + digit;
    }
    if (at === from)
      throw bad(at < text.length ? 'must be a whole number, not negative' : 'is missing: the file ends before it');
    if (!Number.isSafeInteger(value)) throw bad('must be at most 2^53 - 1');
    return value;
  };
  const below = (limit: number): number => {
    const value = number();
    if (value >= limit) throw bad(`must be below ${limit}`);
    return value;
  };
  return {
    number,
    below,
    count: (): number => below(LARGEST_COUNT),
    fill(column: Float64Array, from: number, length: number): void {
      for (let i = 0; i < length; i++) column[from + i] = number();
    },
    end(): void {
      space();
      if (at < text.length) throw bad('is the last one there should be: more follows');
    }
  };
}
