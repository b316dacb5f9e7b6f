import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Fault } from '../model/fault.ts';
import { hostId } from '../model/ids.ts';
import type { Sealed, Segment } from '../model/stages.ts';
import { checkNumber, codeId, initiate, respond } from './handshake.ts';
import { nativeProvider } from './native.ts';
import { HandshakeState } from './noise.ts';
import { IK, IKPSK2 } from './patterns.ts';
import { faultHint, faultRecord, plainRecord, RECORD, recordType, secure, type Secure, type Suite } from './record.ts';

const provider = nativeProvider();
const operator = await provider.generateKeyPair(false);
const agent = await provider.generateKeyPair(false);
const other = await provider.generateKeyPair(false);
const host = hostId('n1');
const code = provider.random(16);
const codeName = String(await codeId(provider, code));

type Changes = {
  suite?: Suite;
  suites?: readonly Suite[];
  hostKey?: Uint8Array<ArrayBuffer>;
  agentHost?: string;
  identity?: typeof agent;
  pairing?: boolean;
  agentCode?: Uint8Array | null;
  onHello?(hello: Sealed): Sealed;
  onWelcome?(welcome: Sealed): Sealed;
};

/** A whole handshake between honest ends, with what is between them or wrong with them in `changes`. */
async function shake(changes: Changes = {}): Promise<{ client: Secure; server: Secure; codeId: Uint8Array | null }> {
  const { suite = 1, suites = [1, 2], pairing = false, agentCode = code } = changes;
  const initiator = await initiate({
    provider,
    identity: operator,
    host,
    hostKey: changes.hostKey ?? agent.publicKey,
    suite,
    pairing: pairing ? { code } : null
  });
  const responder = await respond({
    provider,
    identity: changes.identity ?? agent,
    host: hostId(changes.agentHost ?? host),
    hello: changes.onHello?.(initiator.hello) ?? initiator.hello,
    suites,
    codeFor: (id) => Promise.resolve(String(id) === codeName ? agentCode : null)
  });
  const client = await initiator.finish(changes.onWelcome?.(responder.welcome) ?? responder.welcome);
  return { client, server: responder.secure, codeId: responder.codeId };
}

const uniform = { code: 'handshake', detail: { host: 'n1', reason: 'the handshake failed' } };
const flip =
  (bit: number) =>
  (record: Sealed): Sealed => {
    const copy = record.slice();
    const byte = Math.floor(bit / 8) % copy.length;
    copy[byte] = (copy[byte] ?? 0) ^ (1 << (bit % 8));
    return copy as Sealed;
  };
const segment = (...bytes: number[]): Segment => Uint8Array.from(bytes) as Segment;
const FLOWS = [
  { name: 'suite 1', suite: 1, pairing: false, sizes: [173, 91], types: [RECORD.HELLO, RECORD.WELCOME] },
  { name: 'suite 2', suite: 2, pairing: false, sizes: [1373, 1195], types: [RECORD.HELLO, RECORD.WELCOME] },
  { name: 'pairing', suite: 1, pairing: true, sizes: [181, 91], types: [RECORD.PAIR, RECORD.PAIRED] }
] as const;

describe.each(FLOWS)('a handshake of $name', ({ suite, pairing, sizes, types }) => {
  it('gives both ends the same hash, each other’s key, and a link in both directions', async () => {
    const seen: [number, number][] = [];
    const see = (record: Sealed): Sealed => (seen.push([record.length, recordType(record)]), record);
    const { client, server } = await shake({ suite, pairing, onHello: see, onWelcome: see });
    expect(seen).toEqual([
      [sizes[0], types[0]],
      [sizes[1], types[1]]
    ]);
    expect(client.handshakeHash).toEqual(server.handshakeHash);
    expect(client.handshakeHash).toHaveLength(32);
    expect([client.suite, server.suite]).toEqual([suite, suite]);
    expect(client.peer).toEqual(agent.publicKey);
    expect(server.peer).toEqual(operator.publicKey);
    expect(await server.open(await client.seal(segment(1, 2)))).toEqual(segment(1, 2));
    expect(await client.open(await server.seal(segment(3)))).toEqual(segment(3));
  });

  it('dies of any one flipped bit in the request', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(sizes[0] * 8 - 1), async (bit) => {
        await expect(shake({ suite, pairing, onHello: flip(bit) })).rejects.toMatchObject(uniform);
      }),
      { numRuns: 60 }
    );
  });

  it('dies of any one flipped bit in the answer', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(sizes[1] * 8 - 1), async (bit) => {
        await expect(shake({ suite, pairing, onWelcome: flip(bit) })).rejects.toMatchObject(uniform);
      }),
      { numRuns: 60 }
    );
  });

  it('dies of a message cut short or lengthened', async () => {
    const changes: ((record: Sealed) => Sealed)[] = [
      (record) => record.slice(0, -1) as Sealed,
      (record) => record.slice(0, 9) as Sealed,
      () => new Uint8Array(0) as Sealed,
      (record) => Uint8Array.from([...record, 0]) as Sealed
    ];
    for (const change of changes) {
      await expect(shake({ suite, pairing, onHello: change })).rejects.toMatchObject(uniform);
      await expect(shake({ suite, pairing, onWelcome: change })).rejects.toMatchObject(uniform);
    }
  });

  it('dies when the gateway routes it to another host, even one with the same key', async () => {
    const fault = { code: 'handshake', detail: { reason: 'the handshake failed' } };
    await expect(shake({ suite, pairing, agentHost: 'n2' })).rejects.toMatchObject(fault);
  });

  it('dies when an agent answers that lacks the host’s key', async () => {
    await expect(shake({ suite, pairing, identity: other })).rejects.toMatchObject(uniform);
  });

  it('dies when the answer is of an earlier handshake', async () => {
    let earlier: Sealed | null = null;
    await shake({ suite, pairing, onWelcome: (welcome) => (earlier = welcome) });
    await expect(shake({ suite, pairing, onWelcome: (welcome) => earlier ?? welcome })).rejects.toMatchObject(uniform);
  });

  it('dies when the request is reflected as the answer', async () => {
    let request: Sealed | null = null;
    const onHello = (hello: Sealed): Sealed => (request = hello);
    await expect(shake({ suite, pairing, onHello, onWelcome: (w) => request ?? w })).rejects.toMatchObject(uniform);
  });

  it('tells the operator nothing but that it failed when the answer is a FAULT', async () => {
    const onWelcome = (): Sealed => faultRecord('try suite 1');
    await expect(shake({ suite, pairing, onWelcome })).rejects.toMatchObject(uniform);
  });
});

