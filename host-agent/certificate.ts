// The agent's TLS certificate: self-signed, P-256, made once per host. Nobody verifies a name or a date in it:
// the gateway accepts exactly the key whose hash its host table pins (docs/WIRE.md, Gateway and agent).
import { createHash, randomBytes, webcrypto, X509Certificate } from 'node:crypto';

export type Certificate = {
  /** PKCS #8, PEM. Secret. */
  readonly key: string;
  /** PEM. */
  readonly cert: string;
  /** What the gateway's host table carries: see {@link pinOf}. */
  readonly pin: string;
};

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
/** Dates are not checked by the gateway; other HTTPS clients get ten years. */
const YEARS = 10;

/** A fresh key pair and a certificate for it, valid from yesterday (clocks differ). */
export async function createCertificate(): Promise<Certificate> {
  // Needed once in a host's life, so an agent that has its certificate does not hold them in memory.
  await import('reflect-metadata');
  const { X509CertificateGenerator } = await import('@peculiar/x509');
  const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
  const notBefore = new Date(Date.now() - 86_400_000);
  const notAfter = new Date(notBefore);
  notAfter.setUTCFullYear(notAfter.getUTCFullYear() + YEARS);
  const certificate = await X509CertificateGenerator.createSelfSigned({
    name: 'CN=smps-agent',
    // The leading 01 keeps the DER integer positive (RFC 5280, 4.1.2.2).
    serialNumber: `01${randomBytes(15).toString('hex')}`,
    notBefore,
    notAfter,
    keys,
    signingAlgorithm: ALGORITHM
  });
  const key = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey)).toString('base64');
  const lines = key.match(/.{1,64}/g) ?? [];
  const cert = certificate.toString('pem');
  return {
    key: `-----BEGIN PRIVATE KEY-----\n${lines.join('\n')}\n-----END PRIVATE KEY-----\n`,
    cert,
    pin: pinOf(cert)
  };
}

/** `sha256:` and the base64url SHA-256 of the certificate's DER SubjectPublicKeyInfo. @throws Error unless `cert` is PEM. */
export function pinOf(cert: string): string {
  const spki = new X509Certificate(cert).publicKey.export({ type: 'spki', format: 'der' });
  return `sha256:${createHash('sha256').update(spki).digest('base64url')}`;
}
