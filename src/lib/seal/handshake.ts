// How a link is established: Noise IK in HELLO and WELCOME, IKpsk2 in PAIR and PAIRED (docs/WIRE.md, “Seal”).
// Whatever fails, the other end learns only that it failed.
import { Fault } from '../model/fault.ts';
import type { HostId } from '../model/ids.ts';
import type { Sealed } from '../model/stages.ts';
import { concat, HandshakeState, POINT, TAG } from './noise.ts';
import { IK, IKHFS, IKPSK2, type Pattern } from './patterns.ts';
import type { CryptoProvider, KeyPair, PublicPoint, Raw } from './provider.ts';
import { plainBody, plainRecord, RECORD, secure, type RecordType, type Secure, type Suite } from './record.ts';

export { faultHint, faultRecord, RECORD, recordType, type Secure, type Suite } from './record.ts';

export const CODE = 16;
const CODE_ID = 8;
const NOTHING = new Uint8Array(0);

type Flow = {
  readonly pattern: Pattern;
  readonly name: string;
  readonly request: RecordType;
  readonly answer: RecordType;
  /** Bytes of Noise messages 1 and 2, payloads empty. */
  readonly lengths: readonly [number, number];
};
const P256 = [2 * POINT + 2 * TAG, POINT + TAG] as const;
const LINK: Record<Suite, Flow> = {
  1: {
    pattern: IK,
    name: 'Noise_IK_P256_AESGCM_SHA256',
    request: RECORD.HELLO,
    answer: RECORD.WELCOME,
    lengths: P256
  },
  2: {
    pattern: IKHFS,
    name: 'Noise_IKhfs_P256+MLKEM768_AESGCM_SHA256',
    request: RECORD.HELLO,
    answer: RECORD.WELCOME,
    lengths: [P256[0] + 1184 + TAG, P256[1] + 1088 + TAG]
  }
};
const PAIRING: Flow = {
  pattern: IKPSK2,
  name: 'Noise_IKpsk2_P256_AESGCM_SHA256',
  request: RECORD.PAIR,
  answer: RECORD.PAIRED,
  lengths: P256
};

const text = (value: string): Raw => new TextEncoder().encode(value);
const failed = (host: HostId, cause: unknown): Fault<'handshake'> =>
  new Fault('handshake', { host, reason: 'the handshake failed' }, { cause });

/** Names a pairing code without giving it away: the first 8 bytes of HMAC-SHA-256(code, "SMPS/1|code-id"). */
export async function codeId(provider: CryptoProvider, code: Uint8Array): Promise<Raw> {
  return (await provider.hmac(codeKey(code), text('SMPS/1|code-id'))).slice(0, CODE_ID);
}

const psk = (provider: CryptoProvider, code: Uint8Array): Promise<Raw> =>
  provider.hmac(codeKey(code), text('SMPS/1|psk'));

function codeKey(code: Uint8Array): Raw {
  if (code.length !== CODE) {
    throw new Fault('bad-argument', { name: 'code', value: `${code.length} bytes`, reason: `must be ${CODE} bytes` });
  }
  return new Uint8Array(code);
}

/** Eight digits both ends can compare by eye, `1234 5678`: who sits between them cannot make them equal but by luck. */
export async function checkNumber(provider: CryptoProvider, handshakeHash: Uint8Array): Promise<string> {
  const mac = await provider.hmac(new Uint8Array(handshakeHash), text('SMPS/1|check'));
  const number = new DataView(mac.buffer, mac.byteOffset).getBigUint64(0) % 100_000_000n;
  const digits = number.toString().padStart(8, '0');
  return `${digits.slice(0, 4)} ${digits.slice(4)}`;
}

function start(o: { provider: CryptoProvider; identity: KeyPair; host: HostId }, flow: Flow, peer: PublicPoint | null) {
  return HandshakeState.create({
    provider: o.provider,
    pattern: flow.pattern,
    protocolName: flow.name,
    initiator: peer !== null,
    prologue: text(`SMPS/1|${flow.name}|${o.host}`),
    identity: o.identity,
    peer
  });
}

async function finished(
  provider: CryptoProvider,
  state: HandshakeState,
  initiator: boolean,
  suite: Suite
): Promise<Secure> {
  const [first, second] = await state.split();
  const peer = state.peer;
  if (!peer) throw new Fault('internal', { reason: 'the handshake named no peer' });
  const [sendKey, receiveKey] = initiator ? [first, second] : [second, first];
  return secure({ provider, sendKey, receiveKey, handshakeHash: state.hash, peer, suite });
}

