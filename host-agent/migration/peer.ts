// By which key the agent at the other end of a TLS connection is known.
import { createHash } from 'node:crypto';
import type { TLSSocket } from 'node:tls';

/** As in the gateway's host table and in permits; null: it has shown none. */
export function pinOf(socket: Pick<TLSSocket, 'getPeerX509Certificate'>): string | null {
  const spki = socket.getPeerX509Certificate()?.publicKey.export({ type: 'spki', format: 'der' });
  return spki === undefined ? null : `sha256:${createHash('sha256').update(spki).digest('base64url')}`;
}
