import { expect, test } from 'vitest';
import { LANGUAGES, languageFor, loadMessages } from './messages.ts';
import { en } from './en.ts';
import { plural } from './plural.ts';

/** `area.key`: its text, or what it prints for sample arguments. */
function* texts(value: object, path = ''): Generator<readonly [string, string]> {
  for (const [key, each] of Object.entries(value) as [string, unknown][]) {
    const at = path === '' ? key : `${path}.${key}`;
    if (typeof each === 'string') yield [at, each];
    else if (typeof each === 'function') yield [at, String((each as (...args: unknown[]) => unknown)(2, 2, 2, 2))];
    else if (typeof each === 'object' && each !== null) yield* texts(each, at);
  }
}

test.each(LANGUAGES)('%s has every key, and no empty text', async (tag) => {
  const found = new Map(texts(await loadMessages(tag)));
  expect([...found.keys()].sort()).toEqual([...new Map(texts(en)).keys()].sort());
  expect([...found].filter(([, text]) => text.trim() === '')).toEqual([]);
});

test('the reader’s first language that there is, is taken', () => {
  expect(languageFor(['de-DE', 'zh-TW', 'en'])).toBe('zh-CN');
  expect(languageFor(['de'])).toBe('en');
  expect(languageFor([])).toBe('en');
});

test('a plural is written by the rules of its language', () => {
  const english = plural('en');
  const forms = { one: '# host', other: '# hosts' };
  expect([0, 1, 2, 20_000].map((n) => english(n, forms))).toEqual([
    '0\u00a0hosts',
    '1\u00a0host',
    '2\u00a0hosts',
    '20,000\u00a0hosts'
  ]);
  expect(plural('zh-CN')(1, { other: '# 台主机' })).toBe('1\u00a0台主机');
});
