// `smps run OP key=value…`: one operation on one host, its reply as text or JSON.
import { faultFromWire } from '../lib/protocol/codec.ts';
import { Fault } from '../lib/model/fault.ts';
import type { CommandId, HostId, Revision } from '../lib/model/ids.ts';
import { millis } from '../lib/model/units.ts';
import { ops } from '../lib/protocol/schema.ts';
import type { Reply } from '../lib/protocol/schema.ts';
import type { Client } from '../lib/session/client.ts';
import { parseArguments } from './arguments.ts';
import { connect, reportAway, settled } from './connection.ts';
import { findPairing, findVm, onlyHost } from './find.ts';
import type { Home } from './home.ts';
import type { RunOp } from './op-text.ts';
import { statusOfReply } from './status.ts';
import type { Status } from './status.ts';
import { table, visible } from './terminal.ts';
import type { Output } from './terminal.ts';

export type RunRequest = {
  readonly op: RunOp;
  readonly words: readonly string[];
  readonly host: string | null;
  readonly expect: Revision | null;
  readonly id: CommandId | null;
  /** Seconds for the host to begin. */
  readonly within: number | null;
  readonly json: boolean;
  /** Seconds to wait for hosts. */
  readonly wait: number;
};

/** @throws Fault for everything that kept the host from answering */
export async function run(home: Home, request: RunRequest, output: Output, signal: AbortSignal): Promise<Status> {
  const parsed = parseArguments(request.op, request.words);
  const pairings = home.pairings();
  const wanted = request.host === null ? pairings : [findPairing(pairings, request.host)];
  const client = await connect(home, wanted, output);
  try {
    await settled(client, request.wait);
    const { host, vm } = target(client, parsed.vm, output);
    const { op, expect, id, within } = request;
    const reply = await client.run(host, op, parsed.complete(vm), {
      expect,
      signal,
      ...(id === null ? {} : { id }),
      ...(within === null ? {} : { within: millis(within * 1000) })
    });
    if (request.json) output.out(JSON.stringify({ host, op, ...reply }, null, 2));
    else printReply(op, host, reply, output);
    return statusOfReply(reply);
  } finally {
    client.close();
  }
}

function target(
  client: Client,
  vm: string | null,
  output: Output
): { readonly host: HostId; readonly vm: string | null } {
  const { fleet } = client;
  try {
    if (vm !== null) {
      const found = findVm(fleet, vm);
      return { host: found.host.id, vm: found.vm.id };
    }
    const host = onlyHost(fleet);
    if (host.link === 'online') return { host: host.id, vm };
    throw client.faultOf(host.id) ?? new Fault('unreachable', { host: host.id, reason: 'no answer yet' });
  } catch (thrown) {
    if (vm !== null) reportAway(client, output);
    throw thrown;
  }
}

function printReply(op: RunOp, host: HostId, reply: Reply, output: Output): void {
  if (reply.fault) {
    const fault = faultFromWire(reply.fault);
    output.err(`smps: ${op} on ${host} ${reply.status}: ${visible(fault.message)}. ${fault.advice}`);
  } else if (reply.status !== 'done') output.err(`smps: ${op} on ${host}: ${reply.status}`);
  for (const { resource, asked, seen, by, when, note } of reply.effects) {
    const sight = seen === null ? '' : `; seen: ${seen}${by === null ? '' : ` (by ${by})`}`;
    const later = when === 'next-boot' ? ' at next boot' : '';
    output.out(visible(`${resource}: asked: ${asked}${later}${sight}${note === null ? '' : `; ${note}`}`));
  }
  if (reply.vm && reply.status === 'done')
    output.out(visible(`${reply.vm.name} (${reply.vm.id}) on ${host}: ${reply.vm.state}`));
  if (reply.ticket) {
    output.out(reply.ticket.text);
    output.out(`valid once, until ${new Date(reply.ticket.expires).toISOString()}`);
  }
  for (const line of [...operatorLines(op, reply), ...activityLines(op, reply)]) output.out(line);
  const said = reply.effects.length + reply.operators.length + reply.activities.length > 0 || reply.vm || reply.ticket;
  if (reply.status === 'done' && !said && ops[op].changes) output.out('done');
}

function operatorLines(op: RunOp, { operators }: Reply): string[] {
  if (op !== 'operator.list') return [];
  const rows = operators.map(({ label, role, since, key }) => [label, role, new Date(since).toISOString(), key]);
  return table(['OPERATOR', 'ROLE', 'SINCE', 'KEY'], rows);
}

function activityLines(op: RunOp, { activities }: Reply): string[] {
  if (op !== 'activity.list') return [];
  const rows = activities.map(({ number, startedAt, summary, status, operatorLabel, reason }) => [
    String(number),
    new Date(startedAt).toISOString(),
    summary,
    reason === null ? status : `${status}: ${reason}`,
    operatorLabel
  ]);
  return table(['>NUMBER', 'STARTED', 'WHAT', 'STATUS', 'BY'], rows);
}
