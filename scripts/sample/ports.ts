// Free TCP ports on loopback. A port is tried by listening on it; what another program takes a moment later is found out
// when the owner of the port starts.
import { createServer } from 'node:net';

/** Why nobody can listen on `port` of both loopback addresses (a browser asks `localhost` in both families): `EADDRINUSE`,
 * `EACCES`…; null when it is free. */
export async function listenError(port: number): Promise<string | null> {
  return (await errorAt(port, '127.0.0.1')) ?? (await errorAt(port, '::1'));
}

export const isFree = async (port: number): Promise<boolean> => (await listenError(port)) === null;

/** The first free port from `first` on, but none of `taken`. @throws RangeError when there is none at all. */
export async function freePort(first: number, taken: ReadonlySet<number> = new Set()): Promise<number> {
  for (let port = first; port <= 65_535; port++) {
    if (!taken.has(port) && (await isFree(port))) return port;
  }
  throw new RangeError(`no free port from ${first} on`);
}

/** No IPv6 on this machine: then nothing can be in the way there. */
const NO_SUCH_ADDRESS = ['EADDRNOTAVAIL', 'EAFNOSUPPORT'];

function errorAt(port: number, host: string): Promise<string | null> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', ({ code = 'unknown' }: NodeJS.ErrnoException) => {
      resolve(NO_SUCH_ADDRESS.includes(code) ? null : code);
    });
    server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(null)));
  });
}
