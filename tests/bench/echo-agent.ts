// What the gateway sees of an agent, without the agent: TLS, HTTP/2, and every byte of a link's body sent back at once.
// `node tests/bench/echo-agent.ts PIN-FILE` writes its pin there and prints the usual `listening` line.
import { writeFileSync } from 'node:fs';
import { createSecureServer } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { createCertificate } from '../../host-agent/certificate.ts';

const [, , pinFile = 'pin'] = process.argv;
const { key, cert, pin } = await createCertificate();
const server = createSecureServer({ key, cert, settings: { maxConcurrentStreams: 4096 }, maxSessionMemory: 256 });
server.on('stream', (stream) => {
  stream.on('error', () => undefined);
  stream.respond({ ':status': 200 });
  stream.pipe(stream);
});
server.listen(0, '127.0.0.1', () => {
  writeFileSync(pinFile, pin);
  console.log(JSON.stringify({ event: 'listening', port: (server.address() as AddressInfo).port }));
});
process.once('SIGTERM', () => process.exit(0));
