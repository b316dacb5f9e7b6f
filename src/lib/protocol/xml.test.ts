import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Fault, isFault } from '../model/fault.ts';
import { MAX_XML } from './schema.ts';
import { carriable, escapeAttribute, readXml, type XmlNode } from './xml.ts';
import { MAX_ATTRIBUTES, MAX_DEPTH, MAX_NODES } from './xml-tree.ts';

const UTF8 = new TextEncoder();
const read = (text: string) => readXml(UTF8.encode(text));
const root = (inside: string): string => `<r xmlns="urn:smps:1">${inside}</r>`;

function refusal(input: string | Uint8Array): Fault {
  try {
    readXml(typeof input === 'string' ? UTF8.encode(input) : input);
  } catch (thrown) {
    if (isFault(thrown)) return thrown;
    throw thrown;
  }
  throw new Error('it was accepted');
}

describe('what is read', () => {
  test('elements and attributes, in order, without the namespace declaration', () => {
    const plain = ({ name, attributes, children }: XmlNode): object => [name, [...attributes], children.map(plain)];
    expect(plain(read('<r xmlns="urn:smps:1" a="1"><b c="2"/><d><e/></d><b/></r>'))).toEqual([
      'r',
      [['a', '1']],
      [
        ['b', [['c', '2']], []],
        ['d', [], [['e', [], []]]],
        ['b', [], []]
      ]
    ]);
  });
  test('attributes, asked for in any order', () => {
    const { attributes } = read('<r xmlns="urn:smps:1" a="1" b="2" c="3"/>');
    expect(attributes.size).toBe(3);
    const asked = ['a', 'b', 'c', 'c', 'b', 'x', 'a', 'c'];
    expect(asked.map((name) => attributes.get(name) ?? '-')).toEqual(['1', '2', '3', '3', '2', '-', '1', '3']);
  });
  test('the five predefined entities and character references', () => {
    const node = read('<r xmlns="urn:smps:1" a="&lt;&gt;&amp;&quot;&apos;&#10;&#x1F600;"/>');
    expect(node.attributes.get('a')).toBe('<>&"\'\n😀');
  });
  test('names and values that mean something to JavaScript, as plain text', () => {
    const node = read('<__proto__ xmlns="urn:smps:1" __proto__="a" constructor="b"><toString/></__proto__>');
    expect([...node.attributes]).toEqual([
      ['__proto__', 'a'],
      ['constructor', 'b']
    ]);
    expect(node.children[0]?.name).toBe('toString');
    expect(({} as { a?: string }).a).toBeUndefined();
  });
  test('the deepest and the widest that are allowed', () => {
    const depth = MAX_DEPTH - 1;
    expect(() => read(root('<a>'.repeat(depth) + '</a>'.repeat(depth)))).not.toThrow();
    const attributes = Array.from({ length: MAX_ATTRIBUTES }, (_, i) => ` a${i}=""`).join('');
    expect(() => read(root(`<a${attributes}/>`))).not.toThrow();
  });
});

