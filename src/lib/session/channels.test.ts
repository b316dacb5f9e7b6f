import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FakeClock, settle } from '../../../tests/support/fake-clock.ts';
import { openSecure } from '../../../tests/support/open-secure.ts';
import { Fault } from '../model/fault.ts';
import { hostId } from '../model/ids.ts';
import type { Sealed, Segment, Xml } from '../model/stages.ts';
import { MAX_XML } from '../protocol/schema.ts';
import { packSegment, SEGMENT } from '../protocol/segment.ts';
import { CHANNEL_NARROW, CHANNEL_WINDOW } from './byte-channel.ts';
import type { ByteHandlers } from './byte-channel.ts';
import { Channels, KEEP_ALIVE } from './channels.ts';
import type { ChannelsOptions } from './channels.ts';

const xml = (text: string): Xml => new TextEncoder().encode(text) as Xml;
const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
const kindOf = (record: Sealed): number => record[10] ?? 0;

/** One end, with what it sent held until the test lets it through. */
class End {
  readonly secure = openSecure();
  readonly channels: Channels;
  readonly received: string[] = [];
  readonly sent: Sealed[] = [];
  readonly closes: number[] = [];
  fault: Fault | null = null;
  closedCount = 0;
  readonly #room: (() => void)[] = [];

  constructor(clock: FakeClock, options: Partial<ChannelsOptions> = {}) {
    this.channels = new Channels({
      secure: this.secure,
      clock,
      send: (record) => {
        this.sent.push(record);
        return new Promise((resolve) => this.#room.push(resolve));
      },
      close: (code) => this.closes.push(code),
      onXml: (message) => this.received.push(text(message)),
      onClosed: (fault) => {
        this.fault = fault;
        this.closedCount += 1;
      },
      ...options
    });
  }

  /** Takes up to `count` records off the pipe, which makes room for as many. */
  take(count = Infinity): Sealed[] {
    const taken = this.sent.splice(0, Math.min(count, this.sent.length));
    for (const resume of this.#room.splice(0, taken.length)) resume();
    return taken;
  }
}

type Ends = { a: End; b: End; clock: FakeClock };

function ends(options: Partial<ChannelsOptions> = {}): Ends {
  const clock = new FakeClock();
  return { a: new End(clock, options), b: new End(clock, options), clock };
}

/** Moves records both ways until nothing moves. */
async function exchange({ a, b }: Ends): Promise<void> {
  for (let idle = 0; idle < 2; idle += 1) {
    await settle();
    for (const record of a.take()) {
      b.channels.receive(record);
      idle = 0;
    }
    for (const record of b.take()) {
      a.channels.receive(record);
      idle = 0;
    }
  }
}

/** Puts a segment of the test's own making on the wire, as `from` would seal it. */
async function inject(from: End, to: End, segment: Segment): Promise<void> {
  to.channels.receive(await from.secure.seal(segment));
  await settle();
}

const gather = (): ByteHandlers & { data: number[]; closed: (Fault | null)[] } => {
  const data: number[] = [];
  const closed: (Fault | null)[] = [];
  return { data, closed, onData: (bytes) => void data.push(...bytes), onClosed: (fault) => closed.push(fault) };
};

describe('XML', () => {
  test('arrives whole and in order, however records are let through', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 1, max: 200_000 }), { minLength: 1, maxLength: 6 }),
        fc.infiniteStream(fc.integer({ min: 1, max: 5 })),
        async (sizes, steps) => {
          const { a, b } = ends();
          const sent = sizes.map((size, i) => String(i).repeat(size));
          for (const message of sent) void a.channels.sendXml(xml(message));
          for (const step of steps) {
            await settle();
            const records = a.take(step);
            if (records.length === 0) break;
            for (const record of records) b.channels.receive(record);
          }
          await settle();
          expect(b.received.map((message) => [message.length, message[0]])).toEqual(
            sent.map((message) => [message.length, message[0]])
          );
        }
      ),
      { numRuns: 30 }
    );
  });

  test('waits for room: a send resolves only when the pipe has taken its last record', async () => {
    const { a } = ends();
    let done = false;
    void a.channels.sendXml(xml('x'.repeat(3_000_000))).then(() => (done = true));
    for (let i = 0; i < 45; i += 1) {
      await settle();
      a.take(1);
    }
    await settle();
    expect(done).toBe(false);
    a.take();
    await settle();
    a.take();
    await settle();
    expect(done).toBe(true);
  });

  test('past its greatest size ends the link that sent it', async () => {
    const both = ends();
    for (let i = 0; i <= MAX_XML / 60_000; i += 1) {
      const piece = new Uint8Array(60_001);
      piece[0] = 1;
      await inject(both.a, both.b, packSegment(SEGMENT.XML, 0, piece));
    }
    expect(both.b.fault?.code).toBe('too-large');
    expect(both.b.closes).toHaveLength(1);
  });
});

