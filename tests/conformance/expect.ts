// What the suite asks again and again.
import { setTimeout as pause } from 'node:timers/promises';
import { expect } from 'vitest';
import type { Driver } from '../../host-agent/drivers/driver.ts';
import type { FaultCode, Outcome } from '../../src/lib/model/fault.ts';
import type { Capability, CapabilityName, Effect, Vm } from '../../src/lib/model/fleet.ts';
import type { VmId } from '../../src/lib/model/ids.ts';

/** The effects of a change that must have been done. */
export async function effectsOf(change: Promise<Outcome<readonly Effect[]>>): Promise<readonly Effect[]> {
  const outcome = await change;
  expect(outcome, outcome.status === 'refused' ? outcome.fault.message : '').toMatchObject({ status: 'done' });
  return outcome.status === 'done' ? outcome.value : [];
}

/** The code a change must have been refused with, and its sentence. */
export async function refusalOf(
  change: Promise<Outcome<unknown>>
): Promise<{ code: FaultCode; message: string } | 'done'> {
  const outcome = await change;
  return outcome.status === 'done' ? 'done' : { code: outcome.fault.code, message: outcome.fault.message };
}

/** The VM as it is now, which must be there. */
export async function theVm(driver: Driver, id: VmId): Promise<Vm> {
  const vm = await driver.get(id);
  if (vm === null) throw new Error(`there is no VM ${id}`);
  return vm;
}

/** Waits until `look` finds what it looks for; fails with what was there instead. */
export async function until<Value>(
  ms: number,
  look: () => Promise<Value>,
  enough: (value: Value) => boolean
): Promise<Value> {
  for (const deadline = Date.now() + ms; ;) {
    const value = await look();
    if (enough(value)) return value;
    if (Date.now() > deadline) throw new Error(`not within ${ms} ms; it is ${JSON.stringify(value)}`);
    await pause(100);
  }
}

export async function capability(driver: Driver, name: CapabilityName): Promise<Capability> {
  const found = (await driver.describe()).capabilities.find((each) => each.name === name);
  if (found === undefined) throw new Error(`the driver says nothing of ${name}`);
  return found;
}
