// The agent's end of the link benchmark: the real server (TLS, HTTP/2, handshake, channels) with `answer` behind it, and a
// plain HTTPS server with the same `answer` beside it. `node tests/bench/link-agent.ts FILE sealed|none` writes what the
// measuring side needs to FILE.
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { createCertificate } from '../../host-agent/certificate.ts';
import { nodeProvider } from '../../host-agent/crypto.ts';
import { serve } from '../../host-agent/serve/serve.ts';
import type { Xml } from '../../src/lib/model/stages.ts';
import { encodeBase64url } from '../../src/lib/seal/base64url.ts';
import { answer, HOST } from './link-messages.ts';
import { nullProvider } from './null-provider.ts';

const [, , file = '', seal = 'sealed'] = process.argv;
const provider = seal === 'sealed' ? nodeProvider() : nullProvider();
const identity = await provider.generateKeyPair(false);
const { key, cert, pin } = await createCertificate();

const agent = await serve({
  host: HOST,
  identity,
  provider,
  tls: { key, cert },
  address: '127.0.0.1',
  port: 0,
  suites: [1],
  knows: () => true,
  codeFor: () => Promise.resolve(null),
  onPairingFailed: () => undefined,
  onXml: (link, xml) => void link.send(answer(xml)),
  onClosed: () => undefined
});

const plain = createServer({ key, cert }, (request, response) => {
  const parts: Buffer[] = [];
  request.on('data', (part: Buffer) => parts.push(part));
  request.on('end', () => response.end(answer(new Uint8Array(Buffer.concat(parts)) as Xml)));
});
plain.listen(0, '127.0.0.1', () => {
  const https = (plain.address() as AddressInfo).port;
  writeFileSync(file, JSON.stringify({ pin, hostKey: encodeBase64url(identity.publicKey), https }));
  console.log(JSON.stringify({ event: 'listening', port: agent.port }));
});
process.once('SIGTERM', () => process.exit(0));