/**
 * The operator's end. Send `hello`, then give the answer to `finish`, once.
 * With `pairing`, the suite must be 1; the code is proven to the agent by the first DATA record only.
 * @throws Fault `bad-argument` or `unsupported` for what the caller got wrong; `handshake` from `finish`, whatever failed
 */
export async function initiate(o: {
  provider: CryptoProvider;
  identity: KeyPair;
  host: HostId;
  hostKey: PublicPoint;
  suite: Suite;
  pairing: null | { code: Uint8Array };
}): Promise<{ hello: Sealed; finish(welcome: Sealed): Promise<Secure> }> {
  const flow = o.pairing ? PAIRING : LINK[o.suite];
  if (o.pairing && o.suite !== 1) {
    throw new Fault('bad-argument', { name: 'suite', value: String(o.suite), reason: 'must be 1 when pairing' });
  }
  if (o.suite === 2 && !o.provider.kem) {
    throw new Fault('unsupported', { what: 'suite 2', reason: 'there is no ML-KEM here', instead: 'use suite 1' });
  }
  const name = o.pairing ? await codeId(o.provider, o.pairing.code) : NOTHING;
  const state = await start(o, flow, o.hostKey);
  if (o.pairing) state.addPsk(await psk(o.provider, o.pairing.code));
  let message: Raw;
  try {
    message = await state.write(NOTHING);
  } catch (cause) {
    throw failed(o.host, cause); // a host key that is no point
  }
  return {
    hello: plainRecord(flow.request, concat(Uint8Array.of(o.suite), name, message)),
    async finish(welcome) {
      try {
        const body = plainBody(welcome, flow.answer);
        if (body?.length !== flow.lengths[1]) throw new Fault('malformed', { where: 'answer', reason: 'wrong form' });
        await state.read(body);
        return await finished(o.provider, state, true, o.suite);
      } catch (cause) {
        throw failed(o.host, cause);
      }
    }
  };
}

type Responder = {
  provider: CryptoProvider;
  identity: KeyPair;
  host: HostId;
  hello: Sealed;
  /** Suites taken in HELLO; PAIR is always suite 1. */
  suites: readonly Suite[];
  /** The code with this id, 16 bytes, while it may still be used; else null. */
  codeFor(codeId: Uint8Array): Promise<Uint8Array | null>;
};

/**
 * The agent's end. Whether the peer may have a link is the caller's to judge by `secure.peer`. After PAIR (`codeId` is
 * not null) the peer has proven the code only when its first DATA record has opened.
 * @throws Fault `handshake`, the same whatever failed; the cause is for this side's eyes only
 */
export async function respond(o: Responder): Promise<{ welcome: Sealed; secure: Secure; codeId: Uint8Array | null }> {
  try {
    const { flow, suite, name, message } = parseHello(o);
    const state = await start(o, flow, null);
    await state.read(message);
    if (name) {
      const code = await o.codeFor(name);
      if (!code) throw new Fault('pairing-refused', { host: o.host });
      state.addPsk(await psk(o.provider, code));
    }
    const welcome = plainRecord(flow.answer, await state.write(NOTHING));
    return { welcome, secure: await finished(o.provider, state, false, suite), codeId: name };
  } catch (cause) {
    throw failed(o.host, cause);
  }
}

function parseHello(o: Responder): { flow: Flow; suite: Suite; name: Raw | null; message: Raw } {
  const link = plainBody(o.hello, RECORD.HELLO);
  const body = link ?? plainBody(o.hello, RECORD.PAIR);
  const suite = (link ? o.suites : ([1] as const)).find((known) => known === body?.[0]);
  if (!body || !suite || (suite === 2 && !o.provider.kem)) {
    throw new Fault('malformed', { where: 'HELLO', reason: 'unknown type or suite' });
  }
  const flow = link ? LINK[suite] : PAIRING;
  const messageAt = link ? 1 : 1 + CODE_ID;
  if (body.length !== messageAt + flow.lengths[0]) {
    throw new Fault('malformed', { where: 'HELLO', reason: 'wrong length' });
  }
  return { flow, suite, name: link ? null : body.slice(1, messageAt), message: body.slice(messageAt) };
}
