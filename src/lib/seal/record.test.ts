import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Fault } from '../model/fault.ts';
import type { Sealed, Segment } from '../model/stages.ts';
import { nativeProvider } from './native.ts';
import type { CryptoProvider } from './provider.ts';
import { HEADER, MAX_PLAIN, MAX_RECORD, RECORD, secure, type Secure } from './record.ts';

const native = nativeProvider();

async function link(provider: CryptoProvider = native): Promise<{ client: Secure; server: Secure }> {
  const [one, two] = [native.random(32), native.random(32)];
  const both = { provider, handshakeHash: native.random(32), peer: new Uint8Array(65), suite: 1 } as const;
  const [up, down] = [await native.aeadKey(one), await native.aeadKey(two)];
  return {
    client: secure({ ...both, sendKey: up, receiveKey: down }),
    server: secure({ ...both, sendKey: down, receiveKey: up })
  };
}

const segment = (...bytes: number[]): Segment => Uint8Array.from(bytes) as Segment;
const integrity = { code: 'integrity' };

/** The link must be dead in both directions, with the very same fault. */
async function expectDead(end: Secure, fault: unknown, next: Sealed): Promise<void> {
  expect(fault).toBeInstanceOf(Fault);
  expect(fault).toMatchObject(integrity);
  expect(await end.open(next).catch((error: unknown) => error)).toBe(fault);
  expect(await end.seal(segment(1)).catch((error: unknown) => error)).toBe(fault);
}

async function sealMany(end: Secure, count: number): Promise<Sealed[]> {
  return Promise.all(Array.from({ length: count }, (_, index) => end.seal(segment(index, 7))));
}

describe('records', () => {
  it('carry any segment up to 64 KiB in both directions, numbered from 0 in each', async () => {
    const { client, server } = await link();
    for (const [index, length] of [0, 1, 1024, MAX_PLAIN].entries()) {
      const plain = new Uint8Array(length).fill(index) as Segment;
      const record = await client.seal(plain);
      expect(record).toHaveLength(HEADER + length + 16);
      expect([...record.subarray(0, HEADER)]).toEqual([1, RECORD.DATA, 0, 0, 0, 0, 0, 0, 0, index]);
      expect(await server.open(record)).toEqual(plain);
      expect(await client.open(await server.seal(plain))).toEqual(plain);
    }
  });

  it('carry data behind a segment as if it were part of it', async () => {
    const { client, server } = await link();
    const record = await client.seal(segment(1, 2), Uint8Array.of(3, 4, 5));
    expect(record).toHaveLength(HEADER + 5 + 16);
    expect(await server.open(record)).toEqual(segment(1, 2, 3, 4, 5));
  });

  it('refuse a larger segment without using up a number', async () => {
    const { client, server } = await link();
    const large = new Uint8Array(MAX_PLAIN + 1) as Segment;
    await expect(client.seal(large)).rejects.toMatchObject({ code: 'too-large' });
    await expect(client.seal(segment(1), new Uint8Array(MAX_PLAIN))).rejects.toMatchObject({ code: 'too-large' });
    expect(await server.open(await client.seal(segment(1)))).toEqual(segment(1));
  });

  it('may be sealed and opened many at a time, and open in order', async () => {
    const { client, server } = await link();
    const order: number[] = [];
    const opening = (await sealMany(client, 50)).map(async (record) =>
      order.push((await server.open(record))[0] ?? -1)
    );
    await Promise.all(opening);
    expect(order).toEqual(Array.from({ length: 50 }, (_, index) => index));
  });

  it('open in order even if the platform finishes them out of order', async () => {
    const gates: (() => void)[] = [];
    const slow: CryptoProvider = {
      ...native,
      decrypt: async (...given) => {
        const plain = await native.decrypt(...given);
        await new Promise<void>((resolve) => gates.push(resolve));
        return plain;
      }
    };
    const { server, client: sender } = await link(slow);
    const order: number[] = [];
    const opening = (await sealMany(sender, 3)).map((record) =>
      server.open(record).then(([first]) => order.push(first ?? -1))
    );
    await expect.poll(() => gates.length).toBe(3);
    gates.toReversed().forEach((open) => open());
    await Promise.all(opening);
    expect(order).toEqual([0, 1, 2]);
  });
});

