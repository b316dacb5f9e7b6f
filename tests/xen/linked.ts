// An operator's client at a gateway outside, linked to the agent in a Xen host's domain 0.
import { nodeProvider } from '../../host-agent/crypto.ts';
import { online } from '../../scripts/sample/vms.ts';
import { Fault } from '../../src/lib/model/fault.ts';
import { hostId } from '../../src/lib/model/ids.ts';
import { parseTicket } from '../../src/lib/seal/ticket.ts';
import type { Ticket } from '../../src/lib/seal/ticket.ts';
import type { Client } from '../../src/lib/session/client.ts';
import { gatewayUrl } from '../../src/lib/session/pairing.ts';
import { gatewayLab } from '../support/gateway-lab.ts';
import { AGENT_PORT } from './dom0-agent.ts';
import type { Dom0Agent } from './dom0-agent.ts';
import type { XenHost } from './host/host.ts';
import { newClient } from '../support/new-client.ts';

/** An emulated processor's handshake, and the agent's first look at its host. */
const WITHIN = 300_000;

/** Knocks until it is heard: on a busy machine an emulated agent may take longer to answer than anybody waits. */
async function paired(client: Client, url: string, ticket: Ticket): Promise<void> {
  for (const until = Date.now() + WITHIN; ;) {
    try {
      await client.pair(gatewayUrl(url), ticket, 'test');
      return;
    } catch (error) {
      if (Fault.from(error).code !== 'unreachable' || Date.now() > until) throw error;
    }
  }
}

/** @param id of the agent, which runs */
export async function linked(
  host: XenHost,
  agent: Dom0Agent,
  id: string
): Promise<{ readonly client: Client; close(): Promise<void> }> {
  const pin = (await agent.run('pin')).trim();
  const lab = await gatewayLab({ [id]: { port: host.port(AGENT_PORT), pin } });
  const provider = nodeProvider();
  const client = await newClient(provider);
  const close = async (): Promise<void> => {
    client.close();
    await lab.close();
  };
  try {
    const ticket = parseTicket((await agent.run('pair')).trim());
    await paired(client, lab.url, ticket);
    await online(client, [hostId(id)], WITHIN);
    return { client, close };
  } catch (error) {
    await close();
    throw error;
  }
}
