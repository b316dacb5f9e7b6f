// Our own frozen vectors (made by tests/interop/seal.py): their shape, and a run of one through the real handshake.
import { checkNumber, initiate, respond } from '../../src/lib/seal/handshake.ts';
import { hostId } from '../../src/lib/model/ids.ts';
import type { Sealed, Segment } from '../../src/lib/model/stages.ts';
import type { CryptoProvider, Kem, KeyPair } from '../../src/lib/seal/provider.ts';
import { hex, unhex } from './hex.ts';

export type Step = { from: 'operator' | 'agent'; plain?: string; rekey?: true; record?: string };
export type Inputs = {
  kind: 'link' | 'pair';
  suite: number;
  host: string;
  operatorStatic: string;
  operatorEphemeral: string;
  agentStatic: string;
  agentEphemeral: string;
  code?: string;
  kem?: { publicKey: string; ciphertext: string; shared: string };
  records: Step[];
};
export type Outputs = { hello: string; welcome: string; handshakeHash: string; checkNumber: string; records: Step[] };

/** A provider whose next key pair is always this one, and whose ML-KEM answers are the frozen ones. */
const fixed = (provider: CryptoProvider, ephemeral: KeyPair, kem: Inputs['kem']): CryptoProvider => ({
  ...provider,
  generateKeyPair: () => Promise.resolve(ephemeral),
  kem: kem ? fixedKem(kem) : null
});

function fixedKem(frozen: NonNullable<Inputs['kem']>): Kem {
  const [publicKey, ciphertext, shared] = [unhex(frozen.publicKey), unhex(frozen.ciphertext), unhex(frozen.shared)];
  const expect = (got: Uint8Array, wanted: Uint8Array): void => {
    if (hex(got) !== hex(wanted)) throw new Error('another ML-KEM value than the frozen one');
  };
  return {
    generate: () => Promise.resolve({ publicKey, privateKey: {} as never }),
    async encapsulate(key) {
      expect(key, publicKey);
      return Promise.resolve({ ciphertext, shared });
    },
    async decapsulate(_, received) {
      expect(received, ciphertext);
      return Promise.resolve(shared);
    }
  };
}

/** Runs both ends over the inputs of a case; every record is also opened by the other end. */
export async function runCase(
  provider: CryptoProvider,
  pairOf: (scalar: string) => Promise<KeyPair>,
  inputs: Inputs
): Promise<Outputs> {
  const { kem } = inputs;
  const host = hostId(inputs.host);
  const code = inputs.kind === 'pair' ? unhex(inputs.code ?? '') : null;
  const [operator, agent] = [await pairOf(inputs.operatorStatic), await pairOf(inputs.agentStatic)];
  const initiator = await initiate({
    provider: fixed(provider, await pairOf(inputs.operatorEphemeral), kem),
    identity: operator,
    host,
    hostKey: agent.publicKey,
    suite: inputs.suite as 1 | 2,
    pairing: code && { code }
  });
  const responder = await respond({
    provider: fixed(provider, await pairOf(inputs.agentEphemeral), kem),
    identity: agent,
    host,
    hello: initiator.hello,
    suites: [1, 2],
    codeFor: () => Promise.resolve(code)
  });
  const ends = { operator: await initiator.finish(responder.welcome), agent: responder.secure };
  const records: Step[] = [];
  for (const step of inputs.records) {
    const [sender, receiver] = step.from === 'operator' ? [ends.operator, ends.agent] : [ends.agent, ends.operator];
    if (step.plain === undefined) {
      sender.rekeySend();
      receiver.rekeyReceive();
      records.push(step);
      continue;
    }
    const record: Sealed = await sender.seal(unhex(step.plain) as Segment);
    const opened = await receiver.open(record);
    if (hex(opened) !== step.plain) throw new Error('opened to something else');
    records.push({ from: step.from, plain: step.plain, record: hex(record) });
  }
  return {
    hello: hex(initiator.hello),
    welcome: hex(responder.welcome),
    handshakeHash: hex(ends.operator.handshakeHash),
    checkNumber: await checkNumber(provider, ends.agent.handshakeHash),
    records
  };
}
