import { describe, expect, it } from 'vitest';
import { FakeClock, settle } from '../../../tests/support/fake-clock.ts';
import { Fault } from '../model/fault.ts';
import type { HostId } from '../model/ids.ts';
import { nativeProvider } from '../seal/native.ts';
import type { Channels } from './channels.ts';
import { Gate } from './gate.ts';
import { Gateway } from './gateway.ts';
import type { LinkOptions } from './link.ts';

const host = 'h1' as HostId;
const lost = new Fault('gateway-lost', { url: 'ws://x', reason: 'gone' });
const wanted = { host, hostKey: new Uint8Array(65), atLeast: 1, pairing: null } as const;
const events = { onXml: () => undefined, onClosed: () => undefined };

function setUp() {
  const clock = new FakeClock();
  const dialled: LinkOptions[] = [];
  const seen = { back: 0, closed: 0 };
  // What the next attempts find; the last one holds on.
  const finds: (Fault | 'link' | 'silence')[] = ['link'];
  const gateway = new Gateway({
    transport: { open: () => Promise.reject(lost), close: () => undefined },
    provider: { ...nativeProvider(), kem: null },
    identity: {} as never, // handed on, never looked at
    gate: new Gate(2),
    clock,
    onBack: () => seen.back++,
    link: (_, options) => {
      dialled.push(options);
      const found = finds.length > 1 ? finds.shift() : finds[0];
      const channels = { close: () => seen.closed++ } as unknown as Channels;
      if (found === 'link') return Promise.resolve(channels);
      if (found === 'silence') return new Promise((resolve) => (answer = () => resolve(channels)));
      return Promise.reject(found ?? lost);
    }
  });
  let answer = (): void => undefined;
  const open = (signal = new AbortController().signal): Promise<string> =>
    gateway.open(wanted, events, signal).then(
      () => 'link',
      (thrown: unknown) => Fault.from(thrown).code
    );
  return { clock, dialled, seen, finds, gateway, open, answerLate: () => answer() };
}

describe('a gateway', () => {
  it('is not tried again at once by everybody who needs it after somebody found it lost', async () => {
    const { clock, dialled, finds, open } = setUp();
    finds[0] = lost;
    expect(await open()).toBe('gateway-lost');
    expect(await Promise.all([open(), open(), open()])).toEqual(Array(3).fill('gateway-lost'));
    expect(dialled).toHaveLength(1);
    await clock.advance(15_000);
    await open();
    expect(dialled).toHaveLength(2);
  });

  it('is tried at once when the operator wishes it', async () => {
    const { dialled, finds, gateway, open } = setUp();
    finds[0] = lost;
    await open();
    gateway.believe();
    await open();
    expect(dialled).toHaveLength(2);
  });

  it('tells when it is back after a loss, once, and not when it was never lost', async () => {
    const { clock, seen, finds, open } = setUp();
    expect(await open()).toBe('link');
    expect(seen.back).toBe(0);
    finds.unshift(lost);
    await open();
    await clock.advance(15_000);
    expect(await open()).toBe('link');
    expect(await open()).toBe('link');
    expect(seen.back).toBe(1);
  });

  it('is not taken for lost when only a host cannot be reached', async () => {
    const { dialled, seen, finds, open } = setUp();
    finds[0] = new Fault('unreachable', { host, reason: 'down' });
    await open();
    await open();
    expect(dialled).toHaveLength(2);
    expect(seen.back).toBe(0);
  });

  it('gives a silent host ten seconds, and then its place at the gate to the next', async () => {
    const { clock, dialled, finds, open } = setUp();
    finds[0] = 'silence';
    const all = [open(), open(), open()];
    await settle();
    expect(dialled).toHaveLength(2);
    await clock.advance(10_000);
    expect(await Promise.all(all.slice(0, 2))).toEqual(['unreachable', 'unreachable']);
    expect(dialled).toHaveLength(3);
  });

  it('closes a link that comes after it was no longer wanted', async () => {
    const { seen, finds, open, answerLate } = setUp();
    finds[0] = 'silence';
    const abort = new AbortController();
    const opening = open(abort.signal);
    await settle();
    abort.abort(new Fault('interrupted', { what: 'this' }));
    expect(await opening).toBe('interrupted');
    answerLate();
    await settle();
    expect(seen.closed).toBe(1);
  });

  it('offers only what this end can do, best first', async () => {
    const { dialled, open } = setUp();
    await open();
    expect(dialled[0]).toMatchObject({ suites: [1], atLeast: 1, pairing: null, host });
  });
});
