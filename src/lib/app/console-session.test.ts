import { afterEach, expect, test, vi } from 'vitest';
import { Fault } from '#lib/model/fault.ts';
import { MemoryConsole } from '../../../tests/support/memory-console.ts';
import { canShowConsole, ConsoleSession } from './console-session.svelte.ts';

const lost = new Fault('link-ended', { what: 'the link', by: 'the other end' });
const taken = new Fault('busy', { what: 'the serial line of web-1', by: 'Ada' });

afterEach(() => {
  vi.useRealTimers();
});

/** Each opening answers with the next of `outcomes`, and at last with open consoles. */
function aSession(...outcomes: Fault[]) {
  const consoles: MemoryConsole[] = [];
  const asked: boolean[] = [];
  const session = new ConsoleSession((takeOver) => {
    asked.push(takeOver);
    const fault = outcomes.shift();
    if (fault) return Promise.reject(fault);
    const line = new MemoryConsole();
    consoles.push(line);
    return Promise.resolve(line);
  });
  const settle = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));
  const end = (fault: Fault | null): void => {
    const { state } = session;
    if (state.kind === 'open') session.ended(state.channel, fault);
  };
  return { session, consoles, asked, settle, end };
}

test('it opens once the VM can be looked into, and not before', async () => {
  const { session, asked, settle } = aSession();
  expect(session.state.kind).toBe('waiting');
  session.update(false);
  expect(asked).toEqual([]);
  session.update(true);
  session.update(true);
  await settle();
  expect(session.state.kind).toBe('open');
  expect(asked).toEqual([false]);
});

test('after a lost link it waits for the next one and opens anew', async () => {
  const { session, asked, settle, end } = aSession();
  session.update(true);
  await settle();
  session.update(false);
  expect(session.state.kind).toBe('open');
  end(lost);
  expect(session.state.kind).toBe('waiting');
  session.update(true);
  await settle();
  expect(session.state.kind).toBe('open');
  expect(asked).toHaveLength(2);
});

test('what passes by itself is tried again, later each time, and at once when the operator wishes', async () => {
  vi.useFakeTimers();
  const { session, asked } = aSession(lost, lost, lost);
  session.update(true);
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
  const { session, asked, settle } = aSession(taken);
  session.update(true);
  await settle();
  expect(session.state).toEqual({ kind: 'ended', fault: taken });
  await session.connect(true);
  expect(session.state.kind).toBe('open');
  expect(asked).toEqual([false, true]);
});

test('a line that was taken over here is not taken back by itself', async () => {
  const { session, asked, settle, end } = aSession();
  session.update(true);
  await settle();
  end(taken);
  expect(session.state).toEqual({ kind: 'ended', fault: taken });
  expect(asked).toHaveLength(1);
});

test('a VM that stops closes its console, whichever is heard of first; when it runs again, so does the console', async () => {
  for (const order of ['channel', 'state']) {
    const { session, settle, end } = aSession();
    session.update(true);
    await settle();
    if (order === 'channel') {
      end(null);
      expect(session.state).toEqual({ kind: 'ended', fault: null });
    }
    session.update(false);
    if (order === 'state') end(null);
    expect(session.state.kind).toBe('waiting');
    session.update(true);
    await settle();
    expect(session.state.kind).toBe('open');
  }
});

test('the end of an earlier channel does not end the one there is now', async () => {
  const { session, settle, end } = aSession();
  session.update(true);
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
  first.session.update(true);
  await first.settle();
  first.session.close();
  expect(first.consoles.map(({ closed }) => closed)).toEqual([true]);
  const second = aSession();
  second.session.update(true);
  second.session.close();
  await second.settle();
  expect(second.consoles.map(({ closed }) => closed)).toEqual([true]);
  expect(second.session.state.kind).toBe('ended');
  second.session.update(false);
  second.session.update(true);
  expect(second.asked).toHaveLength(1);
});

test('a VM that is off has no console, a paused one has', () => {
  expect(['off', 'crashed', 'unknown'].map((state) => canShowConsole(state as 'off'))).toEqual([false, false, false]);
  expect((['running', 'paused', 'moving', 'stopping', 'starting'] as const).every(canShowConsole)).toBe(true);
});
