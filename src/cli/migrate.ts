// `smps migrate VM HOST`: room at the target, the VM on its way, and the room given up if it stayed where it was.
import { Fault } from '../lib/model/fault.ts';
import type { Host, Progress } from '../lib/model/fleet.ts';
import { commandId } from '../lib/model/ids.ts';
import type { CommandId, HostId } from '../lib/model/ids.ts';
import { faultFromWire } from '../lib/protocol/codec.ts';
import type { Op, Reply } from '../lib/protocol/schema.ts';
import type { Client } from '../lib/session/client.ts';
import { comingVm } from '../lib/session/coming.ts';
import { findPairing, findVm } from './find.ts';
import { statusOfReply } from './status.ts';
import type { Status } from './status.ts';
import { visible } from './terminal.ts';
import type { Output } from './terminal.ts';

export type MigrateRequest = {
  readonly vm: string;
  readonly to: string;
  /** MiB a second; null: as fast as it goes. */
  readonly bandwidth: number | null;
  readonly autoConverge: boolean;
  /** Milliseconds it may stand still at the end; null: its host chooses. */
  readonly downtime: number | null;
  readonly json: boolean;
};

/** Percent between two lines of one stage. */
const STEP = 10;
const MIB = 2 ** 20;

/**
 * @param client linked to every host that may have the VM @param signal asks its host to stop the move, and waits for what came of it
 * @throws Fault for everything that kept a host from answering
 */
export async function migrate(
  client: Client,
  { vm: named, to, bandwidth, autoConverge, downtime, json }: MigrateRequest,
  output: Output,
  signal: AbortSignal
): Promise<Status> {
  const { host: from, vm } = findVm(client.fleet, named);
  const target = reached(client, to);
  const tell = (host: HostId, op: Op, reply: Reply): Status => {
    if (json) output.out(JSON.stringify({ host, op, ...reply, permit: null }, null, 2));
    else if (reply.fault) {
      const { message, advice } = faultFromWire(reply.fault);
      output.err(`smps: ${op} on ${host} ${reply.status}: ${visible(message)}. ${advice}`);
    } else output.out(visible(`${vm.name} (${vm.id}) on ${target.id}`));
    return statusOfReply(reply);
  };
  const prepared = await client.run(target.id, 'migration.prepare', comingVm(from, vm), { signal });
  const { permit } = prepared;
  if (permit === null) return tell(target.id, 'migration.prepare', prepared);
  const { url, pin, token } = permit;
  const id = commandId(globalThis.crypto.randomUUID());
  const unfollow = json ? () => undefined : follow(client, from.id, id, output);
  const cancel = (): void => {
    output.err('smps: stopping the move');
    client.run(from.id, 'command.cancel', { command: id }).catch(() => undefined); // Its own reply tells.
  };
  signal.addEventListener('abort', cancel, { once: true });
  try {
    const args = { vm: vm.id, to: target.id, url, pin, token, bandwidth, autoConverge, downtime };
    const reply = await client.run(from.id, 'vm.migrate', args, { id });
    // What has arrived stays in any case.
    if (reply.status !== 'done') {
      await client.run(target.id, 'migration.release', { vm: vm.id }).catch(() => undefined);
    }
    return tell(from.id, 'vm.migrate', reply);
  } finally {
    signal.removeEventListener('abort', cancel);
    unfollow();
  }
}

function reached(client: Client, text: string): Host {
  const pairings = [...client.fleet.hosts.values()].map(({ id, name }) => ({ host: id, name }));
  const { host } = findPairing(pairings, text);
  const found = client.fleet.hosts.get(host);
  if (found?.link === 'online') return found;
  throw client.faultOf(host) ?? new Fault('unreachable', { host, reason: 'no answer yet' });
}

/** A line on standard error for each stage, and for every tenth of it. @returns ends it */
function follow(client: Client, host: HostId, id: CommandId, output: Output): () => void {
  let said: Pick<Progress, 'stage' | 'percent'> | null = null;
  return client.onFleet((fleet) => {
    const progress = fleet.hosts.get(host)?.progress.get(id);
    if (progress === undefined) return;
    const { stage, percent } = progress;
    if (said?.stage === stage && (percent ?? 0) < (said.percent ?? 0) + STEP) return;
    said = { stage, percent };
    output.err(progressLine(progress));
  });
}

export function progressLine({ stage, percent, remaining, rate }: Progress): string {
  const mib = (size: number): string => (size / MIB).toFixed(size < 10 * MIB ? 1 : 0);
  const words =
    stage === 'finding-out' ? 'unknown, checking: until the other host can be asked it stands still' : stage;
  const share = percent === null ? '' : ` ${percent} %`;
  const left = remaining === null ? '' : `, ${mib(remaining)} MiB to go`;
  return `${words}${share}${left}${rate === null ? '' : ` at ${mib(rate)} MiB/s`}`;
}
