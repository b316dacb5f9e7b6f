import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { element, find, mapChildren, printElement, readElement, textOf } from './xml.ts';
import type { Element } from './xml.ts';

/** Text as a person may write it into a name or a description; blank text between elements is layout and not kept. */
const text = fc
  .string({ unit: 'grapheme' })
  .filter((value) => value.trim() !== '' && !/[\p{Cc}\p{Cs}\uFFFE\uFFFF]/u.test(value));
const name = fc.stringMatching(/^[a-z][a-z0-9-]{0,10}$/);
const attributes = fc.dictionary(name, text, { maxKeys: 4 });
const leaf: fc.Arbitrary<Element> = fc.record({
  name,
  attributes,
  children: fc.array(text, { maxLength: 1 })
});
const { tree } = fc.letrec<{ tree: Element }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 4 },
    leaf,
    fc.record({ name, attributes, children: fc.array(tie('tree'), { maxLength: 4 }) })
  )
}));

describe('XML', () => {
  it('is read as it was printed, whatever the text holds', () => {
    fc.assert(
      fc.property(tree, (root) => {
        expect(readElement(printElement(root))).toEqual(root);
      })
    );
  });

  it('keeps the order of everything it does not change', () => {
    const root = readElement('<d><a/><b x="1">t</b><a n="2"/></d>');
    const changed = mapChildren(root, (child) => (child.name === 'b' ? element('b', {}, 'u') : child));
    expect(printElement(changed)).toBe('<d><a/><b>u</b><a n="2"/></d>');
  });

  it('decodes numbers of characters and leaves nothing undecoded', () => {
    const root = readElement(`<d><n>a&#x41;&#66;&amp;lt;</n><e t='"'/></d>`);
    expect(textOf(find(root, 'n'))).toBe('aAB&lt;');
    expect(find(root, 'e')?.attributes).toEqual({ t: '"' });
  });

  it('refuses what is too large', () => {
    expect(() => readElement(`<a>${'x'.repeat(3_000_000)}</a>`)).toThrow(/larger than/);
  });
});