describe('what is refused as malformed', () => {
  const billion = Array.from({ length: 9 }, (_, i) => `<!ENTITY l${i + 1} "${`&l${i};`.repeat(10)}">`).join('');
  test.each([
    ['nothing', ''],
    ['only white space', ' \n'],
    ['no XML', 'hello'],
    ['JSON', '{"id":1}'],
    ['an XML declaration', `<?xml version="1.0"?>${root('')}`],
    ['XML 1.1', `<?xml version="1.1"?>${root('')}`],
    ['a byte order mark', `\ufeff${root('')}`],
    ['a DOCTYPE', `<!DOCTYPE r>${root('')}`],
    ['an external entity', `<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]>${root('&x;')}`],
    ['a billion laughs', `<!DOCTYPE r [<!ENTITY l0 "lol">${billion}]>${root('&l9;')}`],
    ['a processing instruction', root('<?php echo 1 ?>')],
    ['a stylesheet', `<?xml-stylesheet href="x"?>${root('')}`],
    ['a comment', root('<!-- -->')],
    ['a comment after the root', `${root('')}<!-- -->`],
    ['a CDATA section', root('<![CDATA[x]]>')],
    ['an empty CDATA section', root('<![CDATA[]]>')],
    ['text', root('x')],
    ['text given as a reference', root('&#120;')],
    ['a no-break space between elements', root('\u00a0')],
    ['an undefined entity', root('<a b="&nbsp;"/>')],
    ['an entity named as a property of Object', root('<a b="&constructor;"/>')],
    ['the entity __proto__', root('<a b="&__proto__;"/>')],
    ['a reference to U+0000', root('<a b="&#0;"/>')],
    ['a reference to a surrogate', root('<a b="&#xD800;"/>')],
    ['a bare ampersand', root('<a b="&"/>')],
    ['NUL', root('<a b="\0"/>')],
    ['NUL after the root', `${root('')}\0`],
    ['a control character', root('<a b="\u0001"/>')],
    ['< in an attribute', root('<a b="<"/>')],
    ['two roots', root('') + root('')],
    ['text after the root', `${root('')}x`],
    ['an unclosed element', '<r xmlns="urn:smps:1">'],
    ['an unclosed tag', '<r xmlns="urn:smps:1"'],
    ['crossed tags', root('<a><b></a></b>')],
    ['an attribute given twice', root('<a b="1" b="2"/>')],
    ['an attribute given twice, empty first', root('<a b="" b="2"/>')],
    ['an attribute without a value', root('<a b/>')],
    ['an attribute without quotes', root('<a b=1/>')],
    ['no namespace', '<r/>'],
    ['another namespace', '<r xmlns="urn:smps:2"/>'],
    ['a namespace with a space', '<r xmlns="urn:smps:1 "/>'],
    ['a prefixed root', '<s:r xmlns:s="urn:smps:1"/>'],
    ['a declared prefix', '<r xmlns="urn:smps:1" xmlns:s="urn:other"/>'],
    ['a prefixed child', root('<s:a/>')],
    ['a prefixed attribute', root('<a s:b=""/>')],
    ['xml:lang', root('<a xml:lang="en"/>')],
    ['the namespace declared again', root('<a xmlns="urn:smps:1"/>')],
    ['the namespace taken away', root('<a xmlns=""/>')],
    ['too deep', root('<a>'.repeat(MAX_DEPTH) + '</a>'.repeat(MAX_DEPTH))],
    ['ten thousand deep', `<r xmlns="urn:smps:1">${'<a>'.repeat(10_000)}`],
    ['too many attributes', root(`<a${Array.from({ length: MAX_ATTRIBUTES + 1 }, (_, i) => ` a${i}=""`).join('')}/>`)],
    ['too many elements', root('<a/>'.repeat(MAX_NODES))]
  ])('%s', (_, document) => {
    expect(refusal(document).code).toBe('malformed');
  });

  test.each([
    ['a stray continuation byte', [0x80]],
    ['an overlong slash', [0xc0, 0xaf]],
    ['a surrogate', [0xed, 0xa0, 0x80]],
    ['beyond Unicode', [0xf4, 0x90, 0x80, 0x80]],
    ['a cut sequence', [0xe2, 0x82]],
    ['Latin-1', [0xe9]]
  ])('invalid UTF-8: %s', (_, bytes) => {
    const [before = '', after = ''] = root('<a b="*"/>').split('*');
    const document = Uint8Array.from([...UTF8.encode(before), ...bytes, ...UTF8.encode(after)]);
    expect(refusal(document).message).toContain('not valid UTF-8');
  });
  test.each(['utf-16le', 'utf-16be'])('%s', (encoding) => {
    const units = Array.from(root(''), (character) => character.charCodeAt(0));
    const bytes = units.flatMap((unit) => (encoding === 'utf-16le' ? [unit, 0] : [0, unit]));
    expect(refusal(Uint8Array.from(bytes)).code).toBe('malformed');
    expect(
      refusal(Uint8Array.from(encoding === 'utf-16le' ? [0xff, 0xfe, ...bytes] : [0xfe, 0xff, ...bytes])).code
    ).toBe('malformed');
  });
  test('the place is named, and never echoes more than a little of a hostile name', () => {
    expect(refusal('<r xmlns="urn:smps:1"><a><b c="1" c="2"/></a></r>').message).toBe(
      'r/a/b@c is malformed: an attribute is given twice'
    );
    expect(refusal(root(`<${'x'.repeat(100_000)} a="" a=""/>`)).message.length).toBeLessThan(600);
  });
});

