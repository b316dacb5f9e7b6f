// Commands about VMs on their way: carried out by the agent's lists of arrivals and departures.
import { done } from '../../src/lib/model/fault.ts';
import type { Outcome } from '../../src/lib/model/fault.ts';
import type { Effect } from '../../src/lib/model/fleet.ts';
import type { Command, Op } from '../../src/lib/protocol/schema.ts';
import type { By } from './arrival-record.ts';
import type { Arrivals, Permit } from './arrivals.ts';
import type { Departures } from './departures.ts';

export type MigrationCommand = Command<Extract<Op, `migration.${string}`>>;
export const isMigrationCommand = (command: Command): command is MigrationCommand =>
  command.op.startsWith('migration.');

/** @param by who asks @param give takes the permit, which is told once and written down nowhere */
export async function admit(
  { arrivals, departures }: { readonly arrivals: Arrivals; readonly departures: Departures },
  command: MigrationCommand,
  by: By,
  give: (permit: Permit) => void
): Promise<Outcome<readonly Effect[]>> {
  if (command.op === 'migration.prepare') {
    const outcome = await arrivals.prepare(command.args, by);
    if (outcome.status === 'refused') return outcome;
    give(outcome.value);
    return done([]);
  }
  if (command.op === 'migration.decide') return departures.decide(command.args.vm, command.args.runs, by.label);
  const outcome = await arrivals.release(command.args.vm);
  if (outcome.status === 'refused') return outcome;
  const seen = outcome.value === 'arrived' ? 'arrived' : 'gone';
  return done([{ resource: 'existence', asked: 'gone', seen, by: 'hypervisor', when: 'now', note: null }]);
}