describe('a peer that keeps to Noise but not to the wire', () => {
  const protocolName = 'Noise_IK_P256_AESGCM_SHA256';
  const prologue = new TextEncoder().encode(`SMPS/1|${protocolName}|n1`);
  const payload = Uint8Array.of(1);

  it('cannot put a payload into HELLO', async () => {
    const options = { provider, pattern: IK, protocolName, initiator: true, prologue, identity: operator };
    const noise = await HandshakeState.create({ ...options, peer: agent.publicKey });
    const hello = plainRecord(RECORD.HELLO, Uint8Array.of(1, ...(await noise.write(payload))));
    const codeFor = () => Promise.resolve(null);
    await expect(respond({ provider, identity: agent, host, hello, suites: [1], codeFor })).rejects.toMatchObject(
      uniform
    );
  });

  it('cannot put a payload into WELCOME', async () => {
    const ask = { provider, identity: operator, host, hostKey: agent.publicKey, suite: 1, pairing: null } as const;
    const initiator = await initiate(ask);
    const options = { provider, pattern: IK, protocolName, initiator: false, prologue, identity: agent, peer: null };
    const noise = await HandshakeState.create(options);
    await noise.read(new Uint8Array(initiator.hello.subarray(11)));
    const welcome = plainRecord(RECORD.WELCOME, await noise.write(payload));
    await expect(initiator.finish(welcome)).rejects.toMatchObject(uniform);
  });
});

describe('the suite', () => {
  it('cannot be stripped from 2 to 1 on the way', async () => {
    const strip = (hello: Sealed): Sealed => {
      const copy = hello.slice();
      copy[10] = 1;
      return copy as Sealed;
    };
    // By itself, and with the post-quantum part cut out so that the length fits suite 1.
    await expect(shake({ suite: 2, onHello: strip })).rejects.toMatchObject(uniform);
    const cut = (hello: Sealed): Sealed => {
      const bytes = [...strip(hello)];
      bytes.splice(10 + 1 + 65, 1200);
      return Uint8Array.from(bytes) as Sealed;
    };
    await expect(shake({ suite: 2, onHello: cut })).rejects.toMatchObject(uniform);
  });

  it('is refused when the agent does not take it', async () => {
    await expect(shake({ suite: 1, suites: [2] })).rejects.toMatchObject(uniform);
    await expect(shake({ suite: 2, suites: [1] })).rejects.toMatchObject(uniform);
  });

  it('2 is not offered without ML-KEM, and not taken', async () => {
    const without = { ...provider, kem: null };
    const ask = { identity: operator, host, hostKey: agent.publicKey, suite: 2, pairing: null } as const;
    await expect(initiate({ ...ask, provider: without })).rejects.toMatchObject({ code: 'unsupported' });
    const { hello } = await initiate({ ...ask, provider });
    const answer = respond({
      provider: without,
      identity: agent,
      host,
      hello,
      suites: [1, 2],
      codeFor: () => Promise.resolve(null)
    });
    await expect(answer).rejects.toMatchObject(uniform);
  });
});

