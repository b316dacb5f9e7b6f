// `smps pair`: makes this operator known to the hosts of a pairing link. Each host is a pairing of its own: what fails for
// one leaves the others done.
import { hostname, userInfo } from 'node:os';
import { Fault } from '../lib/model/fault.ts';
import type { Role } from '../lib/model/fleet.ts';
import type { HostId } from '../lib/model/ids.ts';
import type { Ticket } from '../lib/seal/ticket.ts';
import { parseTicket } from '../lib/seal/ticket.ts';
import { gatewayUrl, parsePairingUrl } from '../lib/session/pairing.ts';
import { connect, settled } from './connection.ts';
import type { Home } from './home.ts';
import { STATUS, statusOfFault, usage } from './status.ts';
import type { Status } from './status.ts';
import { visible } from './terminal.ts';
import type { Output } from './terminal.ts';

export type PairRequest = {
  /** A pairing link, or with `gateway` the tickets. */
  readonly words: readonly string[];
  readonly gateway: string | null;
  readonly label: string | null;
  readonly json: boolean;
  readonly wait: number;
};

type Entry = {
  readonly host: HostId;
  readonly role: Role | null;
  readonly checkNumber: string | null;
  readonly fault: Fault | null;
};

/** Each host on its own; the status is that of the first that failed. */
export async function pair(home: Home, request: PairRequest, output: Output): Promise<Status> {
  const { gateway, tickets } = read(request);
  const label = request.label ?? `${userInfo().username}@${hostname()}`;
  const client = await connect(home, [], output);
  const one = async (ticket: Ticket): Promise<Entry> => {
    try {
      const { pairing, checkNumber } = await client.pair(gateway, ticket, label);
      return { host: pairing.host, role: pairing.role, checkNumber, fault: null };
    } catch (thrown) {
      return { host: ticket.host, role: null, checkNumber: null, fault: Fault.from(thrown) };
    }
  };
  try {
    const entries = await Promise.all(tickets.map(one));
    for (const { host, fault } of entries) {
      if (fault) output.err(`smps: ${host}: ${visible(fault.message)}. ${fault.advice}`);
    }
    await settled(client, request.wait);
    const named = entries.map((entry) => {
      const { name = null, site = null, link = null } = client.fleet.hosts.get(entry.host) ?? {};
      const fault = entry.fault && { code: entry.fault.code, message: entry.fault.message };
      return { ...entry, name, site, state: link, fault };
    });
    if (request.json) output.out(JSON.stringify({ gateway, hosts: named }, null, 2));
    else {
      for (const { host, name, site, role, checkNumber } of named) {
        if (role === null) continue;
        const where = [name === host ? null : name, site].filter((part) => part).join(', ');
        output.out(
          visible(`${host}${where === '' ? '' : ` (${where})`}: paired as ${role}; check number ${String(checkNumber)}`)
        );
      }
    }
    const failed = entries.find(({ fault }) => fault !== null)?.fault;
    return failed ? statusOfFault(failed) : STATUS.done;
  } finally {
    client.close();
  }
}

function read({ words, gateway }: PairRequest): { readonly gateway: string; readonly tickets: readonly Ticket[] } {
  if (gateway !== null) {
    if (words.length === 0) usage('smps pair --gateway URL needs a TICKET');
    return { gateway: gatewayUrl(gateway), tickets: words.flatMap((word) => word.split(',')).map(parseTicket) };
  }
  const [link, ...others] = words;
  if (link === undefined || others.length > 0) usage('smps pair takes one URL, as npm start prints it (quote it)');
  return parsePairingUrl(link);
}
