import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { namingOf, plain, withTitle } from './names.ts';
import { find, printElement, readElement, textOf } from './xml.ts';

const ID = '6f1b8223-4312-4389-8f32-4cf9de46504f';

describe('the name libvirt gets', () => {
  it.each(['web-1', 'o’brien', 'db <primary>', 'Übersicht'])('is the operator’s own where it can be: %s', (name) => {
    expect(namingOf(name, ID)).toEqual({ name, title: null });
  });

  it.each(['a/b', '.hidden', '数'.repeat(20), 'x'.repeat(201)])('is a plain one where it cannot: %s', (name) => {
    const naming = namingOf(name, ID);
    expect(naming.title).toBe(name);
    expect(naming.name).toMatch(/^[A-Za-z0-9_+-][A-Za-z0-9._+-]{0,48}$/);
    expect(naming.name).toContain('6f1b8223');
  });

  it('always fits into a socket path', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 128 }), (name) => {
        const given = namingOf(name, ID).name;
        const start = Array.from(given).slice(0, 20).join('');
        expect(Buffer.byteLength(start)).toBeLessThanOrEqual(24);
        expect(given).not.toContain('/');
        expect(plain(name)).toMatch(/^[A-Za-z0-9._+-]{0,40}$/);
      })
    );
  });
});

describe('the title', () => {
  const titleOf = (text: string): string | null => {
    const title = find(readElement(text), 'title');
    return title === null ? null : textOf(title);
  };

  it('is set, changed and removed with its note, and nothing else is', () => {
    const root = readElement(
      '<domain><name>a</name><metadata><x:y xmlns:x="u" k="v"/></metadata><memory>1</memory></domain>'
    );
    const titled = withTitle(root, '数');
    expect(titleOf(printElement(titled))).toBe('数');
    expect(titleOf(printElement(withTitle(titled, '数2')))).toBe('数2');
    const text = printElement(withTitle(titled, null));
    expect(titleOf(text)).toBeNull();
    expect(text).toContain('<x:y xmlns:x="u" k="v"/>');
    expect(text).toContain('<memory>1</memory>');
    expect(text).not.toContain('titled');
  });

  it('that another tool gave stays', () => {
    const root = readElement('<domain><title>theirs</title></domain>');
    expect(titleOf(printElement(withTitle(root, null)))).toBe('theirs');
  });
});
