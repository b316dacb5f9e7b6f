// What a CLOSE frame of the gateway means to an operator. The gateway is not trusted: its words explain, they decide nothing.
import { Fault } from '../model/fault.ts';
import type { HostId } from '../model/ids.ts';
import type { CloseName } from '../frame/close-code.ts';

const REASONS: Record<CloseName, string> = {
  normal: 'the agent ended the link',
  failed: 'the link was given up',
  'unknown-host': 'the gateway’s host table does not have it',
  unreachable: 'the gateway cannot connect to its agent',
  'pin-mismatch': 'the TLS key of its agent is not the one pinned in the gateway’s host table',
  refused: 'what answers at the agent’s address is not the agent of this host',
  busy: 'its agent or the gateway is too busy just now',
  limit: 'a limit of the gateway was exceeded',
  lost: 'the connection between gateway and agent ended',
  malformed: 'its agent sent the gateway what is no record',
  'shutting-down': 'it is being stopped'
};

/** `name` null: a code this version does not know. `text`: the gateway's own words, shown as such. */
export function closeReason(host: HostId, gateway: string, name: CloseName | null, text: string): Fault {
  const known = name === null ? 'the gateway closed the link' : REASONS[name];
  const reason = text === '' ? known : `${known} (the gateway says: ${text})`;
  if (name === 'shutting-down') return new Fault('gateway-lost', { url: gateway, reason });
  return new Fault('unreachable', { host, reason });
}
