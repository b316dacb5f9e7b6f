// docs/WIRE.md is normative: what it lists is the schema, and what it shows is valid.
import { globSync, readFileSync } from 'node:fs';
import { XmlDocument, XsdValidator } from 'libxml2-wasm';
import { describe, expect, test } from 'vitest';
import type { Xml } from '../src/lib/model/stages.ts';
import { decodeCommand, decodeFromAgent, encodeCommand, encodeEvent, encodeReply } from '../src/lib/protocol/codec.ts';
import { commandAttributes } from '../src/lib/protocol/schema.ts';
import { wireName } from '../src/lib/protocol/shape.ts';
import { generateXsd, namedShapes } from '../src/lib/protocol/xsd.ts';
import { attributeMeanings, elementMeanings } from './wire-meanings.ts';
import { WIRE, meaningKeys, renewed } from './wire.ts';

const text = readFileSync(WIRE, 'utf8');

test('the listing is what scripts/wire.ts writes now', () => {
  expect(renewed(text)).toBe(text);
});

describe('references to sections', () => {
  const headings = [...text.matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) => heading.replaceAll('`', ''));
  const anchors = headings.map((heading) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-')
  );

  test('inside the text lead somewhere', () => {
    const targets = [...text.matchAll(/\]\(#([^)]*)\)/g)].map(([, target]) => target);
    expect(targets.filter((target = '') => !anchors.includes(target))).toEqual([]);
  });
  test('in comments of the code name one that exists', () => {
    const files = globSync(['src/**/*.ts', 'gateway/*.ts', 'host-agent/**/*.ts', 'scripts/*.ts']);
    const references = files.flatMap((file) =>
      [...readFileSync(file, 'utf8').matchAll(/docs\/WIRE\.md, “?([^)”;:.\n]*)/g)].map(([, section = '']) => ({
        file,
        section
      }))
    );
    expect(references.length).toBeGreaterThan(10);
    expect(references.filter(({ section }) => !headings.includes(section))).toEqual([]);
  });
});

describe('meanings', () => {
  const attributes = [
    ...Object.entries(commandAttributes).map(([key, attribute]) => ['command', wireName(key, attribute)] as const),
    ...[...namedShapes()].flatMap(([shape, type]) =>
      Object.entries(shape.attributes).map(([key, attribute]) => [type, wireName(key, attribute)] as const)
    )
  ];
  test('every element has one, and none is left over', () => {
    expect(Object.keys(elementMeanings).sort()).toEqual(['command', ...namedShapes().values()].sort());
  });
  test('every attribute has one', () => {
    const without = attributes.filter(
      ([type, name]) => !meaningKeys(type, name).some((key) => key in attributeMeanings)
    );
    expect(without).toEqual([]);
  });
  test('none is left over', () => {
    const used = new Set(
      attributes.map(([type, name]) => meaningKeys(type, name).find((key) => key in attributeMeanings))
    );
    expect(Object.keys(attributeMeanings).filter((key) => !used.has(key))).toEqual([]);
  });
});

describe('examples', () => {
  const examples = [...text.matchAll(/```xml\n([\s\S]*?)```/g)].map(([, xml]) => xml ?? '');
  const encoder = new TextEncoder();
  const bytes = (xml: string): Xml => encoder.encode(xml) as Xml;

  test('there is one of each kind of message', () => {
    const kinds = examples.map((xml) => /<([a-z]+)/.exec(xml)?.[1]);
    expect(new Set(kinds)).toEqual(new Set(['command', 'reply', 'event']));
  });
  test.each(examples)('%s', (xml) => {
    // Accepted here, valid there, and written by us with the same meaning.
    if (xml.startsWith('<command')) {
      const command = decodeCommand(bytes(xml));
      expect(decodeCommand(encodeCommand(command))).toEqual(command);
    } else {
      const said = decodeFromAgent(bytes(xml));
      const again = said.kind === 'reply' ? encodeReply(said.reply) : encodeEvent(said.event);
      expect(decodeFromAgent(again)).toEqual(said);
    }
    const schema = XmlDocument.fromString(generateXsd());
    const validator = XsdValidator.fromDoc(schema);
    const document = XmlDocument.fromString(xml);
    try {
      expect(() => {
        validator.validate(document);
      }).not.toThrow();
    } finally {
      document.dispose();
      validator.dispose();
      schema.dispose();
    }
  });
});
