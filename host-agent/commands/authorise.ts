// Whether this operator may say this to this host now: the fourth stage of the receiving line. Pure.
import { Fault } from '../../src/lib/model/fault.ts';
import { roleAllows } from '../../src/lib/model/fleet.ts';
import type { Role, Vm } from '../../src/lib/model/fleet.ts';
import type { HostId } from '../../src/lib/model/ids.ts';
import type { Command } from '../../src/lib/protocol/schema.ts';
import { ops } from '../../src/lib/protocol/schema.ts';

export type Standing = {
  readonly host: HostId;
  /** The operator's role at this moment; null: not (or no longer) known here. */
  readonly role: Role | null;
  /** The link was made with a pairing code that has not been used yet: it may enrol, and nothing else. */
  readonly pairing: boolean;
  /** This host's clock, ms since the epoch. */
  readonly now: number;
};

/** Null when the command may be carried out; else why not, to be told as a refusal. */
export function authorise(command: Command, { host, role, pairing, now }: Standing): Fault | null {
  if (command.host !== host) {
    return new Fault('bad-argument', { name: 'host', value: command.host, reason: `is not this host, ${host}` });
  }
  const enrols = command.op === 'host.enroll';
  if (pairing !== enrols) return new Fault(enrols ? 'pairing-refused' : 'unknown-operator', { host });
  if (!enrols) {
    const needs = ops[command.op].role;
    if (role === null) return new Fault('unknown-operator', { host });
    if (!roleAllows(role, needs)) return new Fault('forbidden', { role, needs, op: command.op });
  }
  if (command.notAfter < now) {
    return new Fault('expired', { what: `the command ${command.op}`, at: new Date(command.notAfter).toISOString() });
  }
  return null;
}

/** Null unless the command was decided on another configuration of the VM than it has. */
export function checkExpected({ expect }: Command, vm: Vm): Fault | null {
  if (expect === null || expect === vm.revision) return null;
  return new Fault('stale', { expected: expect, actual: vm.revision });
}
