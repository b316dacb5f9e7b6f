import { createHash, createPrivateKey, createPublicKey, X509Certificate } from 'node:crypto';
import { expect, test } from 'vitest';
import { createCertificate, pinOf } from './certificate.ts';

test('a certificate is self-signed by the key it comes with, and its pin is the hash of its public key', async () => {
  const { key, cert, pin } = await createCertificate();
  const parsed = new X509Certificate(cert);
  const spki = createPublicKey(createPrivateKey(key)).export({ type: 'spki', format: 'der' });
  expect(parsed.verify(parsed.publicKey)).toBe(true);
  expect(pin).toBe(`sha256:${createHash('sha256').update(spki).digest('base64url')}`);
  expect(pinOf(cert)).toBe(pin);
  expect(pin).toMatch(/^sha256:[A-Za-z0-9_-]{43}$/);
});

test('two certificates never share a key or a serial number', async () => {
  const [a, b] = await Promise.all([createCertificate(), createCertificate()]);
  expect(a.pin).not.toBe(b.pin);
  expect(new X509Certificate(a.cert).serialNumber).not.toBe(new X509Certificate(b.cert).serialNumber);
});