describe('size', () => {
  test('a byte above 4 MiB is too large, whatever it says', () => {
    expect(refusal(new Uint8Array(MAX_XML + 1)).code).toBe('too-large');
  });
  test('4 MiB are read, be it one attribute', () => {
    const empty = root('<a b=""/>').length;
    const value = 'x'.repeat(MAX_XML - empty);
    expect(read(root(`<a b="${value}"/>`)).children[0]?.attributes.get('b')?.length).toBe(value.length);
  });
});

describe('4 MiB of the same are judged in time that grows with their length only', () => {
  // Anything quadratic in 4 MiB takes minutes.
  test.each([
    ['one name', '<a', 'a'],
    ['attributes', '<a', ' a=""'],
    ['references', '<a b="', '&lt;'],
    ['one reference', '<a b="&', 'x'],
    ['one character reference', '<a b="&#x', '0'],
    ['white space', '', '\r\n'],
    ['levels', '', '<a>'],
    ['elements', '', '<a/>'],
    ['CDATA', '<![CDATA[', ']'],
    ['entities', '<!DOCTYPE a [', '<!ENTITY a "b">'],
    ['tag ends', '<a', '>']
  ])('%s', (_, head, unit) => {
    const start = `<r xmlns="urn:smps:1">${head}`;
    const document = UTF8.encode(start + unit.repeat((MAX_XML - start.length) / unit.length));
    const started = performance.now();
    expect(refusal(document).code).toBe('malformed');
    expect(performance.now() - started).toBeLessThan(5_000);
  });
});

describe('escaping', () => {
  test('any text either comes back as it was or is refused, and is refused only for what XML cannot carry', () => {
    const anyText = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string({ unit: 'grapheme' }),
      fc.string({ unit: 'binary-ascii' })
    );
    fc.assert(
      fc.property(anyText, (text) => {
        let escaped: string;
        try {
          escaped = escapeAttribute('b', text);
        } catch (thrown) {
          expect(thrown).toMatchObject({ code: 'bad-argument', detail: { name: 'b' } });
          expect(carriable(text)).not.toBe(text);
          return;
        }
        expect(carriable(text)).toBe(text);
        expect(read(root(`<a b="${escaped}"/>`)).children[0]?.attributes.get('b')).toBe(text);
      }),
      { numRuns: 1000 }
    );
  });
  test('every character of the basic plane on its own', () => {
    for (let code = 0; code <= 0xffff; code++) {
      const text = `a${String.fromCharCode(code)}`;
      // XML 1.0 §2.2 Char
      const char =
        code === 9 ||
        code === 10 ||
        code === 13 ||
        (code >= 0x20 && code <= 0xd7ff) ||
        (code >= 0xe000 && code <= 0xfffd);
      expect(carriable(text) === text).toBe(char);
      if (!char) expect(() => escapeAttribute('b', text)).toThrow(Fault);
    }
  });
  test('what cannot be carried is replaced, and nothing else is', () => {
    expect(carriable('a\0b\u001b[1m\ud800c😀\n')).toBe('a\ufffdb\ufffd[1m\ufffdc😀\n');
  });
});