describe('keys', () => {
  it.each([
    ['a point off the curve', (key: Uint8Array) => key.with(64, (key[64] ?? 0) ^ 1)],
    ['all zeros after the 4', () => new Uint8Array(65).with(0, 4)],
    ['a hybrid encoding', (key: Uint8Array) => key.with(0, 6 + ((key[64] ?? 0) & 1))],
    ['a compressed point', (key: Uint8Array) => key.slice(0, 33).with(0, 2 + ((key[64] ?? 0) & 1))],
    ['the encoding of infinity', () => new Uint8Array(1)],
    ['nothing', () => new Uint8Array(0)]
  ])('%s is refused as host key and as ephemeral', async (_, damage) => {
    const bad = new Uint8Array(damage(agent.publicKey));
    await expect(shake({ hostKey: bad })).rejects.toMatchObject(uniform);
    await expect(provider.dh(agent.privateKey, bad)).rejects.toThrow();
    const onHello = (hello: Sealed): Sealed => {
      const copy = hello.slice();
      copy.set(new Uint8Array([...bad, ...new Uint8Array(65)]).subarray(0, 65), 11);
      return copy as Sealed;
    };
    await expect(shake({ onHello })).rejects.toMatchObject(uniform);
  });
});

describe('pairing', () => {
  it('names the code it was made with', async () => {
    const { codeId: named } = await shake({ pairing: true });
    expect(named).toEqual(await codeId(provider, code));
    expect((await shake()).codeId).toBeNull();
  });

  it('with an unknown, used or expired code ends at the agent like any failed handshake', async () => {
    const ask = { provider, identity: operator, host, hostKey: agent.publicKey, suite: 1, pairing: { code } } as const;
    const { hello } = await initiate(ask);
    const codeFor = () => Promise.resolve(null);
    await expect(respond({ provider, identity: agent, host, hello, suites: [1], codeFor })).rejects.toMatchObject(
      uniform
    );
  });

  it('with another code than the agent’s fails at the operator', async () => {
    await expect(shake({ pairing: true, agentCode: provider.random(16) })).rejects.toMatchObject(uniform);
  });

  it('by one who saw a code’s id but holds no code dies at the agent with the first DATA', async () => {
    // A gateway that goes through the handshake itself, with another psk and without minding that PAIRED does not open.
    const attacker = await HandshakeState.create({
      provider,
      pattern: IKPSK2,
      protocolName: 'Noise_IKpsk2_P256_AESGCM_SHA256',
      initiator: true,
      prologue: new TextEncoder().encode('SMPS/1|Noise_IKpsk2_P256_AESGCM_SHA256|n1'),
      identity: other,
      peer: agent.publicKey,
      psks: [provider.random(32)]
    });
    const body = [1, ...(await codeId(provider, code)), ...(await attacker.write(new Uint8Array(0)))];
    const { welcome, secure: server } = await respond({
      provider,
      identity: agent,
      host,
      hello: plainRecord(RECORD.PAIR, Uint8Array.from(body)),
      suites: [1],
      codeFor: () => Promise.resolve(code)
    });
    expect(server.peer).toEqual(other.publicKey);
    await expect(attacker.read(new Uint8Array(welcome.subarray(10)))).rejects.toThrow();
    const [sendKey, receiveKey] = await attacker.split();
    const { handshakeHash, peer } = server;
    const forged = await secure({ provider, sendKey, receiveKey, handshakeHash, peer, suite: 1 }).seal(segment(1));
    await expect(server.open(forged)).rejects.toMatchObject({ code: 'integrity' });
    await expect(server.seal(segment(1))).rejects.toMatchObject({ code: 'integrity' });
  });

  it('takes codes of 16 bytes only, and suite 1 only', async () => {
    const ask = { provider, identity: operator, host, hostKey: agent.publicKey };
    await expect(initiate({ ...ask, suite: 1, pairing: { code: new Uint8Array(15) } })).rejects.toMatchObject({
      code: 'bad-argument'
    });
    await expect(initiate({ ...ask, suite: 2, pairing: { code } })).rejects.toMatchObject({ code: 'bad-argument' });
  });

  it('checks by eight digits, the same on both ends', async () => {
    const { client, server } = await shake({ pairing: true });
    const number = await checkNumber(provider, client.handshakeHash);
    expect(number).toMatch(/^\d{4} \d{4}$/);
    expect(await checkNumber(provider, server.handshakeHash)).toBe(number);
  });
});

describe('FAULT records', () => {
  it('carry a hint of printable ASCII, cut to 256 characters', () => {
    expect(faultHint(faultRecord('busy'))).toBe('busy');
    expect(faultHint(faultRecord('a\u0000\u202eé<b>'))).toBe('a?????????<b>'.replace('?????????', '?'.repeat(6)));
    expect(faultHint(faultRecord('x'.repeat(1000)))).toHaveLength(256);
    expect(faultHint(new Uint8Array(10))).toBeNull();
  });

  it('are told apart by type; a foreign version or length is malformed', () => {
    expect(recordType(faultRecord(''))).toBe(RECORD.FAULT);
    for (const bad of [
      new Uint8Array(0),
      new Uint8Array(9).fill(1),
      new Uint8Array(70_000).fill(1),
      new Uint8Array(10)
    ]) {
      expect(() => recordType(bad)).toThrow(Fault);
    }
  });
});