describe('one bad record ends the link for good', () => {
  it('with any one bit flipped', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 80 }), fc.nat(), async (plain, where) => {
        const { client, server } = await link();
        const record = await client.seal(new Uint8Array(plain) as Segment);
        const bit = where % (record.length * 8);
        record[bit >> 3] = (record[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        const fault: unknown = await server.open(record).catch((error: unknown) => error);
        await expectDead(server, fault, await client.seal(segment(2)));
      }),
      { numRuns: 150 }
    );
  });

  it.each<[string, (records: Sealed[]) => Sealed[]]>([
    ['replayed', ([a, b]) => [a, b, a] as Sealed[]],
    ['repeated at once', ([a]) => [a, a] as Sealed[]],
    ['left out', ([a, , c]) => [a, c] as Sealed[]],
    ['swapped', ([a, b, c]) => [a, c, b] as Sealed[]],
    ['cut', ([a, b]) => [a, b?.slice(0, -1)] as Sealed[]],
    ['lengthened', ([a, b]) => [a, Uint8Array.from([...(b ?? []), 0])] as Sealed[]],
    ['too short for a header', ([a]) => [a, new Uint8Array(9)] as Sealed[]],
    ['empty', () => [new Uint8Array(0) as Sealed]],
    ['too long', ([a]) => [a, new Uint8Array(MAX_RECORD + 1)] as Sealed[]]
  ])('%s', async (_, tamper) => {
    const { client, server } = await link();
    const records = await sealMany(client, 4);
    const tampered = tamper(records.slice(0, 3));
    const outcomes = await Promise.allSettled(tampered.map((record) => server.open(record)));
    const failed = outcomes.filter((outcome) => outcome.status === 'rejected');
    expect(failed.length).toBeGreaterThan(0);
    expect(outcomes.at(-1)?.status).toBe('rejected');
    await expectDead(server, failed[0]?.reason, records[3] as Sealed);
  });

  it('reflected to its sender', async () => {
    const { client } = await link();
    const fault: unknown = await client.open(await client.seal(segment(1))).catch((error: unknown) => error);
    await expectDead(client, fault, segment() as Uint8Array as Sealed);
  });

  it('from another link', async () => {
    const { server } = await link();
    const { client } = await link();
    const fault: unknown = await server.open(await client.seal(segment(1))).catch((error: unknown) => error);
    await expectDead(server, fault, await client.seal(segment(2)));
  });

  it('but those before it are still delivered, and those after it are not', async () => {
    const { client, server } = await link();
    const records = await sealMany(client, 5);
    const third = records[2] ?? new Uint8Array(0);
    third[20] = (third[20] ?? 0) ^ 1;
    const outcomes = await Promise.allSettled(records.map((record) => server.open(record)));
    expect(outcomes.map((outcome) => outcome.status)).toEqual([
      'fulfilled',
      'fulfilled',
      'rejected',
      'rejected',
      'rejected'
    ]);
  });

  it('and costs no decryption: neither a wrong number nor anything after it', async () => {
    let decryptions = 0;
    const { client, server } = await link({
      ...native,
      decrypt: (...given) => {
        decryptions += 1;
        return native.decrypt(...given);
      }
    });
    const [first, second, third] = await sealMany(client, 3);
    await server.open(first as Sealed);
    for (const record of [third, first, second]) {
      await expect(server.open(record as Sealed)).rejects.toMatchObject(integrity);
    }
    expect(decryptions).toBe(1);
  });

  it('and a rejection nobody handles does no harm', async () => {
    // An unhandled rejection would fail the whole run.
    const { client, server } = await link();
    const [first, second] = await sealMany(client, 2);
    void server.open(second as Sealed);
    void server.open(first as Sealed);
    await expect(server.open(first as Sealed)).rejects.toMatchObject(integrity);
  });
});

describe('rekeying', () => {
  it('changes the key at its place in the order of the calls, each direction by itself', async () => {
    const { client, server } = await link();
    const before = client.seal(segment(1));
    client.rekeySend();
    const after = client.seal(segment(2));
    client.rekeySend();
    const last = client.seal(segment(3));
    expect(await server.open(await before)).toEqual(segment(1));
    server.rekeyReceive();
    expect(await server.open(await after)).toEqual(segment(2));
    server.rekeyReceive();
    expect(await server.open(await last)).toEqual(segment(3));
    expect(await client.open(await server.seal(segment(4)))).toEqual(segment(4));
  });

  it('that only one end does ends the link', async () => {
    const { client, server } = await link();
    client.rekeySend();
    await expect(server.open(await client.seal(segment(1)))).rejects.toMatchObject(integrity);
  });
});
