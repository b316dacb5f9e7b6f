import { expect, test } from 'vitest';
import { Fault } from '#lib/model/fault.ts';
import { printTicket } from '#lib/seal/ticket.ts';
import type { HostId } from '#lib/model/ids.ts';
import { pairFragment } from './fragment.ts';
import { readPairing } from './text.ts';

const key = new Uint8Array(65).fill(7);
key[0] = 4;
const ticket = (host: string): string =>
  printTicket({ host: host as HostId, hostKey: key, code: new Uint8Array(16).fill(9) });
const hosts = (text: string): string[] => readPairing(text).tickets.map(({ host }) => host);

test('a link, one ticket, or several in any mixture of lines and commas are read', () => {
  expect(hosts(ticket('n1'))).toEqual(['n1']);
  expect(hosts(` ${ticket('n1')},${ticket('a.b')}\n${ticket('s1')} `)).toEqual(['n1', 'a.b', 's1']);
  const link = readPairing(`https://vmm.example/#pair=${ticket('n1')},${ticket('n2')}`);
  expect(link.gateway).toBe('wss://vmm.example/v1/link');
  expect(link.tickets).toHaveLength(2);
});

test('what is not a ticket is refused without repeating it', () => {
  const secret = ticket('n1').slice(0, -3);
  try {
    readPairing(secret);
    expect.unreachable();
  } catch (thrown) {
    expect(Fault.from(thrown).code).toBe('bad-argument');
    expect(Fault.from(thrown).message).not.toContain(secret.slice(10, 30));
  }
});

test('only a pairing fragment is one', () => {
  expect(pairFragment(`#pair=${ticket('n1')}`)).toBe(ticket('n1'));
  expect(['', '#', '#subject', '#pairs=x'].map(pairFragment)).toEqual([null, null, null, null]);
});

test('a mangled fragment is refused like any other text, and keeps no page from being shown', () => {
  expect(pairFragment('#pair=%E0%A4%A')).toBe('%E0%A4%A');
  expect(() => readPairing('%E0%A4%A')).toThrow(Fault);
});
