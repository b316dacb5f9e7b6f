// What a gateway takes for an agent: TLS and HTTP/2 with a handler of the test's own, and what arrived counted.
import { createSecureServer } from 'node:http2';
import type { IncomingHttpHeaders, ServerHttp2Session, ServerHttp2Stream } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { createCertificate } from '../../host-agent/certificate.ts';

export type RawAgent = {
  readonly port: number;
  readonly pin: string;
  /** TLS connections and requests so far; `path`s of the requests. */
  readonly seen: { connections: number; paths: string[] };
  readonly streams: Set<ServerHttp2Stream>;
  close(): Promise<void>;
};

export type RawHandler = (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => void;

/** Answers 200 and sends every byte back. */
export const echo: RawHandler = (stream) => {
  stream.respond({ ':status': 200 });
  stream.pipe(stream);
};

/** Answers 200 and reads nothing. */
export const deaf: RawHandler = (stream) => {
  stream.respond({ ':status': 200 });
  stream.pause();
};

export async function rawAgent(handler: RawHandler, port = 0): Promise<RawAgent> {
  const { key, cert, pin } = await createCertificate();
  const seen = { connections: 0, paths: [] as string[] };
  const streams = new Set<ServerHttp2Stream>();
  const sessions = new Set<ServerHttp2Session>();
  const server = createSecureServer({ key, cert, settings: { maxConcurrentStreams: 4096 }, maxSessionMemory: 256 });
  server.on('secureConnection', () => {
    seen.connections += 1;
  });
  server.on('session', (session) => {
    sessions.add(session);
    session.on('error', () => undefined);
    session.once('close', () => sessions.delete(session));
  });
  server.on('stream', (stream, headers) => {
    seen.paths.push(headers[':path'] ?? '');
    streams.add(stream);
    stream.on('error', () => undefined);
    stream.once('close', () => streams.delete(stream));
    if (!stream.destroyed) handler(stream, headers);
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    pin,
    seen,
    streams,
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        for (const session of sessions) session.destroy();
      })
  };
}
