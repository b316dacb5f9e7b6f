import { expect, test } from 'vitest';
import { zh } from '#lib/messages/zh.ts';
import { TabLanguage } from './language.svelte.ts';

test('a chosen language is spoken at once, named to the browser, and kept', async () => {
  const language = new TabLanguage();
  await language.choose('zh-CN');
  expect(language.m).toBe(zh);
  expect(document.documentElement.lang).toBe('zh-CN');
  expect(new TabLanguage().wish).toBe('zh-CN');
});

test('of two choices the later one is spoken', async () => {
  const language = new TabLanguage();
  await Promise.all([language.choose('zh-CN'), language.choose('en')]);
  expect(language.tag).toBe('en');
  expect(document.documentElement.lang).toBe('en');
});