describe('byte channels', () => {
  test('carry any bytes in order both ways', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.uint8Array({ maxLength: 40_000 }), { maxLength: 20 }), async (pieces) => {
        const both = ends();
        const [left, right] = [gather(), gather()];
        const a = both.a.channels.openBytes(7, left);
        const b = both.b.channels.openBytes(7, right);
        for (const piece of pieces) {
          void a.write(piece);
          void b.write(piece);
        }
        await exchange(both);
        const all = pieces.flatMap((piece) => [...piece]);
        expect(left.data).toEqual(all);
        expect(right.data).toEqual(all);
      }),
      { numRuns: 20 }
    );
  });

  test('never have more under way than the reader gave credit for', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 1, max: 400_000 }), { minLength: 1, maxLength: 4 }),
        fc.infiniteStream(fc.boolean()),
        async (writes, readNow) => {
          const both = ends();
          const a = both.a.channels.openBytes(1, gather());
          const total = writes.reduce((sum, size) => sum + size, 0);
          let consumed = 0;
          let waiting: (() => void)[] = [];
          both.b.channels.openBytes(1, {
            onData: (data) =>
              new Promise((resolve) =>
                waiting.push(() => {
                  consumed += data.length;
                  resolve();
                })
              ),
            onClosed: () => undefined
          });
          for (const size of writes) void a.write(new Uint8Array(size));
          let arrived = 0;
          for (const read of readNow) {
            await settle();
            for (const record of both.a.take()) {
              arrived += record.length - 10 - 5 - 16;
              both.b.channels.receive(record);
            }
            for (const record of both.b.take()) both.a.channels.receive(record);
            expect(arrived - consumed).toBeLessThanOrEqual(CHANNEL_WINDOW);
            if (read) for (const go of waiting.splice(0)) go();
            if (consumed === total) break;
          }
          expect(consumed).toBe(total);
          waiting = [];
        }
      ),
      { numRuns: 15 }
    );
  });

  test('make way for what the reader asks, and have the whole window again a moment later', async () => {
    const { a, b, clock } = ends({ asks: true });
    const source = a.channels.openBytes(1, gather());
    let read = 0;
    b.channels.openBytes(1, { onData: (data) => void (read += data.length), onClosed: () => undefined });
    const TOTAL = 16 * CHANNEL_WINDOW;
    void source.write(new Uint8Array(TOTAL));
    /** The most that was on its way at once while so much was read, once what was on its way before is in. */
    const underWay = async (amount: number): Promise<number> => {
      let most = 0;
      for (const from = read; read < from + amount;) {
        await settle();
        const records = a.take();
        const size = records.reduce((sum, record) => sum + record.length - 10 - 5 - 16, 0);
        if (read >= from + CHANNEL_WINDOW) most = Math.max(most, size);
        for (const record of records) b.channels.receive(record);
        await settle();
        for (const record of b.take()) a.channels.receive(record);
      }
      return most;
    };
    expect(await underWay(3 * CHANNEL_WINDOW)).toBeGreaterThan(CHANNEL_NARROW);
    void b.channels.sendXml(xml('now'));
    expect(await underWay(3 * CHANNEL_WINDOW)).toBeLessThanOrEqual(CHANNEL_NARROW);
    void b.channels.sendXml(xml('again'));
    await clock.advance(249);
    expect(await underWay(2 * CHANNEL_WINDOW)).toBeLessThanOrEqual(CHANNEL_NARROW);
    await clock.advance(1);
    expect(await underWay(3 * CHANNEL_WINDOW)).toBeGreaterThan(CHANNEL_NARROW);
    expect(a.received).toEqual(['now', 'again']);
  });

  test('send together what waits together, in records as full as can be', async () => {
    const both = ends();
    const bulk = both.a.channels.openBytes(1, gather());
    const there = gather();
    both.b.channels.openBytes(1, there);
    const sent: number[] = [];
    const writes = [1, 70_000, 2, 3, 60_000].map((size, index) => new Uint8Array(size).fill(index));
    for (const [index, data] of writes.entries()) void bulk.write(data).then(() => sent.push(index));
    const sizes: number[] = [];
    for (;;) {
      await settle();
      const [record] = both.a.take(1);
      if (record === undefined) break;
      sizes.push(record.length - 10 - 5 - 16);
      both.b.channels.receive(record);
    }
    expect(sizes).toEqual([1, 65_531, 64_474]);
    expect(sent).toEqual([0, 1, 2, 3, 4]);
    expect(there.data).toEqual(writes.flatMap((data) => [...data]));
  });

  test('reject all that waits when they are closed', async () => {
    const both = ends();
    const bulk = both.a.channels.openBytes(1, gather());
    const writes = [300_000, 1, 2].map((size) => bulk.write(new Uint8Array(size)));
    await settle();
    bulk.close();
    await exchange(both);
    for (const write of writes) await expect(write).rejects.toMatchObject({ code: 'link-ended' });
    await expect(bulk.write(Uint8Array.of(1))).rejects.toMatchObject({ code: 'link-ended' });
  });

  test('reject what waits for the pipe when the link breaks', async () => {
    const both = ends();
    const writes = [1, 2, 3].map((id) => both.a.channels.openBytes(id, gather()).write(new Uint8Array(10)));
    await settle();
    both.a.channels.ended(new Fault('gateway-lost', { url: 'wss://gateway', reason: 'it has ended' }));
    // The others are in the pipe: what becomes of those the transport says.
    await expect(writes[2]).rejects.toMatchObject({ code: 'gateway-lost' });
  });

  test('let control go first', async () => {
    const both = ends();
    const bulk = both.a.channels.openBytes(1, gather());
    void bulk.write(new Uint8Array(200_000));
    await settle();
    void both.a.channels.sendXml(xml('<now/>'));
    void both.a.channels.ping(1_000).catch(() => undefined);
    const kinds: number[] = [];
    for (let i = 0; i < 8; i += 1) {
      kinds.push(...both.a.take(1).map(kindOf));
      await settle();
    }
    // One bulk record was sealed before; nothing else may come between.
    expect(kinds.slice(0, 4)).toEqual([SEGMENT.BYTES, SEGMENT.XML, SEGMENT.PING, SEGMENT.BYTES]);
  });

  test('keep what comes before this end has opened them', async () => {
    const both = ends();
    void both.a.channels.openBytes(3, gather()).write(Uint8Array.of(1, 2, 3));
    await exchange(both);
    const late = gather();
    both.b.channels.openBytes(3, late);
    await exchange(both);
    expect(late.data).toEqual([1, 2, 3]);
  });

  test('tell the reader of their end after all bytes, and cannot be written to any more', async () => {
    const both = ends();
    const right = gather();
    both.b.channels.openBytes(2, right);
    const a = both.a.channels.openBytes(2, gather());
    await Promise.all([a.write(Uint8Array.of(9, 9)), exchange(both)]);
    a.close();
    await exchange(both);
    expect([right.data, right.closed]).toEqual([[9, 9], [null]]);
    await expect(a.write(Uint8Array.of(1))).rejects.toMatchObject({ code: 'link-ended' });
    expect(() => both.a.channels.openBytes(2, gather())).toThrow('was used before');
  });

  test.each([
    [
      'more data than there was credit for',
      async ({ a, b }: Ends) => {
        b.channels.openBytes(1, { onData: () => new Promise(() => undefined), onClosed: () => undefined });
        for (let i = 0; i < 5; i += 1) await inject(a, b, packSegment(SEGMENT.BYTES, 1, new Uint8Array(60_000)));
      }
    ],
    [
      'credit for what was never sent',
      async ({ a, b }: Ends) => {
        b.channels.openBytes(1, gather());
        await inject(a, b, packSegment(SEGMENT.CREDIT, 1, Uint8Array.of(0, 0, 0, 1)));
      }
    ],
    [
      'credit of no four bytes',
      async ({ a, b }: Ends) => {
        await inject(a, b, packSegment(SEGMENT.CREDIT, 1, Uint8Array.of(1)));
      }
    ],
    [
      'bytes on channel 0',
      async ({ a, b }: Ends) => {
        await inject(a, b, packSegment(SEGMENT.BYTES, 0, Uint8Array.of(1)));
      }
    ],
    [
      'too many channels nobody opened',
      async ({ a, b }: Ends) => {
        for (let channel = 1; channel <= 17; channel += 1)
          await inject(a, b, packSegment(SEGMENT.BYTES, channel, Uint8Array.of(1)));
      }
    ],
    [
      'a PING on a channel',
      async ({ a, b }: Ends) => {
        await inject(a, b, packSegment(SEGMENT.PING, 1, new Uint8Array(8)));
      }
    ],
    [
      'a REKEY that carries something',
      async ({ a, b }: Ends) => {
        await inject(a, b, packSegment(SEGMENT.REKEY, 0, Uint8Array.of(1)));
      }
    ],
    [
      'a PING that is too long',
      async ({ a, b }: Ends) => {
        await inject(a, b, packSegment(SEGMENT.PING, 0, new Uint8Array(65)));
      }
    ],
    [
      'an unknown kind',
      async ({ a, b }: Ends) => {
        await inject(a, b, Uint8Array.of(9, 0, 0, 0, 0) as Segment);
      }
    ]
  ])('%s ends the link', async (_, misbehave) => {
    const both = ends();
    await misbehave(both);
    expect(both.b.fault?.code).toBe('malformed');
    expect([both.b.closes.length, both.b.closedCount]).toEqual([1, 1]);
  });
});

