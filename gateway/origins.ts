// Which pages may open a WebSocket here. A browser always says where a page came from; other clients say nothing.

const LOOPBACK_NAMES = ['localhost', '127.0.0.1', '[::1]'];

/** True for addresses only this machine can reach. */
export const isLoopback = (address: string): boolean =>
  address === 'localhost' || address === '::1' || /^127(\.\d{1,3}){3}$/.test(address);

/**
 * The origins of the app as this gateway serves it. Not derived from the Host header: a name an attacker points at this
 * address (DNS rebinding) would pass.
 */
export function ownOrigins(address: string, port: number, tls: boolean): ReadonlySet<string> {
  const name = address.includes(':') ? `[${address}]` : address;
  const names = isLoopback(address) ? [...LOOPBACK_NAMES, name] : [name];
  // As browsers print it: without the default port.
  return new Set(names.map((each) => new URL(`${tls ? 'https' : 'http'}://${each}:${String(port)}`).origin));
}

/** `origin` is the header as received. Absent: no browser sent this, so no page can be misusing its user's browser. */
export const originAllowed = (origin: string | undefined, allowed: ReadonlySet<string>): boolean =>
  origin === undefined || allowed.has(origin);
