// Commands about operators: who may use this host. Carried out by the agent itself, journalled like all others.
import { done, Fault, refused } from '../../src/lib/model/fault.ts';
import type { Outcome } from '../../src/lib/model/fault.ts';
import type { Role } from '../../src/lib/model/fleet.ts';
import type { HostId, OperatorKey } from '../../src/lib/model/ids.ts';
import { millis } from '../../src/lib/model/units.ts';
import type { Command, Op, Reply } from '../../src/lib/protocol/schema.ts';
import { printTicket } from '../../src/lib/seal/ticket.ts';
import type { PublicPoint } from '../../src/lib/seal/provider.ts';
import type { Codes, PairingCode } from '../access/codes.ts';
import type { Ending } from '../journal/line.ts';
import type { Log } from '../log.ts';
import type { Operators } from '../access/operators.ts';

export type AdminOp = Extract<Op, 'host.enroll' | 'operator.invite' | 'operator.set-role' | 'operator.revoke'>;
export type AdminCommand = Command<AdminOp>;

/** Who says it: what `host.enroll` needs of the link. */
export type Sender = { readonly operator: OperatorKey; readonly codeId: string | null; readonly checkNumber: string };

export type Administration = {
  readonly host: HostId;
  readonly hostKey: PublicPoint;
  readonly operators: Operators;
  readonly codes: Codes;
  readonly now: () => number;
  readonly log: Log;
};

const ended = (outcome: Outcome<unknown>, code: string | null = null): Ending =>
  outcome.status === 'done'
    ? { status: 'done', fault: null, effects: [], code }
    : { status: 'refused', fault: outcome.fault, effects: [], code: null };

/** @throws Fault when a file cannot be written */
export async function administer(on: Administration, sender: Sender, command: AdminCommand): Promise<Ending> {
  const { operators, codes, log } = on;
  switch (command.op) {
    case 'host.enroll':
      return ended(await enrol(on, sender, command.args.label));
    case 'operator.invite': {
      const { id } = await codes.create(command.args.role);
      log('info', 'invited', { role: command.args.role, code: id, by: sender.operator });
      return ended(done(null), id);
    }
    case 'operator.set-role': {
      const outcome = await operators.setRole(command.args.key, command.args.role);
      if (outcome.status === 'done') log('info', 'role-set', { operator: command.args.key, role: command.args.role });
      return ended(outcome);
    }
    case 'operator.revoke': {
      const outcome = await operators.revoke(command.args.key);
      if (outcome.status === 'done') log('info', 'revoked', { operator: command.args.key, by: sender.operator });
      return ended(outcome);
    }
  }
}

async function enrol(on: Administration, sender: Sender, label: string): Promise<Outcome<Role>> {
  const since = millis(on.now());
  const operator =
    sender.codeId === null
      ? null
      : await on.codes.spend(sender.codeId, ({ role }) => on.operators.enrol(sender.operator, label, role, since));
  if (operator === null) return refused('pairing-refused', { host: on.host });
  const { role } = operator;
  // The number the operator compares: whoever looks after the host reads it here.
  on.log('info', 'enrolled', { operator: sender.operator, label, role, checkNumber: sender.checkNumber });
  return done(role);
}

/** The pairing ticket for a code; a secret. */
export const ticketOf = (
  on: Pick<Administration, 'host' | 'hostKey'>,
  code: PairingCode
): NonNullable<Reply['ticket']> => ({
  text: printTicket({ host: on.host, hostKey: on.hostKey, code: code.code }),
  expires: code.expiresAt
});

/** Throws away the distinction nobody needs: every op is about operators or about VMs. */
export const isAdminCommand = (command: Command): command is AdminCommand =>
  command.op === 'host.enroll' || (command.op.startsWith('operator.') && command.op !== 'operator.list');

/** For what must not happen: an op neither this file nor `execute.ts` knows. */
export const unknownOp = (op: string): Fault => new Fault('internal', { reason: `${op} is carried out by nobody` });
