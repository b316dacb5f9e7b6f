// An operator's client at a gateway outside, linked to the agent in a Xen host's domain 0.
import { nodeProvider } from '../../host-agent/crypto.ts';
import { online } from '../../scripts/sample/vms.ts';
import { hostId } from '../../src/lib/model/ids.ts';
import { parseTicket } from '../../src/lib/seal/ticket.ts';
import type { Client } from '../../src/lib/session/client.ts';
import { gatewayUrl } from '../../src/lib/session/pairing.ts';
import { gatewayLab } from '../support/gateway-lab.ts';
import { AGENT_PORT } from './dom0-agent.ts';
import type { Dom0Agent } from './dom0-agent.ts';
import type { XenHost } from './host/host.ts';
import { newClient } from '../support/new-client.ts';

/** An emulated processor's handshake, and the agent's first look at its host. */
const WITHIN = 120_000;

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
    await client.pair(gatewayUrl(lab.url), ticket, 'test');
    await online(client, [hostId(id)], WITHIN);
    return { client, close };
  } catch (error) {
    await close();
    throw error;
  }
}
