// The published schema against what the codec says, judged by libxml2.
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { XmlDocument, XsdValidator } from 'libxml2-wasm';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { anyCommand, anyEvent, anyReply } from '../../../tests/support/arbitrary.ts';
import { Fault } from '../model/fault.ts';
import type { Xml } from '../model/stages.ts';
import { decodeCommand, decodeFromAgent, encodeCommand, encodeEvent, encodeReply } from './codec.ts';
import { commandShapes, event, reply } from './schema.ts';
import { wireName } from './shape.ts';
import type { Attribute, ElementShape } from './shape.ts';
import { escapeAttribute, readXml } from './xml.ts';
import type { XmlNode } from './xml.ts';
import { generateXsd } from './xsd.ts';

let schema: XmlDocument;
let validator: XsdValidator;
beforeAll(() => {
  schema = XmlDocument.fromString(generateXsd());
  validator = XsdValidator.fromDoc(schema);
});
afterAll(() => {
  validator.dispose();
  schema.dispose();
});

/** Null when valid, else libxml2's reason. */
function invalidity(xml: string | Uint8Array): string | null {
  const document = typeof xml === 'string' ? XmlDocument.fromString(xml) : XmlDocument.fromBuffer(xml);
  try {
    validator.validate(document);
    return null;
  } catch (thrown) {
    return String(thrown);
  } finally {
    document.dispose();
  }
}

test('static/schema/smps.xsd is what scripts/xsd.ts writes now', () => {
  expect(readFileSync('static/schema/smps.xsd', 'utf8')).toBe(generateXsd());
});

describe('everything the codec can say is valid', () => {
  test.each([
    ['commands', anyCommand.map(encodeCommand)],
    ['replies', anyReply.map(encodeReply)],
    ['events', anyEvent.map(encodeEvent)]
  ])('%s', (_, messages) => {
    fc.assert(
      fc.property(messages, (xml) => {
        expect(invalidity(xml)).toBeNull();
      }),
      { numRuns: 200 }
    );
  });
});

test('only the three messages are documents of this schema', () => {
  expect(invalidity('<vm.start xmlns="urn:smps:1" vm="0f5a3c1e-0000-4000-8000-000000000002"/>')).not.toBeNull();
  expect(invalidity('<event seq="1" at-ms="5"/>')).not.toBeNull();
  expect(invalidity('<event xmlns="urn:smps:1" seq="1" at-ms="5"/>')).toBeNull();
});

type Spot = { readonly root: XmlNode; readonly node: XmlNode; readonly attribute: string };

function write(node: XmlNode, spot: Spot, value: string): string {
  const attributes = [...node.attributes].map(([name, given]) => {
    const text = node === spot.node && name === spot.attribute ? value : given;
    return ` ${name}="${escapeAttribute(name, text)}"`;
  });
  const xmlns = node === spot.root ? ' xmlns="urn:smps:1"' : '';
  const children = node.children.map((child) => write(child, spot, value));
  return `<${node.name}${xmlns}${attributes.join('')}>${children.join('')}</${node.name}>`;
}

/** Each attribute of the schema as `parent/element@attribute`. */
function placesOf(shape: ElementShape, parent: string, places: Map<string, Attribute<unknown>>): void {
  for (const [key, attribute] of Object.entries(shape.attributes)) {
    places.set(`${parent}/${shape.name}@${wireName(key, attribute)}`, attribute);
  }
  for (const { element } of Object.values(shape.children)) placesOf(element(), shape.name, places);
}

/** Where each of them occurs in messages that were generated, with the smallest such message. */
function collect(
  root: XmlNode,
  node: XmlNode,
  parent: string,
  size: number,
  spots: Map<string, Spot & { size: number }>
): void {
  for (const attribute of node.attributes.keys()) {
    const place = `${parent}/${node.name}@${attribute}`;
    if (size < (spots.get(place)?.size ?? Infinity)) spots.set(place, { root, node, attribute, size });
  }
  for (const child of node.children) collect(root, child, node.name, size, spots);
}

