// Another host's agent at the door with a VM: one request per stream of its hypervisor, each with the token of the permit
// (docs/WIRE.md, Migration). Whatever is wrong with a request, the answer is the same.
import { constants } from 'node:http2';
import type { Http2Session, IncomingHttpHeaders, ServerHttp2Stream } from 'node:http2';
import { pipeline } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import { STREAMS } from '../drivers/migration.ts';
import type { Arrivals } from '../migration/arrivals.ts';
import { keepAlive } from '../migration/keep-alive.ts';
import { pinOf } from '../migration/peer.ts';
import { RpcFilter } from '../drivers/libvirt/rpc-filter.ts';

export const MIGRATION_PATH =
  /^\/v1\/hosts\/([^/]+)\/migration\/(hello|outcome|stays|control|memory|disks|talk|image)$/;

/** Bytes of one stream on their way: with what links have, a busy loop at either end would set the pace. */
const STREAM_WINDOW = 1024 * 1024;
const TOKEN = /^Bearer ([A-Za-z0-9_-]{43})$/;
const known = new WeakSet<object>();

/** @param what the last part of the path. Never throws. */
export function acceptMigration(
  stream: ServerHttp2Stream,
  headers: IncomingHttpHeaders,
  what: string,
  arrivals: Arrivals
): void {
  stream.on('error', ignore);
  const session = stream.session;
  const token = TOKEN.exec(headers.authorization ?? '')?.[1];
  if (session === undefined || token === undefined) {
    refuse(stream);
    return;
  }
  const pin = peerOf(session);
  if (what === 'hello') {
    if (arrivals.claim(token, session, pin) === null) {
      refuse(stream);
      return;
    }
    if (!known.has(session)) {
      session.once('close', () => arrivals.left(session));
      keepAlive(session);
      session.settings({ initialWindowSize: STREAM_WINDOW });
    }
    known.add(session);
    stream.respond({ ':status': 200, 'smps-sockets': arrivals.sockets }, { endStream: true });
    stream.resume();
    return;
  }
  if (what === 'outcome' || what === 'stays') {
    stream.resume();
    arrivals[what](token, pin).then(
      (outcome) => {
        if (stream.destroyed) return;
        if (outcome === null) {
          refuse(stream);
          return;
        }
        stream.respond({ ':status': 200, 'content-type': 'text/plain' });
        stream.end(outcome);
      },
      () => refuse(stream)
    );
    return;
  }
  const kind = STREAMS.find((each) => each === what);
  const vm = kind === undefined ? null : arrivals.visitor(token, session, pin);
  const local = kind === undefined || vm === null ? null : arrivals.connect(token, session, pin, kind);
  if (local === null || vm === null) {
    refuse(stream);
    return;
  }
  stream.respond({ ':status': 200, 'content-type': 'application/octet-stream' });
  const cut = (): void => {
    stream.close(constants.NGHTTP2_CANCEL);
    local.destroy();
  };
  if (kind === 'control') pipeline(stream, new RpcFilter(vm), local, cut);
  else pipeline(stream, local, cut);
  pipeline(local, stream, cut);
}

/** The key the other agent has shown in its TLS handshake; whether it is the right one is the permit's matter. */
function peerOf({ socket }: Http2Session): string | null {
  // What Node gives is a proxy, of which `instanceof` and `in` are not true.
  return pinOf(socket as TLSSocket);
}

function refuse(stream: ServerHttp2Stream): void {
  if (stream.destroyed || stream.headersSent) return;
  stream.respond({ ':status': 404 }, { endStream: true });
  stream.resume();
}

const ignore = (): void => undefined;
