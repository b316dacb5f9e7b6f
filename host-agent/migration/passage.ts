// The source's way to the agent that has prepared for a VM: HTTP/2 over TLS whose key is compared with the permit's pin before
// a byte of HTTP is sent. One request per stream, the token in each (docs/WIRE.md, Migration).
import { connect as connectHttp2, constants } from 'node:http2';
import type { ClientHttp2Session, ClientHttp2Stream } from 'node:http2';
import { isIP } from 'node:net';
import type { Duplex } from 'node:stream';
import { connect as connectTls } from 'node:tls';
import { Fault } from '../../src/lib/model/fault.ts';
import { OUTCOMES } from '../drivers/migration.ts';
import type { ArrivalState, Passage, StreamKind } from '../drivers/migration.ts';
import { keepAlive } from './keep-alive.ts';
import { pinOf } from './peer.ts';

export type PassageOptions = {
  /** Id of the target host. */
  readonly to: string;
  readonly url: string;
  readonly pin: string;
  readonly token: string;
  /** PEM: this host's own key, by which the target knows it. */
  readonly tls: { readonly key: string; readonly cert: string };
};

const CONNECT = 8_000;
const ANSWER = 15_000;
/** The target waits for its hypervisor to have settled. */
const SETTLE = 45_000;
const SESSION_MEMORY = 64;
/** Characters of an outcome. */
const LONGEST = 20;

/** A passage that the target has agreed to. `close` it in any case. @throws Fault `unreachable`, `unsupported` */
export async function openPassage(o: PassageOptions): Promise<Passage & { close(): void }> {
  const session = await dial(o);
  try {
    const { stream, headers } = await request(session, o, 'hello');
    stream.end();
    stream.resume();
    const sockets = headers['smps-sockets'];
    if (typeof sockets !== 'string') throw lost(o, UNLIKE);
    return {
      to: o.to,
      sockets,
      open: async (kind): Promise<Duplex> => (await request(session, o, kind)).stream,
      look: () => outcome(session, o),
      lost: () => session.closed || session.destroyed,
      close: () => session.destroy()
    };
  } catch (thrown) {
    session.destroy();
    throw thrown;
  }
}

/**
 * What the target says has become of the VM, on a connection of its own.
 * @param what `stays`: it is told that the VM goes on here unless it has arrived, by the word of an operator
 * @throws Fault `unreachable`, `unsupported`
 */
export async function askOutcome(o: PassageOptions, what: 'outcome' | 'stays' = 'outcome'): Promise<ArrivalState> {
  const session = await dial(o);
  try {
    return await outcome(session, o, what);
  } finally {
    session.destroy();
  }
}

async function outcome(
  session: ClientHttp2Session,
  o: PassageOptions,
  what: 'outcome' | 'stays' = 'outcome'
): Promise<ArrivalState> {
  const { stream } = await request(session, o, what);
  stream.end();
  const said = await short(stream, o);
  const state = OUTCOMES.find((each) => each === said);
  if (state === undefined) throw lost(o, UNLIKE);
  return state;
}

function request(
  session: ClientHttp2Session,
  o: PassageOptions,
  what: StreamKind | 'hello' | 'outcome' | 'stays'
): Promise<Answered> {
  if (session.closed || session.destroyed) return Promise.reject(lost(o, ENDED));
  const stream = session.request({
    [constants.HTTP2_HEADER_METHOD]: 'POST',
    [constants.HTTP2_HEADER_PATH]: `/v1/hosts/${o.to}/migration/${what}`,
    [constants.HTTP2_HEADER_AUTHORIZATION]: `Bearer ${o.token}`
  });
  return answered(stream, o, what === 'outcome' ? SETTLE : ANSWER);
}

const UNLIKE = 'it answers unlike an agent';
const ENDED = 'the connection between the hosts has ended';
const lost = ({ to }: PassageOptions, reason: string, cause?: unknown): Fault =>
  new Fault('unreachable', { host: to, reason }, { cause });

/** @throws Fault `unreachable` when it is none of the few words there are */
async function short(answer: ClientHttp2Stream, o: PassageOptions): Promise<string> {
  let said = '';
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    said += chunk.toString();
    if (said.length > LONGEST) throw lost(o, UNLIKE);
  }
  return said;
}

type Answered = { readonly stream: ClientHttp2Stream; readonly headers: Readonly<Record<string, unknown>> };

function answered(stream: ClientHttp2Stream, o: PassageOptions, patience: number): Promise<Answered> {
  return new Promise((resolve, reject) => {
    const fail = (fault: Fault): void => {
      clearTimeout(timer);
      reject(fault);
      stream.close(constants.NGHTTP2_CANCEL);
    };
    const timer = setTimeout(() => fail(lost(o, 'it does not answer')), patience);
    stream.on('error', () => undefined); // 'close' follows.
    stream.once('close', () => fail(lost(o, ENDED)));
    stream.once('response', (headers) => {
      clearTimeout(timer);
      if (headers[':status'] === 200) resolve({ stream, headers });
      else fail(REFUSED);
    });
  });
}

/** Uniform, as the target’s answer is. */
const REFUSED = new Fault('unsupported', {
  what: 'moving the VM',
  reason: 'the target does not take its permit: it has expired, was used or taken back, or is for another VM or host',
  instead: 'prepare the target anew'
});

function dial(o: PassageOptions): Promise<ClientHttp2Session> {
  const { url, pin } = o;
  const { hostname, port } = new URL(url);
  const host = hostname.replace(/^\[|\]$/g, '');
  return new Promise((resolve, reject) => {
    const socket = connectTls({
      host,
      port: Number(port || 443),
      ...(isIP(host) === 0 ? { servername: host } : {}),
      ALPNProtocols: ['h2'],
      minVersion: 'TLSv1.3',
      ...o.tls,
      // Not the authorities' word but the pin decides, below and before any request.
      rejectUnauthorized: false
    });
    const fail = (reason: string, cause?: unknown): void => {
      clearTimeout(timer);
      socket.destroy();
      reject(lost(o, reason, cause));
    };
    const timer = setTimeout(() => fail(`no TLS connection to ${url} within ${CONNECT / 1000} s`), CONNECT);
    socket.once('error', (error: NodeJS.ErrnoException) =>
      fail(`no TLS connection from this host to ${url} (${error.code ?? error.message})`, error)
    );
    socket.once('secureConnect', () => {
      if (pinOf(socket) !== pin) {
        fail(`the TLS key at ${url} is not the one the target has told`);
        return;
      }
      if (socket.alpnProtocol !== 'h2') {
        fail(`what answers at ${url} does not speak HTTP/2`);
        return;
      }
      clearTimeout(timer);
      socket.removeAllListeners('error');
      socket.setNoDelay(true);
      const session = connectHttp2(url, {
        createConnection: () => socket,
        settings: { enablePush: false },
        maxSessionMemory: SESSION_MEMORY
      });
      session.on('error', () => undefined); // Its streams end with it.
      keepAlive(session);
      resolve(session);
    });
  });
}
