// What a move needs of a Xen host's domain 0 beside virsh: Xen's own tool, libvirt's daemon, and TCP ports of its loopback.
import { existsSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import type { Duplex } from 'node:stream';
import { runXl } from './xl.ts';

export interface XenGround {
  /** What `xl` prints; null when it cannot be run, is not allowed to, or fails. */
  xl(args: readonly string[]): Promise<string | null>;
  /** A connection to libvirt's daemon, for its own protocol. */
  daemon(): Duplex;
  /** A connection to a port. It ends at once when nobody listens there. */
  connect(port: number): Duplex;
  /** Each connection goes to `accept`, nothing of it read yet. Null where the port cannot be had. */
  listen(port: number, accept: (stream: Duplex) => void): Promise<Listener | null>;
}
export type Listener = { close(): Promise<void> };

/** The agent is in domain 0, as root. */
export const ownGround = (uri: string): XenGround => ({
  xl: runXl,
  daemon: () => connect(daemonSocket(uri)),
  connect: (port) => connect({ host: '127.0.0.1', port }),
  listen(port, accept) {
    // The end of what is sent is not the end of the connection: what is on its way still goes.
    const server = createServer({ pauseOnConnect: true, allowHalfOpen: true }, accept);
    const close = (): Promise<void> => new Promise((resolve) => server.close(() => resolve()));
    return new Promise((resolve) => {
      server.once('error', () => resolve(null));
      server.listen({ port, host: '127.0.0.1', exclusive: true }, () => resolve({ close }));
    });
  }
});

/** The daemon for all drivers, or Xen's own. */
const daemonSocket = (uri: string): string =>
  new URLSearchParams(/\?(.*)$/.exec(uri)?.[1] ?? '').get('socket') ??
  SOCKETS.find((path) => existsSync(path)) ??
  SOCKETS[0];

const SOCKETS = ['/run/libvirt/libvirt-sock', '/run/libvirt/virtxend-sock'] as const;