describe('pings', () => {
  test('are answered, and measured by the clock', async () => {
    const both = ends();
    const trip = both.a.channels.ping(1_000);
    await settle();
    await both.clock.advance(30);
    await exchange(both);
    expect(await trip).toBe(30);
  });

  test('that nobody answers time out, and leave the link alone', async () => {
    const both = ends();
    const trip = both.a.channels.ping(1_000).catch((error: unknown) => error);
    await both.clock.advance(1_000);
    expect(await trip).toMatchObject({ code: 'timeout' });
    expect(both.a.fault).toBeNull();
  });

  test('find a dead peer', async () => {
    const both = ends();
    await both.clock.advance(2 * KEEP_ALIVE);
    expect(both.a.fault?.code).toBe('timeout');
    expect(both.a.closes).toHaveLength(1);
  });

  test('keep an idle link whose peer is alive', async () => {
    const both = ends();
    for (let i = 0; i < 10; i += 1) {
      await both.clock.advance(KEEP_ALIVE);
      await exchange(both);
    }
    expect([both.a.fault, both.b.fault]).toEqual([null, null]);
  });
});

describe('new keys', () => {
  test('come after so many records, and nothing is lost between them', async () => {
    const both = ends({ rekeyAfter: 3 });
    const sent = Array.from({ length: 40 }, (_, i) => `<m n="${String(i)}"/>`);
    for (const message of sent) void both.a.channels.sendXml(xml(message));
    await exchange(both);
    expect(both.b.received).toEqual(sent);
    expect(both.a.secure.rekeys()).toBeGreaterThanOrEqual(13);
    expect(both.b.fault).toBeNull();
  });

  test('are used for no record before them, however many arrive at once and however short they are', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 4 }),
        fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 1, maxLength: 40 }),
        async (rekeyAfter, sizes) => {
          const both = ends({ rekeyAfter });
          const handlers = gather();
          both.b.channels.openBytes(1, handlers);
          const channel = both.a.channels.openBytes(1, gather());
          const pieces = sizes.map((size, i) => new Uint8Array(size).fill(i));
          for (const piece of pieces) void channel.write(piece);
          void both.a.channels.sendXml(xml('<m/>'));
          const records: Sealed[] = [];
          for (let taken = 1; taken > 0;) {
            await settle();
            taken = both.a.sent.length;
            records.push(...both.a.take());
          }
          for (const record of records) both.b.channels.receive(record);
          await settle();
          expect([both.a.fault, both.b.fault]).toEqual([null, null]);
          expect(handlers.data).toEqual(pieces.flatMap((piece) => [...piece]));
          expect(both.b.received).toEqual(['<m/>']);
        }
      )
    );
  });
});

