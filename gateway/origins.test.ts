import 'reflect-metadata';
import { SubjectAlternativeNameExtension, X509CertificateGenerator } from '@peculiar/x509';
import { expect, test } from 'vitest';
import { isLoopback, originAllowed, ownOrigins } from './origins.ts';

test('on loopback, all names of loopback are the gateway’s own', () => {
  expect([...ownOrigins('127.0.0.1', 8080, null)].sort()).toEqual([
    'http://127.0.0.1:8080',
    'http://[::1]:8080',
    'http://localhost:8080'
  ]);
});

test('with TLS, the names in the certificate are its own too, but no wildcards', async () => {
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
  const certificate = await X509CertificateGenerator.createSelfSigned({
    keys: await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify']),
    signingAlgorithm: algorithm,
    extensions: [
      new SubjectAlternativeNameExtension([
        { type: 'dns', value: 'console.example' },
        { type: 'dns', value: '*.example' },
        { type: 'ip', value: '192.0.2.1' }
      ])
    ]
  });
  expect([...ownOrigins('0.0.0.0', 443, certificate.toString('pem'))].sort()).toEqual([
    'https://0.0.0.0',
    'https://192.0.2.1',
    'https://console.example'
  ]);
});

test.each(['127.0.0.1', '127.1.2.3', '::1', 'localhost'])('%s is loopback', (address) => {
  expect(isLoopback(address)).toBe(true);
});

test.each(['0.0.0.0', '::', '127.0.0.1.example', '128.0.0.1', 'example'])('%s is not loopback', (address) => {
  expect(isLoopback(address)).toBe(false);
});

test('an origin passes by being listed, or by not being there', () => {
  const allowed = new Set(['https://a.example']);
  expect(
    ['https://a.example', undefined, 'https://b.example', ''].map((origin) => originAllowed(origin, allowed))
  ).toEqual([true, true, false, false]);
});
