import { describe, expect, it } from 'vitest';
import { Fault } from '../model/fault.ts';
import type { HostId } from '../model/ids.ts';
import { millis } from '../model/units.ts';
import { printTicket } from '../seal/ticket.ts';
import { changedPairing, gatewayUrl, parsePairing, parsePairingUrl } from './pairing.ts';
import type { Pairing } from './pairing.ts';

const ticket = (host: string) =>
  printTicket({
    host: host as HostId,
    hostKey: new Uint8Array(65).fill(4),
    code: new Uint8Array(16).fill(7)
  });
const refused = (link: string): string => {
  try {
    parsePairingUrl(link);
  } catch (thrown) {
    expect(Fault.from(thrown).code).toBe('bad-argument');
    return Fault.from(thrown).message;
  }
  throw new Error('it was accepted');
};

describe('a pairing link', () => {
  it('names the gateway by its page and the hosts by tickets in the fragment', () => {
    const { gateway, tickets } = parsePairingUrl(`http://localhost:8080/#pair=${ticket('a')},${ticket('b.example')}`);
    expect(gateway).toBe('ws://localhost:8080/v1/link');
    expect(tickets.map((one) => one.host)).toEqual(['a', 'b.example']);
  });

  it('is refused without a ticket, with a broken one, or with no page', () => {
    expect(refused('http://localhost:8080/')).toContain('no ticket');
    expect(refused('http://localhost:8080/#pair=')).toContain('no ticket');
    refused(`http://localhost:8080/#pair=${ticket('a').slice(0, -1)}`);
    refused(`#pair=${ticket('a')}`);
    refused(`file:///x#pair=${ticket('a')}`);
    refused(`http://u:p@localhost/#pair=${ticket('a')}`);
  });

  it('is never repeated in a message: it is a secret', () => {
    const secret = ticket('a').split('.')[2] ?? '';
    for (const link of [
      `ftp://x/#pair=${ticket('a')}`,
      `nonsense#pair=${ticket('a')}`,
      `http://x/#pair=${ticket('a')}x`
    ]) {
      expect(refused(link)).not.toContain(secret);
    }
  });
});

describe('a gateway URL', () => {
  it('is a WebSocket URL, of a page as safe as the page', () => {
    expect(gatewayUrl('https://vmm.example:8443/hosts?x=1')).toBe('wss://vmm.example:8443/v1/link');
    expect(gatewayUrl('wss://vmm.example/other#x')).toBe('wss://vmm.example/other');
  });
});

describe('a stored pairing', () => {
  const pairing: Pairing = {
    host: 'a' as HostId,
    gateway: 'wss://vmm.example/v1/link',
    hostKey: `B${'A'.repeat(86)}`,
    suite: 2,
    name: 'A',
    site: '',
    role: 'viewer',
    head: null,
    pairedAt: millis(3)
  };

  it('reads as it was written', () => {
    expect(parsePairing(JSON.parse(JSON.stringify(pairing)), 'x')).toEqual(pairing);
    const head = { number: 4, hash: '0'.repeat(64) };
    expect(parsePairing({ ...pairing, head }, 'x')).toEqual({ ...pairing, head });
  });

  it.each([
    ['no object', null],
    ['a number', 3],
    ['a missing field', { ...pairing, site: undefined }],
    ['an unknown field', { ...pairing, more: 1 }],
    ['a bad host id', { ...pairing, host: '../etc' }],
    ['a page instead of a gateway', { ...pairing, gateway: 'https://x/' }],
    ['a short key', { ...pairing, hostKey: 'BAAA' }],
    ['no such suite', { ...pairing, suite: 0 }],
    ['a name that turns the line', { ...pairing, name: 'a\u202E' }],
    ['no such role', { ...pairing, role: 'root' }],
    ['a head without hash', { ...pairing, head: { number: 1 } }],
    ['a fractional instant', { ...pairing, pairedAt: 1.5 }]
  ])('is refused with the file it came from: %s', (_, value) => {
    expect(() => parsePairing(value, 'the-file')).toThrow(/the-file/);
  });

  it('stays the same object when nothing changes', () => {
    const head = { number: 4, hash: '0'.repeat(64) };
    const known = { ...pairing, head };
    expect(changedPairing(known, { name: 'A', head: { ...head } })).toBe(known);
    expect(changedPairing(known, { head: null })).toEqual(pairing);
    expect(changedPairing(known, { name: 'B' })).toEqual({ ...known, name: 'B' });
  });
});
