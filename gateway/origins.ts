// Which pages may open a WebSocket here. A browser always says where a page came from; other clients say nothing.

import { X509Certificate } from 'node:crypto';

const LOOPBACK_NAMES = ['localhost', '127.0.0.1', '::1'];

/** True for addresses only this machine can reach. */
export const isLoopback = (address: string): boolean =>
  address === 'localhost' || address === '::1' || /^127(\.\d{1,3}){3}$/.test(address);

/**
 * The origins of the app as this gateway serves it: its address, and the names in its certificate (PEM; null without TLS).
 * Not derived from the Host header: a name an attacker points at this address (DNS rebinding) would pass.
 */
export function ownOrigins(address: string, port: number, certificate: string | null): ReadonlySet<string> {
  const names = [
    address,
    ...(isLoopback(address) ? LOOPBACK_NAMES : []),
    ...(certificate === null ? [] : namesIn(certificate))
  ];
  const origins = names.map((name) => {
    const host = name.includes(':') ? `[${name}]` : name;
    // As browsers print it: without the default port.
    return URL.parse(`${certificate === null ? 'http' : 'https'}://${host}:${String(port)}`)?.origin;
  });
  return new Set(origins.filter((origin) => origin !== undefined));
}

/** DNS names and addresses of a certificate's subjectAltName; a wildcard names nothing in particular. */
function namesIn(certificate: string): string[] {
  const names = new X509Certificate(certificate).subjectAltName ?? '';
  return names
    .split(', ')
    .map((name) => /^(?:DNS|IP Address):([^*]+)$/.exec(name)?.[1])
    .filter((name) => name !== undefined);
}

/** `origin` is the header as received. Absent: no browser sent this, so no page can be misusing its user's browser. */
export const originAllowed = (origin: string | undefined, allowed: ReadonlySet<string>): boolean =>
  origin === undefined || allowed.has(origin);
