import { describe, expect, it } from 'vitest';
import { FakeClock, settle } from '../../../tests/support/fake-clock.ts';
import { aVm, FakeHost } from '../../../tests/support/fake-host.ts';
import { Fault } from '../model/fault.ts';
import { millis } from '../model/units.ts';
import { openConsole } from './console.ts';
import type { ConsoleOptions } from './console.ts';
import { HostSession } from './host-session.ts';

const vm = aVm(1).id;

async function start(): Promise<{ host: FakeHost; clock: FakeClock; session: HostSession }> {
  const host = new FakeHost();
  const clock = new FakeClock();
  const session = new HostSession({
    pairing: {
      host: host.id,
      gateway: 'ws://localhost/v1/link',
      hostKey: 'B',
      suite: 1,
      name: 'h1',
      site: '',
      role: 'viewer',
      head: null,
      pairedAt: millis(0)
    },
    dial: (_, events) => host.dial(events),
    onUpdate: () => undefined,
    onPairing: () => undefined,
    clock,
    random: () => 0.5,
    randomBytes: (count) => crypto.getRandomValues(new Uint8Array(count))
  });
  session.connect();
  await settle();
  return { host, clock, session };
}
const codeOf = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'resolved',
    (thrown: unknown) => Fault.from(thrown).code
  );
const asked = (host: FakeHost): number => host.received.filter(({ op }) => op === 'console.open').length;

describe('a console', () => {
  const open = (session: HostSession, options: ConsoleOptions = {}) => openConsole(session, vm, 'serial', options);

  it('gives its reader what came before it was attached, and takes what is written', async () => {
    const { host, session } = await start();
    const console = await open(session);
    expect(console.readOnly).toBe(true);
    const theirs = host.channels.get(1);
    const [heard, told]: [number[], number[]] = [[], []];
    theirs?.attach({ onData: (data) => void heard.push(...data), onClosed: () => undefined });
    await theirs?.write(Uint8Array.of(1, 2));
    console.attach({ onData: (data) => void told.push(...data), onClosed: () => undefined });
    await theirs?.write(Uint8Array.of(3));
    await console.write(Uint8Array.of(9));
    await settle();
    expect([told, heard]).toEqual([[1, 2, 3], [9]]);
  });

  it('has a channel of its own, whatever became of the one before', async () => {
    const { host, session } = await start();
    (await open(session)).close();
    host.noConsoles = new Fault('busy', { what: 'the serial line', by: 'Ada' });
    expect(await codeOf(open(session))).toBe('busy');
    host.noConsoles = null;
    await open(session);
    expect([...host.channels.keys()]).toEqual([1, 2, 3]);
  });

  it('tells why the host closed it, also to a reader that comes later', async () => {
    const { host, session } = await start();
    const console = await open(session);
    const closed = Promise.withResolvers<Fault | null>();
    host.channels.get(1)?.close(new Fault('busy', { what: 'the serial line', by: 'Ada' }));
    console.attach({ onData: () => undefined, onClosed: closed.resolve });
    expect(await closed.promise).toMatchObject({ code: 'busy' });
  });

  it('ends with its link, and is not opened again on the next', async () => {
    const { host, clock, session } = await start();
    const console = await open(session);
    const closed = Promise.withResolvers<Fault | null>();
    console.attach({ onData: () => undefined, onClosed: closed.resolve });
    host.silent = true;
    const waiting = codeOf(open(session));
    await settle();
    expect(asked(host)).toBe(2);
    host.cut();
    expect(await closed.promise).toMatchObject({ code: 'unreachable' });
    expect(await waiting).toBe('unreachable');
    host.silent = false;
    await clock.advance(60_000);
    expect(session.online).toBe(true);
    expect(asked(host)).toBe(2);
  });

  it('is given up at a signal, and closed at the host', async () => {
    const { host, session } = await start();
    host.silent = true;
    const gone = new AbortController();
    const waiting = codeOf(open(session, { signal: gone.signal }));
    await settle();
    gone.abort(new Fault('cancelled', { by: 'the operator', left: '' }));
    expect(await waiting).toBe('cancelled');
    const closed = Promise.withResolvers<Fault | null>();
    host.channels.get(1)?.attach({ onData: () => undefined, onClosed: closed.resolve });
    expect(await closed.promise).toBeNull();
  });

  it('cannot be had of a host that is away', async () => {
    const { host, session } = await start();
    host.cut();
    expect(await codeOf(open(session))).toBe('offline');
    expect(host.channels.size).toBe(0);
  });
});