describe('the end of a link', () => {
  test('in good order is told, once, and everything waiting is rejected', async () => {
    const both = ends();
    const handlers = gather();
    both.b.channels.openBytes(1, handlers);
    both.a.channels.close();
    await exchange(both);
    expect(both.b.fault?.code).toBe('link-ended');
    expect(handlers.closed.map((fault) => fault?.code)).toEqual(['link-ended']);
    expect([both.a.closedCount, both.a.closes.length, both.b.closedCount, both.b.closes.length]).toEqual([0, 1, 1, 1]);
    await expect(both.b.channels.sendXml(xml('x'))).rejects.toMatchObject({ code: 'link-ended' });
    await expect(both.a.channels.ping(10)).rejects.toMatchObject({ code: 'link-ended' });
  });

  test('with a fault carries it to the other end as it was', async () => {
    const both = ends();
    both.a.channels.close(new Fault('unreachable', { host: hostId('n1'), reason: 'two\nlines' }));
    await exchange(both);
    expect(both.b.fault).toMatchObject({ code: 'unreachable', detail: { host: 'n1', reason: 'two lines' } });
  });

  test('comes even when the peer reads nothing', async () => {
    const both = ends();
    for (let i = 0; i < 20; i += 1) void both.a.channels.sendXml(xml('x'.repeat(100)));
    both.a.channels.close();
    await both.clock.advance(1_000);
    expect(both.a.closes).toHaveLength(1);
    // Only the other end's keep-alive is left.
    expect(both.clock.waiting).toBe(1);
  });

  test('comes for a record that was altered, replayed or left out', async () => {
    for (const harm of [
      (records: Sealed[]) => records.map((record, i) => (i === 1 ? (record.with(9, 7) as Sealed) : record)),
      (records: Sealed[]) => records.flatMap((record, i) => (i === 1 ? [record, record] : [record])),
      (records: Sealed[]) => records.filter((_, i) => i !== 1)
    ]) {
      const both = ends();
      for (let i = 0; i < 4; i += 1) void both.a.channels.sendXml(xml(String(i)));
      const records: Sealed[] = [];
      while (records.length < 4) {
        await settle();
        records.push(...both.a.take());
      }
      for (const record of harm(records)) both.b.channels.receive(record);
      await settle();
      expect(both.b.fault?.code).toBe('integrity');
      expect(both.b.received.every((message, i) => message === String(i))).toBe(true);
    }
  });

  test('of the pipe comes after what was received before it', async () => {
    const both = ends();
    void both.a.channels.sendXml(xml('<last/>'));
    await settle();
    for (const record of both.a.take()) both.b.channels.receive(record);
    both.b.channels.ended(new Fault('gateway-lost', { url: 'ws://g', reason: 'gone' }));
    await settle();
    expect(both.b.received).toEqual(['<last/>']);
    expect(both.b.fault?.code).toBe('gateway-lost');
  });

  test('comes to a sender that never minds the back-pressure', async () => {
    const { a } = ends();
    for (let i = 0; i < 6; i += 1) void a.channels.sendXml(new Uint8Array(MAX_XML).fill(0x20) as Xml);
    await settle();
    expect(a.fault?.code).toBe('too-large');
  });
});

test('a receiver that cannot keep up asks the pipe to stop, and to go on', async () => {
  const pressure: boolean[] = [];
  const clock = new FakeClock();
  const a = new End(clock);
  const b = new End(clock, { onPressure: (high) => pressure.push(high) });
  void a.channels.sendXml(new Uint8Array(3_000_000).fill(0x20) as Xml);
  const records: Sealed[] = [];
  for (let i = 0; i < 50; i += 1) {
    await settle();
    records.push(...a.take());
  }
  for (const record of records) b.channels.receive(record);
  expect(pressure).toEqual([true]);
  await settle();
  await settle();
  await settle();
  expect(pressure).toEqual([true, false]);
  expect(b.received).toHaveLength(1);
});
