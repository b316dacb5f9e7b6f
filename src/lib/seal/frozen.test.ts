// Our own frozen vectors: suites 1 and 2, pairing, records, rekeying, check number and ticket, from a second implementation.
import { describe, expect, it } from 'vitest';
import frozen from '../../../tests/vectors/seal.json' with { type: 'json' };
import mlKem from '../../../tests/vectors/ml-kem-768.json' with { type: 'json' };
import { hex, unhex } from '../../../tests/vectors/hex.ts';
import { p256Pair } from '../../../tests/vectors/import-private.ts';
import { runCase, type Inputs } from '../../../tests/vectors/seal-cases.ts';
import { hostId } from '../model/ids.ts';
import { codeId } from './handshake.ts';
import { nativeProvider } from './native.ts';
import type { KemPrivateKey } from './provider.ts';
import { parseTicket, printTicket } from './ticket.ts';

const provider = nativeProvider();
const cases = frozen.cases as (Inputs & (typeof frozen.cases)[number])[];

describe('our frozen vectors', () => {
  it.each(cases)('agree on every byte of $kind, suite $suite', async (frozenCase) => {
    const { hello, welcome, handshakeHash, checkNumber, records } = frozenCase;
    const outputs = await runCase(provider, p256Pair, frozenCase);
    expect(outputs).toEqual({ hello, welcome, handshakeHash, checkNumber, records });
  });

  it('agree on the ticket and the code id', async () => {
    const pairing = cases.find((frozenCase) => frozenCase.kind === 'pair');
    const { ticket, host, agentPublic, code, codeId: frozenId } = pairing as Required<(typeof frozen.cases)[2]>;
    const parts = { host: hostId(host), hostKey: unhex(agentPublic), code: unhex(code) };
    expect(printTicket(parts)).toBe(ticket);
    expect(parseTicket(ticket)).toEqual(parts);
    expect(hex(await codeId(provider, unhex(code)))).toBe(frozenId);
  });

  it('agree on ML-KEM-768 where the platform has it', async () => {
    const { kem } = provider;
    expect(kem).not.toBeNull(); // Node 24 and Chromium do
    const seed = unhex(mlKem.seed);
    const key = await (
      crypto.subtle.importKey as unknown as (
        f: string,
        k: Uint8Array,
        a: string,
        e: boolean,
        u: string[]
      ) => Promise<CryptoKey>
    ).call(crypto.subtle, 'raw-seed', seed, 'ML-KEM-768', false, ['decapsulateBits']);
    const shared = await kem?.decapsulate(key as unknown as KemPrivateKey, unhex(mlKem.ciphertext));
    expect(shared && hex(shared)).toBe(mlKem.shared);
  });
});