describe('schema and codec agree about every attribute', () => {
  // Values that are near what is legal, put where each attribute is: both must say the same of each.
  const near = [
    '',
    ' ',
    '0',
    '-0',
    '-1',
    '1',
    '+1',
    '01',
    '1.0',
    '1.5',
    '1.2345',
    '1e3',
    '4096',
    '4097',
    '8589934591',
    '8589934592',
    '9007199254740991',
    '9007199254740992',
    '9999999999999999',
    '10000000000000000',
    '100',
    '100.001',
    '1000000000000001',
    'true',
    'false',
    'TRUE',
    'now',
    'running',
    'viewer',
    'x',
    'x'.repeat(64),
    'x'.repeat(65),
    'x'.repeat(128),
    'x'.repeat(129),
    'x'.repeat(256),
    'x'.repeat(257),
    'x'.repeat(1024),
    'x'.repeat(1025),
    'x'.repeat(2049),
    'x'.repeat(16384),
    'x'.repeat(16385),
    '😀'.repeat(64),
    '😀'.repeat(65),
    '😀'.repeat(128),
    '😀'.repeat(129),
    'a b',
    ' a',
    'a ',
    'a\u00a0',
    '\u00a0a',
    '\ufeffa',
    'a\u3000',
    'a\u180e',
    'a\tb',
    'a\nb',
    'a\u0085b',
    'a\u200bb',
    'a\u200eb',
    'a\u202eb',
    'a\u2028b',
    'a\u2066b',
    'a\u061cb',
    'é',
    '<script>',
    '.hidden',
    '../x',
    'a/b',
    'a+b_c-d.e',
    'A',
    'vda',
    'VDA',
    '52:54:00:00:00:01',
    '52:54:00:00:00:0G',
    '- 12 - 7',
    '10.0.0.1 fe80::1%eth0/64',
    '10.0.0.1,10.0.0.2',
    '0f5a3c1e-0000-4000-8000-000000000002',
    '0F5A3C1E-0000-4000-8000-000000000002',
    '0123456789abcdef',
    '0'.repeat(64),
    `BA${'A'.repeat(85)}`,
    `BA${'A'.repeat(84)}B`,
    `BQ${'A'.repeat(85)}`,
    `CA${'A'.repeat(85)}`
  ];
  // XSD trims numbers and lists before it looks at them; the codec takes one spelling only.
  const TRIMMED: ReadonlySet<string> = new Set(['whole', 'decimal', 'tokens', 'column']);

  const places = new Map<string, Attribute<unknown>>();
  for (const shape of [...Object.values(commandShapes), reply, event]) placesOf(shape, '', places);
  const spots = new Map<string, Spot & { size: number }>();
  const messages = fc.oneof(anyCommand.map(encodeCommand), anyReply.map(encodeReply), anyEvent.map(encodeEvent));
  for (const xml of fc.sample(messages, { numRuns: 1_200, seed: 1 })) {
    const root = readXml(xml);
    collect(root, root, '', xml.length, spots);
  }

  test('all of them are tried', () => {
    expect([...spots.keys()].sort()).toEqual([...places.keys()].sort());
    expect(places.size).toBeGreaterThan(100);
  });

  // The op decides what else there must be, which XSD 1.0 cannot say.
  test.each([...spots].filter(([place]) => place !== '/command@op'))('%s', (place, spot) => {
    const kind = places.get(place)?.domain.kind ?? '';
    const decode = spot.root.name === 'command' ? decodeCommand : decodeFromAgent;
    for (const value of near) {
      if (TRIMMED.has(kind) && /^\s|\s$|[\t\n]/.test(value)) continue;
      const xml = write(spot.root, spot, value);
      let accepted = true;
      try {
        decode(new TextEncoder().encode(xml) as Xml);
      } catch (thrown) {
        if (!(thrown instanceof Fault)) throw thrown;
        accepted = false;
      }
      const reason = invalidity(xml);
      expect({ value, accepted, reason }).toMatchObject({ value, accepted: reason === null });
    }
  });
});
