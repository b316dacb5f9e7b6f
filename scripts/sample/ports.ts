// Free TCP ports on loopback. A port is tried by listening on it; what another program takes a moment later is found out
// when the owner of the port starts.
import { createServer } from 'node:net';

/** True when nothing listens on `port` of either loopback address (a browser asks `localhost` in both families). */
export async function isFree(port: number): Promise<boolean> {
  return (await canListen(port, '127.0.0.1')) && (await canListen(port, '::1'));
}

/** The first free port from `first` on, but none of `taken`. @throws RangeError when there is none at all. */
export async function freePort(first: number, taken: ReadonlySet<number> = new Set()): Promise<number> {
  for (let port = first; port <= 65_535; port++) {
    if (!taken.has(port) && (await isFree(port))) return port;
  }
  throw new RangeError(`no free port from ${first} on`);
}

function canListen(port: number, host: string): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => {
      // No IPv6 on this machine: then nothing can be in the way there.
      resolve(error.code === 'EADDRNOTAVAIL' || error.code === 'EAFNOSUPPORT');
    });
    server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(true)));
  });
}
