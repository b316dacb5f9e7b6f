import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Fault } from '../model/fault.ts';
import { hostId } from '../model/ids.ts';
import { decodeBase64url, encodeBase64url } from './base64url.ts';
import { parseTicket, printTicket } from './ticket.ts';

const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length }).map((a) => new Uint8Array(a));
const ticket = fc.record({
  host: fc.stringMatching(/^[a-z0-9][a-z0-9._-]{0,63}$/).map(hostId),
  hostKey: bytes(64).map((rest) => new Uint8Array([4, ...rest])),
  code: bytes(16)
});

describe('a pairing ticket', () => {
  it('parses to what was printed, whatever dots the host id has', () => {
    fc.assert(
      fc.property(ticket, (value) => {
        expect(parseTicket(printTicket(value))).toEqual(value);
      })
    );
  });

  it('with anything added, missing or changed in form is refused without repeating it', () => {
    const text = printTicket({
      host: hostId('n1.b'),
      hostKey: new Uint8Array(65).with(0, 4),
      code: new Uint8Array(16)
    });
    const bad = [
      '',
      '.',
      '..',
      'n1',
      'n1.',
      text.slice(0, -1),
      `${text}A`,
      `${text} `,
      text.slice(4),
      text.replace('n1', 'N1')
    ];
    bad.push(text.replace(/\.B/, '.A'), text.replace(/.$/, 'B'), text.replace(/.$/, '='), `../${text}`, `.${text}`);
    for (const one of bad) {
      let fault: unknown = null;
      try {
        parseTicket(one);
      } catch (error) {
        fault = error;
      }
      expect(fault, one).toBeInstanceOf(Fault);
      expect(fault).toMatchObject({ code: 'bad-argument' });
      if (one.length > 30) expect((fault as Fault).message).not.toContain(one.slice(-20));
    }
  });
});

describe('base64url', () => {
  it('round-trips, without padding', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (value) => {
        const text = encodeBase64url(value);
        expect(text).toMatch(/^[A-Za-z0-9_-]*$/);
        expect(decodeBase64url('value', text)).toEqual(new Uint8Array(value));
      })
    );
  });

  it.each(['A', 'AB', 'AAAAA', 'AA==', 'A A', 'AA+A', 'AA/A', 'é', 'AAB'])(
    'refuses %j: not how it would be written',
    (text) => {
      expect(() => decodeBase64url('value', text)).toThrow(Fault);
    }
  );
});
