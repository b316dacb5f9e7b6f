// The agents' state directories: made at the first start, and kept in line with where things are this time (the port, the
// libvirt socket). Everything else in them is the agents' own.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Codes } from '../../host-agent/access/codes.ts';
import { writeDurably } from '../../host-agent/files/durable.ts';
import { silent } from '../../host-agent/log.ts';
import { Operators } from '../../host-agent/access/operators.ts';
import { files, hostKey, initState, isInitialised, readState } from '../../host-agent/state.ts';
import type { AgentConfig, State } from '../../host-agent/state.ts';
import { operatorKey } from '../../src/lib/model/ids.ts';
import { encodeBase64url } from '../../src/lib/seal/base64url.ts';
import type { CryptoProvider, KeyPair } from '../../src/lib/seal/provider.ts';
import type { Ticket } from '../../src/lib/seal/ticket.ts';
import type { Pairing } from '../../src/lib/session/pairing.ts';
import type { HostRecord } from './state.ts';

/** `driver`: what its configuration holds, `{ uri, images }` for libvirt. */
export async function prepareAgent(
  directory: string,
  host: HostRecord,
  driver: Readonly<Record<string, unknown>>
): Promise<State> {
  const config: AgentConfig = {
    id: host.id,
    name: host.name,
    site: host.site,
    address: '127.0.0.1',
    port: host.port,
    driver: { kind: host.driver, config: driver }
  };
  if (!(await isInitialised(directory))) return initState(directory, config);
  const known = await readState(directory);
  const wanted = { ...known.config.driver.config, ...driver };
  if (known.config.port === host.port && JSON.stringify(known.config.driver.config) === JSON.stringify(wanted)) {
    return known;
  }
  const file = files(directory).config;
  const text = JSON.parse(await readFile(file, 'utf8')) as object;
  const changed = { ...text, port: host.port, driver: { kind: host.driver, ...wanted } };
  await writeDurably(file, `${JSON.stringify(changed, null, 2)}\n`);
  return readState(directory);
}

/** A fresh admin's ticket for that host; it works while the agent runs, because a code is a file. */
export async function makeTicket(state: State, provider: CryptoProvider): Promise<Ticket> {
  const { code } = await new Codes(files(state.directory).codes, provider, silent).create('admin');
  const { publicKey } = await hostKey(state, provider);
  return { host: state.config.id, hostKey: publicKey, code };
}

/** True while the host is the one that was paired with, and knows the operator: the directory of either may have been moved
 * away since. @throws Fault `corrupt-state` */
export async function isPaired(
  state: State,
  { hostKey: pinned }: Pairing,
  operator: KeyPair,
  provider: CryptoProvider
): Promise<boolean> {
  const { publicKey } = await hostKey(state, provider);
  if (encodeBase64url(publicKey) !== pinned) return false;
  const operators = new Operators(files(state.directory).operators, state.config.id, silent);
  return operators.get(operatorKey(encodeBase64url(operator.publicKey))) !== null;
}

/** The state directory of one host's agent. */
export const agentDirectory = (state: string, id: string): string => join(state, 'agents', id);
