import { afterEach, expect, test, vi } from 'vitest';
import { Fault } from '#lib/model/fault.ts';
import type { HostId } from '#lib/model/ids.ts';
import { MemoryConsole } from '../../../../tests/support/memory-console.ts';
import { canShowConsole, ConsoleSession } from './session.svelte.ts';

const lost = new Fault('link-ended', { what: 'the link', by: 'the other end' });
const taken = new Fault('busy', { what: 'the serial line of web-1', by: 'Ada' });

afterEach(() => {
  vi.useRealTimers();
});

const [HERE, THERE] = ['n1', 's1'] as HostId[] as [HostId, HostId];

/** Each opening answers with the next of `outcomes`, and at last with open consoles. */
function aSession(...outcomes: Fault[]) {
  const consoles: MemoryConsole[] = [];
  const asked: boolean[] = [];
  const places: HostId[] = [];
  const session = new ConsoleSession((at, takeOver) => {
    places.push(at);
    asked.push(takeOver);
    const fault = outcomes.shift();
    if (fault) return Promise.reject(fault);
    const line = new MemoryConsole();
    consoles.push(line);
    return Promise.resolve(line);
  }, HERE);
  const update = (ready: boolean, host = HERE, moving = false): void => session.update({ host, ready, moving });
  const settle = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));
  const end = (fault: Fault | null): void => {
    const { state } = session;
    if (state.kind === 'open') session.ended(state.channel, fault);
  };
  return { session, update, consoles, asked, places, settle, end };
}

test('it opens once the VM can be looked into, and not before', async () => {
  const { session, update, asked, settle } = aSession();
  expect(session.state.kind).toBe('waiting');
  update(false);
  expect(asked).toEqual([]);
  update(true);
  update(true);
  await settle();
  expect(session.state.kind).toBe('open');
  expect(asked).toEqual([false]);
});

test('after a lost link it waits for the next one and opens anew', async () => {
  const { session, update, asked, settle, end } = aSession();
  update(true);
  await settle();
  update(false);
  expect(session.state.kind).toBe('open');
  end(lost);
  expect(session.state.kind).toBe('waiting');
  update(true);
  await settle();
  expect(session.state.kind).toBe('open');
  expect(asked).toHaveLength(2);
});

test('what passes by itself is tried again, later each time, and at once when the operator wishes', async () => {
  vi.useFakeTimers();
  const { session, update, asked } = aSession(lost, lost, lost);
  update(true);
  await vi.advanceTimersByTimeAsync(0);
  expect(session.state).toMatchObject({ kind: 'retrying', fault: lost });
  await vi.advanceTimersByTimeAsync(250);
  expect(asked).toHaveLength(2);
  await session.connect();
  expect(asked).toHaveLength(3);
  await vi.advanceTimersByTimeAsync(15_000);
  expect(session.state.kind).toBe('open');
  expect(asked).toHaveLength(4);
});

test('a line that is somebody else’s is left to the operator, who may take it over', async () => {
  const { session, update, asked, settle } = aSession(taken);
  update(true);
  await settle();
  expect(session.state).toEqual({ kind: 'ended', fault: taken });
  await session.connect(true);
  expect(session.state.kind).toBe('open');
  expect(asked).toEqual([false, true]);
});

test('a line that was taken over here is not taken back by itself', async () => {
  const { session, update, asked, settle, end } = aSession();
  update(true);
  await settle();
  end(taken);
  expect(session.state).toEqual({ kind: 'ended', fault: taken });
  expect(asked).toHaveLength(1);
});

test('a VM that stops closes its console, whichever is heard of first; when it runs again, so does the console', async () => {
  for (const order of ['channel', 'state']) {
    const { session, update, settle, end } = aSession();
    update(true);
    await settle();
    if (order === 'channel') {
      end(null);
      expect(session.state).toEqual({ kind: 'ended', fault: null });
    }
    update(false);
    if (order === 'state') end(null);
    expect(session.state.kind).toBe('waiting');
    update(true);
    await settle();
    expect(session.state.kind).toBe('open');
  }
});

