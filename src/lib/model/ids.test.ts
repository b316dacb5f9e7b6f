import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { NAME, TAG, commandId, hostId, operatorKey, revision, tagsOf, vmId } from './ids.ts';

const badArgument = expect.objectContaining({ code: 'bad-argument' }) as Error;

describe('a host id', () => {
  test.each(['n1', '0', 'north-1.example.org', 'a_b', 'a'.repeat(64)])('may be %s', (id) => {
    expect(hostId(id)).toBe(id);
  });
  test.each(['', '.', '..', '../n2', '-n', 'N1', 'n 1', 'n1\r\nX: y', 'n1\n', 'n/1', 'n%2f', 'é', 'a'.repeat(65)])(
    'may not be %j',
    (id) => {
      expect(() => hostId(id)).toThrow(badArgument);
    }
  );
  test('stays one path segment as it is', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[a-z0-9][a-z0-9._-]{0,63}$/), (id) => {
        expect(encodeURIComponent(hostId(id))).toBe(id);
        expect(new URL(`https://h/v1/hosts/${id}/link`).pathname).toBe(`/v1/hosts/${id}/link`);
      })
    );
  });
});

describe('VM and command ids', () => {
  test('are lower-case UUIDs and nothing near that', () => {
    const id = '0f5a3c1e-0000-4000-8000-000000000002';
    expect([vmId(id), commandId(id)]).toEqual([id, id]);
    for (const near of [id.toUpperCase(), `{${id}}`, id.replaceAll('-', ''), `${id}\n`, ` ${id}`, '']) {
      expect(() => vmId(near)).toThrow(badArgument);
      expect(() => commandId(near)).toThrow(badArgument);
    }
  });
  test('an error quotes only the beginning of what was given', () => {
    expect(() => vmId('x'.repeat(10_000))).toThrow(
      expect.objectContaining({ detail: expect.objectContaining({ value: 'x'.repeat(80) }) as object })
    );
  });
});

describe('an operator key', () => {
  const base64url = (raw: Uint8Array): string =>
    btoa(String.fromCharCode(...raw))
      .replaceAll('+', '-')
      .replaceAll('/', '_')
      .replaceAll('=', '');
  const point = fc.uint8Array({ minLength: 64, maxLength: 64 }).map((rest) => Uint8Array.of(4, ...rest));

  test('is any uncompressed point in base64url', () => {
    fc.assert(
      fc.property(point, (raw) => {
        expect(operatorKey(base64url(raw))).toHaveLength(87);
      })
    );
  });
  test('has one spelling only', () => {
    // Two unused bits at the end: four texts would decode to the same 65 bytes.
    const key = base64url(new Uint8Array(65).fill(0, 1).fill(4, 0, 1));
    expect(operatorKey(key)).toBe(key);
    for (const last of 'BCD') expect(() => operatorKey(key.slice(0, -1) + last)).toThrow(badArgument);
  });
  test.each([2, 3, 5, 6, 0])('is not a point of form %d', (form) => {
    const raw = new Uint8Array(65);
    raw[0] = form;
    expect(() => operatorKey(base64url(raw))).toThrow(badArgument);
  });
});

test('a revision is 16 hex digits', () => {
  expect(revision('0123456789abcdef')).toBe('0123456789abcdef');
  for (const near of ['0123456789abcde', '0123456789ABCDEF', '0123456789abcdefg', ''])
    expect(() => revision(near)).toThrow(badArgument);
});

describe('a name a person gives', () => {
  test.each([
    'db-1',
    'Äpfel & Birnen',
    '<script>alert(1)</script>',
    '数据库',
    '😀',
    'O\'Neil "x"',
    'עברית',
    'a  b',
    'x'.repeat(128),
    '😀'.repeat(128)
  ])('may be %j', (name) => {
    expect(NAME.test(name)).toBe(true);
  });
  test.each([
    '',
    ' ',
    ' a',
    'a ',
    '\ta',
    'a\u00a0',
    '\ufeffa',
    'a\nb',
    'a\rb',
    'a\u2028b',
    'a\u0085b',
    'a\0b',
    'a\u001b[31m',
    'a\u007fb',
    'a\u202eb',
    'a\u202ab',
    'a\u2066b',
    'a\u2069b',
    'a\u200eb',
    'a\u200fb',
    'a\u061cb',
    'a\ud800b',
    'x'.repeat(129),
    'x'.repeat(300),
    '😀'.repeat(129)
  ])('may not be %j', (name) => {
    expect(NAME.test(name)).toBe(false);
  });
  test('is judged in time that does not explode', () => {
    const started = performance.now();
    NAME.test(' '.repeat(100_000));
    NAME.test(`a${' '.repeat(100_000)}b`);
    NAME.test('x'.repeat(1_000_000));
    expect(performance.now() - started).toBeLessThan(1000);
  });
});

describe('a tag', () => {
  test.each(['db', 'a', 'eu west', 'Tier-1', 'v1.2:beta_x', '数据库', 'été', 'हिन्दी', '9', 'x'.repeat(40), '🔥'])(
    'may be %s',
    (tag) => {
      expect(tag).toMatch(TAG);
    }
  );
  test.each([
    '',
    ' db',
    'db ',
    '-x',
    '.x',
    '_x',
    ':x',
    'a,b',
    'a/b',
    '<b>',
    'a"b',
    "a'b",
    'a&b',
    'a=b',
    '#a',
    'x'.repeat(41),
    'a\tb',
    'a\nb',
    'a\u00a0b',
    'a\u202eb',
    'a\u200bb',
    'a\u2028b',
    'a\u0000b',
    'a\ud800'
  ])('may not be %j', (tag) => {
    expect(tag).not.toMatch(TAG);
  });
  test('is in one list only once, composed, whatever order it came in', () => {
    expect(tagsOf(['b', 'e\u0301', 'a', 'é', 'b'])).toEqual(['a', 'b', 'é']);
  });
});
