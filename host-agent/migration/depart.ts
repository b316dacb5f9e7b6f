// A VM leaves this host: the way to the target is opened before the hypervisor begins, and closed whatever came of it.
import { refused } from '../../src/lib/model/fault.ts';
import type { Outcome } from '../../src/lib/model/fault.ts';
import type { Effect } from '../../src/lib/model/fleet.ts';
import type { Args } from '../../src/lib/protocol/schema.ts';
import type { Control } from '../drivers/control.ts';
import type { Migration } from '../drivers/migration.ts';
import { openPassage } from './passage.ts';

/** @throws Fault `unreachable` before anything has begun, and what the driver throws */
export async function depart(
  migration: Migration | null,
  { vm, bandwidth, autoConverge, ...way }: Args<'vm.migrate'>,
  control: Control
): Promise<Outcome<readonly Effect[]>> {
  const what = 'moving the VM';
  if (migration === null) return refused('unsupported', { what, reason: 'this host cannot move VMs', instead: '' });
  control.progress('checking');
  const passage = await openPassage(way);
  try {
    if (passage.sockets !== migration.sockets) {
      const reason = `the hypervisors’ sockets are at ${migration.sockets} here and at ${passage.sockets} on ${way.to}`;
      return refused('unsupported', { what, reason, instead: 'set `sockets` in agent.json alike on both hosts' });
    }
    return await migration.depart(vm, passage, { bandwidth, autoConverge }, control);
  } finally {
    passage.close();
  }
}