test('a VM that moves takes its console along: it is not said to be closed, and opens at the other host alone', async () => {
  const { session, update, settle, end, places } = aSession();
  update(true);
  await settle();
  update(true, HERE, true);
  expect(session.state.kind).toBe('open');
  end(null);
  expect(session.state.kind).toBe('following');
  await settle();
  expect(places).toEqual([HERE]);
  update(true, THERE, false);
  await settle();
  expect(session.state.kind).toBe('open');
  expect(places).toEqual([HERE, THERE]);
});

test('a console that ends after its VM was seen elsewhere opens there', async () => {
  for (const fault of [null, lost, new Fault('not-found', { kind: 'VM', id: 'x' })]) {
    vi.useFakeTimers();
    const { session, update, end, places } = aSession();
    update(true);
    await vi.advanceTimersByTimeAsync(0);
    update(true, THERE);
    expect(session.state.kind).toBe('open');
    end(fault);
    await vi.advanceTimersByTimeAsync(250);
    expect(session.state.kind).toBe('open');
    expect(places).toEqual([HERE, THERE]);
  }
});

test('a move that nobody told of is followed too, and one that comes to nothing opens it where it was', async () => {
  const untold = aSession();
  untold.update(true);
  await untold.settle();
  untold.end(null);
  expect(untold.session.state).toEqual({ kind: 'ended', fault: null });
  untold.update(true, THERE);
  await untold.settle();
  expect(untold.places).toEqual([HERE, THERE]);
  const stayed = aSession();
  stayed.update(true, HERE, true);
  await stayed.settle();
  stayed.end(null);
  expect(stayed.session.state.kind).toBe('following');
  stayed.update(true);
  await stayed.settle();
  expect(stayed.places).toEqual([HERE, HERE]);
  expect(stayed.session.state.kind).toBe('open');
});

test('while it moves a host that does not have it yet, or any more, is asked again without a word', async () => {
  vi.useFakeTimers();
  const none = new Fault('not-found', { kind: 'VM', id: 'x' });
  const { session, update, places } = aSession(none, new Fault('wrong-state', { state: 'off', needs: 'running' }));
  update(true, HERE, true);
  await vi.advanceTimersByTimeAsync(0);
  expect(session.state.kind).toBe('following');
  update(true, THERE, true);
  await vi.advanceTimersByTimeAsync(0);
  expect(session.state.kind).toBe('following');
  await vi.advanceTimersByTimeAsync(1_000);
  expect(session.state.kind).toBe('open');
  expect(places).toEqual([HERE, THERE, THERE]);
});

test('a line that is somebody else’s stays so when the VM moves', async () => {
  const { session, update, settle, places } = aSession(taken);
  update(true);
  await settle();
  update(true, THERE);
  await settle();
  expect(session.state).toEqual({ kind: 'ended', fault: taken });
  expect(places).toEqual([HERE]);
});

test('the end of an earlier channel does not end the one there is now', async () => {
  const { session, update, settle, end } = aSession();
  update(true);
  await settle();
  const before = session.state;
  if (before.kind !== 'open') throw new Error('not open');
  end(lost);
  await session.connect();
  const now = session.state;
  session.ended(before.channel, lost);
  expect(session.state).toBe(now);
});

test('closed, it closes what it has and what comes late, and does nothing more', async () => {
  const first = aSession();
  first.update(true);
  await first.settle();
  first.session.close();
  expect(first.consoles.map(({ closed }) => closed)).toEqual([true]);
  const second = aSession();
  second.update(true);
  second.session.close();
  await second.settle();
  expect(second.consoles.map(({ closed }) => closed)).toEqual([true]);
  expect(second.session.state.kind).toBe('ended');
  second.update(false);
  second.update(true);
  expect(second.asked).toHaveLength(1);
});

test('a VM that is off has no console, a paused one has', () => {
  expect(['off', 'crashed', 'unknown'].map((state) => canShowConsole(state as 'off'))).toEqual([false, false, false]);
  expect((['running', 'paused', 'moving', 'stopping', 'starting'] as const).every(canShowConsole)).toBe(true);
});
