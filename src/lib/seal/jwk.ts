// P-256 private keys as JWK (RFC 7517; RFC 7518 section 6.2): how an agent and the command line keep theirs in files.
import { Fault } from '../model/fault.ts';
import { decodeBase64url, encodeBase64url } from './base64url.ts';
import type { Jwk, PublicPoint } from './provider.ts';

const refused = (reason: string, cause?: unknown): Fault =>
  new Fault('bad-argument', { name: 'key', value: 'JWK', reason }, { cause });

/** The public point of a private JWK whose form is right; whether its three numbers belong together is the provider's to check. */
export function jwkPoint(jwk: Jwk): PublicPoint {
  const numbers = [jwk.x, jwk.y, jwk.d].map((number) => decodeBase64url('key', String(number)));
  const [x, y] = numbers;
  if (jwk.kty !== 'EC' || jwk.crv !== 'P-256' || !x || !y || numbers.some((number) => number.length !== 32)) {
    throw refused('is not a private P-256 key');
  }
  return Uint8Array.of(4, ...x, ...y);
}

/** The five members that matter; `key_ops` and `ext` of whoever wrote it do not bind us. */
export const bareJwk = ({ x = '', y = '', d = '' }: Jwk): Required<Jwk> => ({ kty: 'EC', crv: 'P-256', x, y, d });

export function printJwk(publicKey: PublicPoint, d: string): Required<Jwk> {
  const x = encodeBase64url(publicKey.subarray(1, 33));
  const y = encodeBase64url(publicKey.subarray(33));
  return { kty: 'EC', crv: 'P-256', x, y, d };
}

export const wrongNumbers = (cause?: unknown): Fault => refused('has numbers that do not belong together', cause);
