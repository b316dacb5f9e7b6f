import { expect, test } from 'vitest';
import { Fault } from '#lib/model/fault.ts';
import { MAX_PIECE } from '#lib/session/byte-channel.ts';
import { MemoryConsole } from '../../../../tests/support/memory-console.ts';
import { RawChannel } from './raw-channel.ts';

function opened() {
  const line = new MemoryConsole();
  const ends: (Fault | null)[] = [];
  let drawn = 0;
  const raw = new RawChannel(line, { drawn: () => drawn++, ended: (fault) => ends.push(fault) });
  const heard: number[][] = [];
  raw.onmessage = ({ data }) => heard.push([...new Uint8Array(data)]);
  return { line, raw, ends, heard, drawn: () => drawn };
}

test('it has all that noVNC looks for on the object or its prototype', () => {
  const { raw } = opened();
  const names = [...Object.keys(raw), ...Object.getOwnPropertyNames(Object.getPrototypeOf(raw))];
  for (const name of [
    'send',
    'close',
    'binaryType',
    'onerror',
    'onmessage',
    'onopen',
    'protocol',
    'readyState',
    'onclose'
  ])
    expect(names).toContain(name);
});

test('it opens when told, and hands on what comes from then', async () => {
  const { line, raw, heard } = opened();
  raw.send(Uint8Array.of(9));
  expect(line.written).toEqual([]);
  raw.open();
  await line.say(Uint8Array.of(1, 2));
  raw.send(Uint8Array.of(3, 0));
  expect(heard).toEqual([[1, 2]]);
  expect(line.text).toBe('\x03\0');
});

test('whole pieces arrive as they are, one after the other, as shorter ones do', async () => {
  const { line, raw, heard } = opened();
  raw.open();
  const said = [MAX_PIECE, 3, MAX_PIECE].map((length, turn) => new Uint8Array(length).fill(turn));
  for (const data of said) await line.say(data);
  expect(heard.map(({ length }) => length)).toEqual([MAX_PIECE, 3, MAX_PIECE]);
  for (const [turn, data] of heard.entries()) expect(new Set(data)).toEqual(new Set([turn]));
});

test('what it sends is copied, because noVNC fills the same buffer again', () => {
  const { line, raw } = opened();
  raw.open();
  const buffer = Uint8Array.of(1);
  raw.send(buffer);
  buffer[0] = 2;
  expect(line.text).toBe('\x01');
});

test('a request for what has changed since says that the picture was drawn; one for all of it does not', () => {
  const { raw, drawn } = opened();
  raw.open();
  raw.send(Uint8Array.of(3, 0, 0, 0));
  expect(drawn()).toBe(0);
  raw.send(Uint8Array.of(3, 1, 0, 0));
  expect(drawn()).toBe(1);
});

test('its end is told once, and not when the tab closed it', async () => {
  const first = opened();
  first.raw.open();
  await first.line.end(null);
  await first.line.end(null);
  expect(first.ends).toEqual([null]);
  const second = opened();
  second.raw.open();
  second.raw.close();
  await second.line.end(null);
  expect(second.ends).toEqual([]);
  expect(second.line.closed).toBe(true);
});

test('closed, it says so to noVNC as a socket does, afterwards', async () => {
  const { raw } = opened();
  raw.open();
  let closed = 0;
  raw.onclose = () => closed++;
  raw.close();
  raw.close();
  expect(closed).toBe(0);
  await Promise.resolve();
  expect(closed).toBe(1);
});

test('what noVNC cannot read ends this console, not the link it came by', async () => {
  const { line, raw, ends } = opened();
  raw.onmessage = () => {
    throw new Error('no such encoding');
  };
  raw.open();
  await line.say(Uint8Array.of(1));
  await line.say(Uint8Array.of(2));
  expect(ends.map((fault) => fault?.code)).toEqual(['malformed']);
});
